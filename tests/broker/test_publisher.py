import asyncio
from datetime import timedelta

import aio_pika
import pytest

from hub.broker import (
    DEAD,
    DELIVERIES,
    Broker,
    NoSuchExchange,
    NotConfirmed,
    Unroutable,
    delivery_queue,
)
from hub.broker.connection import TIMEOUT
from hub.sandbox.faults.cable import Cable
from hub.sandbox.rabbitmq import PrivateRabbitMQ
from tests.broker.conftest import a_broker

QUEUE = delivery_queue("001900")
OTHER = delivery_queue("001800")

LED_BY = """
    {{atomic, _}} = mnesia:transaction(fun() ->
        rabbit_amqqueue:update(rabbit_misc:r(<<"{vhost}">>, queue, <<"{queue}">>), fun(Queue) ->
            {{Name, _}} = amqqueue:get_pid(Queue), amqqueue:set_pid(Queue, {{Name, {node}}})
        end)
    end).
"""
"""Erlang: what RabbitMQ takes for the leader of a queue; a node that died, until a new one is."""

ANSWERS = """
    {{ok, Queue}} = rabbit_amqqueue:lookup(
        rabbit_misc:r(<<"{vhost}">>, queue, <<"{queue}">>)),
    ok = sys:{how}(element(1, amqqueue:get_pid(Queue))).
"""
"""Erlang: `suspend` and `resume` decide whether a queue does."""

CHANNELS = """
    {number} = length([Channel || Channel <- rabbit_channel:list(),
        [{{vhost, <<"{vhost}">>}}] <- [catch rabbit_channel:info(Channel, [vhost])]]).
"""


async def publish(broker: Broker, key: str = "001900", body: bytes = b"{}") -> None:
    await broker.publisher.publish(DELIVERIES, key, body, type="reference")


async def test_a_published_message_is_in_its_queue(broker: Broker) -> None:
    await asyncio.gather(*(publish(broker) for _ in range(50)))
    assert await broker.depths([QUEUE, "hub.missing", delivery_queue("001800")]) == {
        QUEUE: 50,
        delivery_queue("001800"): 0,
    }


async def test_the_hubs_own_exchanges_learn_who_published_and_others_do_not(
    amqp_url: str, broker: Broker
) -> None:
    assert broker.users == {"guest"}
    await publish(broker)
    await broker.publisher.publish_outside(DELIVERIES, "001900", b"{}", type="reference")
    async with await aio_pika.connect(amqp_url) as connection:
        queue = await (await connection.channel()).get_queue(QUEUE)
        first, second = [await queue.get(no_ack=True) for _ in range(2)]
    assert (first.user_id, second.user_id) == ("guest", None)


async def test_an_unroutable_message_raises_among_confirmed_ones(broker: Broker) -> None:
    outcomes = await asyncio.gather(
        *(publish(broker, key) for key in ["001900", "999999", "001800", "999999"]),
        return_exceptions=True,
    )
    assert [type(outcome) for outcome in outcomes] == [
        type(None),
        Unroutable,
        type(None),
        Unroutable,
    ]


async def test_a_missing_exchange_outside_is_named_and_the_next_publish_works(
    broker: Broker,
) -> None:
    with pytest.raises(NoSuchExchange, match=r"no exchange portal\.refusals"):
        await broker.publisher.publish_outside("portal.refusals", "k", b"{}", type="refusal")
    await publish(broker)
    await broker.publisher.publish_outside(DEAD, "k", b"{}", type="refusal")


async def test_a_missing_exchange_of_our_own_is_not_confirmed_and_the_next_publish_works(
    broker: Broker,
) -> None:
    with pytest.raises(NotConfirmed):
        await broker.publisher.publish("hub.missing", "k", b"{}", type="reference")
    await publish(broker)


async def test_a_killed_broker_confirms_nothing_and_is_used_again_when_it_is_back(
    rabbitmq: PrivateRabbitMQ, broker: Broker
) -> None:
    async def publish_until_it_fails() -> int:
        confirmed = 0
        while True:
            try:
                await publish(broker)
            except NotConfirmed:
                return confirmed
            confirmed += 1

    publishers = [asyncio.create_task(publish_until_it_fails()) for _ in range(5)]
    await asyncio.sleep(0.1)
    await rabbitmq.kill()
    confirmed = sum(await asyncio.gather(*publishers))
    assert confirmed > 0
    with pytest.raises(NotConfirmed):
        await publish(broker)
    assert not broker.ready
    await rabbitmq.start()
    await broker.wait_ready()
    await publish(broker)
    assert (await broker.depths([QUEUE]))[QUEUE] >= confirmed + 1


