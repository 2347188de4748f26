"""Properties of messages as RabbitMQ passes them on: `hub.broker`, and what is kept of them."""

import struct
from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock

from aio_pika.message import IncomingMessage
from pamqp import frame

from hub.broker.delivery import delivery_of
from hub.model.failure import PermanentFailure
from hub.stages.announce import check_reply_to
from hub.stages.origin import exchange_of, headers_of, key_of, origin_of
from hub.stages.replayed import Replayed
from hub.traceparent import traceparent_in
from tests.fuzz.rule import well_said
from tests.hostile.raw_amqp import FLAGS, short, table
from tests.web.given import a_table

_TABLE = a_table()
_FREE = ("content_type", "headers", "correlation_id", "reply_to", "timestamp", "type")
"""RabbitMQ lets its senders write anything into these."""


def one(data: bytes) -> None:
    """A delivery of which only what looks as it should is kept."""
    if not data:
        return
    names = [name for bit, name in enumerate(_FREE) if data[0] >> bit & 1]
    key, _, properties = data[1:].partition(b"\0")
    flags = sum(FLAGS[name] for name in names)
    values = _whole(names, properties)
    if values is None:
        return
    head = struct.pack("!HHQH", 60, 0, 0, flags) + values
    _, _, header = frame.unmarshal(struct.pack("!BHI", 2, 1, len(head)) + head + b"\xce")
    deliver = (
        short(b"tag") + struct.pack("!QB", 1, 0) + short(b"hub.submissions") + short(key[:255])
    )
    method = struct.pack("!HH", 60, 60) + deliver
    _, _, told = frame.unmarshal(struct.pack("!BHI", 1, 1, len(method)) + method + b"\xce")
    given: Any = SimpleNamespace(
        channel=Mock(),
        body=b"{",
        header=header,
        consumer_tag="tag",
        delivery_tag=1,
        exchange="hub.submissions",
        message_count=None,
        redelivered=False,
        routing_key=told.routing_key,
    )
    delivery = delivery_of(IncomingMessage(given), "hub.intake")
    assert isinstance(delivery.attempts, int)
    origin = origin_of(delivery)
    kept = f"{origin}{exchange_of(origin)}{key_of(origin)}{headers_of(origin)}"
    assert kept.isprintable()
    assert len(kept) < 1_000
    traceparent_in(delivery.headers)
    Replayed.of(delivery.headers)
    try:
        check_reply_to(delivery.reply_to, _TABLE)
    except PermanentFailure as failure:
        well_said(failure)


def _whole(names: list[str], data: bytes) -> bytes | None:
    """The properties, each as long as it says it is: RabbitMQ sees to that."""
    values = b""
    for name in names:
        if name == "timestamp":
            values += data[:8].ljust(8, b"\0")
            data = data[8:]
        elif name == "headers":
            length = int.from_bytes(data[:2], "big")
            values += struct.pack("!I", len(data[2 : 2 + length])) + data[2 : 2 + length]
            data = data[2 + length :]
        else:
            length = data[0] if data else 0
            values += short(data[1 : 1 + length])
            data = data[1 + length :]
    return values


def seeds() -> Iterable[bytes]:
    """Headers of every type, and texts."""
    headers = table(
        short(b"authority") + b"S" + struct.pack("!I", 6) + b"990001",
        short(b"x-delivery-count") + b"l" + struct.pack("!q", 3),
        short(b"x-death") + b"A" + struct.pack("!I", 5) + b"S" + bytes(4),
        short(b"t") + b"T" + struct.pack("!Q", 2**40),
        short(b"d") + b"D\x02" + struct.pack("!i", -1),
        short(b"f") + b"F" + table(short(b"n") + b"V"),
    )[2:]
    yield b"\x02submission.990001\0" + headers
    yield b"\x3dkey\0" + short(b"application/json") + short(b"c") + short(b"service.refusals")
    yield b"\x10key\0" + struct.pack("!Q", 2**63)
    yield b"\x20\xff\xfe\0" + short(b"\xff\xfe")
