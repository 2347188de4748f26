"""A publisher that sends what no library would: the properties of a message byte by byte.

Whoever has a user at the broker can do the same; RabbitMQ passes most of it on as it came.
"""

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import unquote, urlsplit

from pamqp import commands, frame, header

__all__ = ["RawPublisher", "raw_publisher", "short", "table"]

_IN_ORDER = (
    *("content_type", "content_encoding", "headers", "delivery_mode", "priority"),
    *("correlation_id", "reply_to", "expiration", "message_id", "timestamp", "type"),
    *("user_id", "app_id"),
)
FLAGS = {name: 1 << (15 - at) for at, name in enumerate(_IN_ORDER)}
"""In the order in which they stand in a frame."""


def short(text: bytes) -> bytes:
    """A short string, whatever its bytes are."""
    return bytes([len(text)]) + text


def table(*fields: bytes) -> bytes:
    """A table of fields, each a short name, a letter for the type, and the value."""
    content = b"".join(fields)
    return struct.pack("!I", len(content)) + content


class RawPublisher:
    """One channel of one connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def publish(
        self, exchange: str, key: str | bytes, body: bytes, **properties: bytes
    ) -> None:
        """Publish with these properties as they are; returns when the broker has confirmed.

        Raises:
            ConnectionError: the broker did not like it.
        """
        flags = sum(FLAGS[name] for name in properties)
        values = b"".join(properties[name] for name in FLAGS if name in properties)
        head = struct.pack("!HHQH", 60, 0, len(body), flags) + values
        named = short(exchange.encode()) + short(key.encode() if isinstance(key, str) else key)
        publish = struct.pack("!HHH", 60, 40, 0) + named + b"\0"
        self._writer.write(
            struct.pack("!BHI", 1, 1, len(publish))
            + publish
            + b"\xce"
            + struct.pack("!BHI", 2, 1, len(head))
            + head
            + b"\xce"
            + struct.pack("!BHI", 3, 1, len(body))
            + body
            + b"\xce"
        )
        if not isinstance(await self.hear(), commands.Basic.Ack):
            raise ConnectionError("the broker refused it")

    async def say(self, command: frame.FrameTypes, channel: int = 1) -> None:
        """Send a command."""
        self._writer.write(frame.marshal(command, channel))
        await self._writer.drain()

    async def hear(self) -> object:
        """The next command of the broker; heartbeats are none."""
        while True:
            start = await self._reader.readexactly(7)
            (length,) = struct.unpack("!I", start[3:])
            _, _, said = frame.unmarshal(start + await self._reader.readexactly(length + 1))
            if said.name != "Heartbeat":
                return said


@asynccontextmanager
async def raw_publisher(url: str) -> AsyncIterator[RawPublisher]:
    """Connect to a vhost and take a channel that confirms."""
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    talk = RawPublisher(reader, writer)
    try:
        writer.write(header.ProtocolHeader().marshal())
        await talk.hear()
        login = f"\0{unquote(parts.username or '')}\0{unquote(parts.password or '')}"
        await talk.say(
            commands.Connection.StartOk(mechanism="PLAIN", response=login, locale="en_US"), 0
        )
        await talk.hear()
        await talk.say(commands.Connection.TuneOk(2047, 131072, 0), 0)
        await talk.say(commands.Connection.Open(unquote(parts.path[1:]) or "/"), 0)
        await talk.hear()
        await talk.say(commands.Channel.Open())
        await talk.hear()
        await talk.say(commands.Confirm.Select())
        await talk.hear()
        yield talk
    finally:
        writer.close()
