from collections.abc import Mapping

import pytest

from adapters import spree
from hub.broker import Delivery
from hub.model.failure import PermanentFailure
from hub.routing import RoutingTable
from hub.stages.admission import admit, admit_sender

TABLE = RoutingTable.parse(
    """
systems:
  queues: {adapter: spree, formats: [{version: "1", from: 2020-01-01}], stage: production,
    transport: amqp, limits: {parallel: 1, attempts: 1},
    endpoint: {exchange: spree.in, routing_key: "{authority}", user: spree}}
  files: {adapter: spree, formats: [{version: "1", from: 2020-01-01}], stage: production,
    transport: sftp, limits: {parallel: 1, attempts: 1}, endpoint: {user: files}}
  nobody: {adapter: spree, formats: [{version: "1", from: 2020-01-01}], stage: production,
    transport: amqp, limits: {parallel: 1, attempts: 1}, endpoint: {exchange: other.in}}
authorities:
  "990001": {name: Q, regional_keys: [], system: queues, services: all, back_channel: true}
  "990002": {name: F, regional_keys: [], system: files, services: all, back_channel: true}
  "990003": {name: N, regional_keys: [], system: nobody, services: all, back_channel: true}
senders:
  "alp:000001": {users: [one, first]}
  "alp:000002": {users: [two], services: [family]}
""",
    {spree.adapter.name: spree.adapter},
)


def a_delivery(user: str | None, headers: Mapping[str, str | int | bool]) -> Delivery:
    return Delivery(
        body=b"",
        routing_key="",
        exchange="hub.returns",
        queue="hub.interpret",
        message_id=None,
        type="update",
        content_type=None,
        reply_to=None,
        correlation_id=None,
        user_id=user,
        headers=headers,
        redelivered=False,
        death=None,
    )


@pytest.mark.parametrize(
    ("authority", "user", "cause"),
    [
        ("990001", "hub", None),
        ("990001", "spree", None),
        ("990001", "files", "sender.not_allowed"),
        ("990001", None, "sender.not_allowed"),
        ("990002", "hub", None),
        ("990002", "files", "sender.not_allowed"),  # a name at an SFTP door is no RabbitMQ user
        ("990002", "spree", "sender.not_allowed"),
        ("990003", "None", "sender.not_allowed"),
        ("990003", None, "sender.not_allowed"),
        ("990009", "hub", "authority.unknown"),
        (990001, "hub", None),
        (True, "hub", "authority.unknown"),
    ],
)
def test_the_user_at_the_connection_decides(
    authority: str | int | bool, user: str | None, cause: str | None
) -> None:
    delivery = a_delivery(user, {"authority": authority})
    if cause is None:
        admit(delivery, TABLE, {"hub"})
        return
    with pytest.raises(PermanentFailure) as raised:
        admit(delivery, TABLE, {"hub"})
    assert raised.value.cause == cause


def test_without_a_header_no_authority_is_meant() -> None:
    with pytest.raises(PermanentFailure, match=r"authority\.unknown"):
        admit(a_delivery("hub", {}), TABLE, {"hub"})


@pytest.mark.parametrize(
    ("sender", "user", "allowed"),
    [
        ("alp:000001", "one", True),
        ("alp:000001", "first", True),
        ("alp:000001", "two", False),
        ("alp:000001", "stranger", False),
        ("alp:000001", None, False),
        ("alp:000001", "hub", True),  # for what its own page brings, the hub vouches
        ("alp:000002", "one", False),
        ("alp:000003", None, True),  # not listed: nobody knows who that is at the broker
        ("alp:000003", "stranger", True),
        ("alp:000003", "one", False),  # but the user of another sender it is not
        ("alp:000003", "hub", True),
    ],
)
def test_a_listed_sender_is_its_users_and_nobody_else(
    sender: str, user: str | None, allowed: bool
) -> None:
    delivery = a_delivery(user, {})
    if allowed:
        admit_sender(delivery, sender, TABLE, {"hub"})
        return
    with pytest.raises(PermanentFailure, match=r"sender\.not_allowed"):
        admit_sender(delivery, sender, TABLE, {"hub"})


def test_a_listed_sender_sends_submissions_of_its_own_services_only() -> None:
    delivery = a_delivery("two", {})
    admit_sender(delivery, "alp:000002", TABLE, {"hub"}, "family")
    admit_sender(delivery, "alp:000002", TABLE, {"hub"})  # what follows a submission has none
    with pytest.raises(PermanentFailure, match=r"may not send submissions of employment"):
        admit_sender(delivery, "alp:000002", TABLE, {"hub"}, "employment")