async def test_a_queue_that_has_a_leader_again_is_published_to_again(
    rabbitmq: PrivateRabbitMQ, amqp_url: str, broker: Broker
) -> None:
    place = {"vhost": amqp_url.rpartition("/")[2], "queue": QUEUE}
    await rabbitmq.evaluate(LED_BY.format(**place, node="gone@localhost"))
    outcomes = await asyncio.gather(
        *(publish(broker, key) for key in ["001900", "001800"] * 20), return_exceptions=True
    )
    confirmed = outcomes[::2].count(None)  # none on RabbitMQ 3.10; newer ones find the leader
    assert outcomes[1::2] == [None] * 20
    await rabbitmq.evaluate(LED_BY.format(**place, node="node()"))
    await publish(broker)
    assert await broker.depths([QUEUE, OTHER]) == {QUEUE: confirmed + 1, OTHER: 20}


async def test_a_queue_that_does_not_answer_holds_up_others_no_longer_than_one_publish(
    rabbitmq: PrivateRabbitMQ, amqp_url: str
) -> None:
    place = {"vhost": amqp_url.rpartition("/")[2], "queue": QUEUE}
    async with a_broker(amqp_url, publish_timeout=timedelta(seconds=1)) as broker:
        await rabbitmq.evaluate(ANSWERS.format(**place, how="suspend"))
        try:
            with pytest.raises(NotConfirmed):
                await publish(broker)
            async with asyncio.timeout(TIMEOUT.total_seconds()):
                while not await is_confirmed(broker, "001800"):
                    pass
        finally:
            await rabbitmq.evaluate(ANSWERS.format(**place, how="resume"))


async def test_channels_that_were_given_up_are_closed(
    rabbitmq: PrivateRabbitMQ, amqp_url: str, broker: Broker
) -> None:
    vhost = amqp_url.rpartition("/")[2]
    await rabbitmq.evaluate(LED_BY.format(vhost=vhost, queue=QUEUE, node="gone@localhost"))
    for _ in range(20):
        await is_confirmed(broker, "001900")
    await publish(broker, "001800")
    async with asyncio.timeout(TIMEOUT.total_seconds()):
        while not await holds(rabbitmq, CHANNELS.format(vhost=vhost, number=1)):  # noqa: ASYNC110 - a broker sets no event
            await asyncio.sleep(0.05)


async def test_a_pulled_cable_ends_a_publish_after_its_timeout(amqp_url: str, cable: Cable) -> None:
    limit = timedelta(seconds=0.5)
    async with a_broker(cable.url, publish_timeout=limit) as broker:
        await publish(broker)
        cable.black_hole()
        async with asyncio.timeout(2):
            with pytest.raises(NotConfirmed):
                await publish(broker)
        cable.heal()


async def test_a_reset_connection_ends_pending_publishes_and_comes_back(
    cable: Cable,
) -> None:
    async with a_broker(cable.url) as broker:
        cable.black_hole()
        pending = asyncio.gather(*(publish(broker) for _ in range(5)), return_exceptions=True)
        await asyncio.sleep(0.05)
        cable.heal()
        cable.reset()
        assert {type(outcome) for outcome in await pending} <= {NotConfirmed, type(None)}
        await broker.wait_ready()
        await publish(broker)


async def test_cancelling_the_caller_is_still_a_cancellation(cable: Cable) -> None:
    async with a_broker(cable.url) as broker:
        cable.black_hole()
        task = asyncio.create_task(publish(broker))
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        cable.heal()


async def is_confirmed(broker: Broker, key: str) -> bool:
    try:
        await publish(broker, key)
    except NotConfirmed:
        return False
    return True


async def holds(rabbitmq: PrivateRabbitMQ, erlang: str) -> bool:
    try:
        await rabbitmq.evaluate(erlang)
    except RuntimeError:
        return False
    return True
