"""The amqp transport: one message for each XML document, into an exchange that the system owns.

The broker's confirmation says that the system's queue has the message, not that the system has
read it: so a parcel is only ever handed over here, and the system's receipt or refusal comes by
`hub.returns`. Without exchange or queue nothing was sent: the endpoint is down.
"""

from datetime import UTC, datetime
from typing import Annotated, Final

from pydantic import AfterValidator, Field

from hub.broker import NoSuchExchange, NotAllowed, NotConfirmed, Publisher, Unroutable
from hub.model.failure import EndpointDown, PermanentFailure, TransientFailure
from hub.routing import Endpoint
from hub.traceparent import continued
from hub.transport import NO_ANSWER, Receipt, Settings, Steps, read_settings, wrong_in
from hub.workshop.packed import Packed, PackedXml

__all__ = ["AmqpSettings", "AmqpTransport"]

_MOST_BYTES: Final = 16 * 1024 * 1024
"""RabbitMQ 4 refuses more, and closes the channel (FACTS: message size)."""


def _owned_by_the_system(exchange: str) -> str:
    if exchange.startswith(("hub.", "amq.")):
        raise ValueError("is not the system's own; write the name of the exchange it reads from")
    return exchange


class AmqpSettings(Settings):
    """Options under `endpoint` for `transport: amqp`.

    Attributes:
        exchange: the system's own exchange on the hub's broker.
        routing_key: may hold `{authority}`.
        user: the RabbitMQ user whose messages in `hub.returns` count as this system's.
    """

    exchange: Annotated[
        str, Field(pattern=r"^[A-Za-z0-9._:-]{1,127}$"), AfterValidator(_owned_by_the_system)
    ]
    routing_key: Annotated[str, Field(pattern=r"^[A-Za-z0-9._:-]{1,127}$")]
    user: Annotated[str, Field(min_length=1, max_length=127)]


class AmqpTransport:
    """Delivers by the hub's own connection to the broker, which is the broker room's to close."""

    def __init__(self, publisher: Publisher) -> None:
        self._publisher = publisher

    async def deliver(self, parcel: Packed, endpoint: Endpoint, steps: Steps) -> Receipt:
        """Publish the messages in their order; see `hub.transport.Transport`."""
        settings = read_settings(AmqpSettings, endpoint)
        _refuse_what_amqp_cannot_carry(parcel)
        for message in parcel.messages:
            step = str(message.uuid)
            if step in steps.done:
                continue
            await self._publish(message, endpoint.system, settings)
            # The end of the last step is the end of the parcel: its receipt is recorded anyway.
            if message is not parcel.messages[-1]:
                await steps.record(step, "handed-over")
        return Receipt(accepted=False, at=datetime.now(UTC))

    def check(self, endpoint: Endpoint) -> list[str]:
        """What is wrong with the settings."""
        return wrong_in(AmqpSettings, endpoint)

    async def probe(self, endpoint: Endpoint) -> str:
        """Look for the exchange as the hub's own user; see `hub.transport.Transport`.

        Whether a queue is bound for the authority, only a delivery shows.
        """
        settings = read_settings(AmqpSettings, endpoint)
        try:
            await self._publisher.look_for_exchange(settings.exchange)
        except NoSuchExchange:
            raise _no_exchange(endpoint.system, settings) from None
        except NotConfirmed:
            raise EndpointDown(
                "endpoint.unreachable", "The broker does not answer; see HUB_AMQP_URL."
            ) from None
        return f"the exchange {settings.exchange} is there"

    async def close(self) -> None:
        """Nothing is open here."""

    async def _publish(self, message: PackedXml, system: str, settings: AmqpSettings) -> None:
        size = len(message.data)
        if size > _MOST_BYTES:
            raise PermanentFailure(
                "parcel.too_large",
                f"A message of {size} bytes is more than the broker takes ({_MOST_BYTES}).",
            )
        try:
            await self._publisher.publish_outside(
                settings.exchange,
                settings.routing_key,
                message.data,
                type=message.name,
                headers={"idempotency-key": str(message.uuid), **continued()},
                content_type="application/xml",
            )
        except NoSuchExchange:
            raise _no_exchange(system, settings) from None
        except NotAllowed as failure:
            raise EndpointDown("endpoint.denied", failure.sentence) from None
        except Unroutable:
            raise EndpointDown(
                "endpoint.no_queue",
                f"System {system} has no queue bound to {settings.exchange} for this authority.",
            ) from None
        except NotConfirmed:
            raise TransientFailure(
                NO_ANSWER,
                f"The broker did not confirm that system {system} has the message.",
                in_doubt=True,
            ) from None


def _no_exchange(system: str, settings: AmqpSettings) -> EndpointDown:
    return EndpointDown(
        "endpoint.no_exchange", f"System {system} has no exchange {settings.exchange}."
    )


def _refuse_what_amqp_cannot_carry(parcel: Packed) -> None:
    if not parcel.messages:
        raise PermanentFailure("parcel.empty", "The parcel holds no message.")
    if parcel.attachments:
        raise PermanentFailure(
            "parcel.attachments",
            f"The amqp transport carries XML only; {len(parcel.attachments)} documents lie beside"
            " it. The format must embed them.",
        )
