"""Properties that no library would send: none of them stops the hub, or the message behind it."""

import struct

import pytest

from hub.broker import SUBMISSIONS
from hub.store import dead_letters
from tests.hostile.conftest import Besieged
from tests.hostile.raw_amqp import raw_publisher, short, table


def nested(depth: int) -> bytes:
    inner = table()
    for _ in range(depth):
        inner = table(short(b"n") + b"F" + inner)
    return inner


MANY = b"".join(short(b"%d" % number) + b"V" for number in range(12_000))

HOSTILE: dict[str, dict[str, bytes]] = {
    "a type that is not UTF-8": {"type": short(b"\xff\xfe")},
    "a reply_to that is not UTF-8": {"reply_to": short(b"\xff\xfe")},
    "a header whose name is not UTF-8": {"headers": table(short(b"\xff") + b"I" + bytes(4))},
    "a header whose value is not UTF-8": {
        "headers": table(short(b"traceparent") + b"S" + struct.pack("!I", 2) + b"\xff\xfe")
    },
    "a time beyond all years": {"timestamp": struct.pack("!Q", 2**64 - 1)},
    "a time beyond all years in a header": {
        "headers": table(short(b"t") + b"T" + struct.pack("!Q", 2**64 - 1))
    },
    "tables deep inside each other": {"headers": nested(3_000)},
    "thousands of headers": {"headers": table(MANY)},
    "a small decimal": {"headers": table(short(b"d") + b"D" + b"\xff" + struct.pack("!i", -1))},
    "attempts of its own": {
        "headers": table(short(b"x-delivery-count") + b"l" + struct.pack("!q", 2**62))
    },
    "deaths of its own": {
        "headers": table(short(b"x-death") + b"A" + struct.pack("!I", 5) + b"S" + bytes(4))
    },
    "names with line breaks": {
        "type": short(b"a\r\nX-Injected: 1"),
        "correlation_id": short(b"a\r\nX-Injected: 1"),
        "headers": table(short(b"a\r\nb") + b"S" + struct.pack("!I", 3) + b"\r\n1"),
    },
}


@pytest.mark.parametrize("name", HOSTILE)
async def test_it_is_refused_and_the_next_good_message_passes(
    besieged: Besieged, name: str
) -> None:
    world = besieged.world
    before = {letter.id for letter in await world.hub.store.read(dead_letters)}
    body = b'{"hostile": %d' % list(HOSTILE).index(name)
    async with raw_publisher(besieged.url) as raw:
        await raw.publish(SUBMISSIONS, "submission.990001", body, **HOSTILE[name])
    await besieged.good_passes()
    [dead] = [each for each in await world.until_dead(len(before) + 1) if each.id not in before]
    assert dead.cause == "json.malformed"
    assert "Injected" not in f"{dead.origin}{dead.kind}"


async def test_a_routing_key_that_is_not_utf_8_stops_nobody(besieged: Besieged) -> None:
    before = len(await besieged.world.hub.store.read(dead_letters))
    async with raw_publisher(besieged.url) as raw:
        await raw.publish(SUBMISSIONS, b"\xff\xfe", b"[")
    await besieged.good_passes()
    await besieged.world.until_dead(before + 1)
