"""The http transport: one POST for each message of a parcel."""

from datetime import UTC, datetime

from hub.model.failure import PermanentFailure
from hub.routing import Endpoint
from hub.transport import Receipt, Steps
from hub.transport.http.answer import MAX_ANSWER_BYTES, judge
from hub.transport.posting.poster import Poster, Request
from hub.workshop.packed import Packed, PackedXml

__all__ = ["HttpTransport"]


class HttpTransport:
    """Delivers by HTTP. Opens nothing before the first delivery."""

    def __init__(self) -> None:
        self._poster = Poster()

    async def deliver(self, parcel: Packed, endpoint: Endpoint, steps: Steps) -> Receipt:
        """Post the messages in their order; see `hub.transport.Transport`."""
        _refuse_what_http_cannot_carry(parcel)
        receipts: list[Receipt] = []
        for message in parcel.messages:
            step = str(message.uuid)
            if (result := steps.done.get(step)) is not None:
                receipts.append(_from_result(result))
                continue
            receipts.append(await self._post(message, endpoint))
            # The end of the last step is the end of the parcel: its receipt is recorded anyway.
            if message is not parcel.messages[-1]:
                await steps.record(step, _as_result(receipts[-1]))
        return Receipt(
            accepted=all(receipt.accepted for receipt in receipts),
            at=receipts[-1].at,
            number=next((receipt.number for receipt in receipts if receipt.number), None),
        )

    def check(self, endpoint: Endpoint) -> list[str]:
        """What is wrong with the settings, secrets and certificates that they name."""
        return self._poster.check(endpoint)

    async def probe(self, endpoint: Endpoint) -> str:
        """Ask the address what it takes; see `hub.transport.Transport`."""
        return await self._poster.probe(endpoint)

    async def close(self) -> None:
        """Close all connections."""
        await self._poster.close()

    async def _post(self, message: PackedXml, endpoint: Endpoint) -> Receipt:
        answer = await self._poster.post(
            endpoint, _request(message), max_answer_bytes=MAX_ANSWER_BYTES
        )
        return judge(answer, endpoint.system, datetime.now(UTC))


def _request(message: PackedXml) -> Request:
    return Request(
        message.data,
        content_type=f"application/xml; charset={message.encoding.lower()}",
        accept="application/json, application/xml",
        headers={"Idempotency-Key": str(message.uuid)},
    )


def _refuse_what_http_cannot_carry(parcel: Packed) -> None:
    if not parcel.messages:
        raise PermanentFailure("parcel.empty", "The parcel holds no message.")
    if parcel.attachments:
        raise PermanentFailure(
            "parcel.attachments",
            f"The http transport carries XML only; {len(parcel.attachments)} documents lie beside"
            " it. The format must embed them.",
        )


def _as_result(receipt: Receipt) -> str:
    state = "accepted" if receipt.accepted else "handed-over"
    return f"{state} {receipt.at.isoformat()} {receipt.number or ''}".rstrip()


def _from_result(result: str) -> Receipt:
    state, at, *number = result.split(" ", 2)
    return Receipt(state == "accepted", datetime.fromisoformat(at), number[0] if number else None)
