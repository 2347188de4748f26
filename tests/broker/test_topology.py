import pytest

from hub.broker import (
    DEAD,
    DEAD_LETTERS,
    DELIVERIES,
    INTAKE,
    MAILBOX,
    SUBMISSIONS,
    Binding,
    Broker,
    delivery_queue,
    mailbox_queue,
    topology,
)
from tests.broker.conftest import SMALL


def test_each_authority_and_provider_has_a_queue_of_its_own() -> None:
    assert Binding(DELIVERIES, "001900", delivery_queue("001900")) in SMALL.bindings
    assert Binding(MAILBOX, "local", mailbox_queue("local")) in SMALL.bindings
    assert Binding(SUBMISSIONS, "#", INTAKE) in SMALL.bindings
    assert [queue.name for queue in topology(["001900", "001900"], []).queues].count(
        delivery_queue("001900")
    ) == 1


@pytest.mark.parametrize("queue", SMALL.queues, ids=lambda queue: queue.name)
def test_every_queue_is_a_quorum_queue_with_a_positive_limit_and_somewhere_to_die(queue) -> None:
    assert queue.arguments["x-queue-type"] == "quorum"
    assert int(queue.arguments["x-delivery-limit"]) > 0
    assert (queue.arguments.get("x-dead-letter-exchange") == DEAD) == (queue.name != DEAD_LETTERS)


async def test_declaring_twice_changes_nothing(broker: Broker) -> None:
    await broker.publisher.publish(DELIVERIES, "001900", b"{}", type="reference")
    await broker.declare(SMALL)
    assert await broker.depths(queue.name for queue in SMALL.queues) == {
        queue.name: int(queue.name == delivery_queue("001900")) for queue in SMALL.queues
    }


async def test_a_queue_is_removed_only_when_empty(broker: Broker) -> None:
    full, empty = delivery_queue("001900"), delivery_queue("001800")
    await broker.publisher.publish(DELIVERIES, "001900", b"{}", type="reference")
    assert not await broker.remove_if_empty(full)
    assert await broker.remove_if_empty(empty)
    assert not await broker.remove_if_empty(empty)
    assert await broker.depths([full, empty]) == {full: 1}
