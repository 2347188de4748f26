"""How a message came from outside, kept with its dead letter so that it can be sent so again.

Of routing key, properties and headers only what looks as it should is kept: whoever sends may
write anything there, and a dead letter's origin is shown to people.
"""

import re
from collections.abc import Mapping
from typing import Final

from hub.broker import DEAD_LETTERS, INTAKE, INTERPRET, RETURNS, SUBMISSIONS, Delivery
from hub.traceparent import TRACEPARENT, TRACEPARENT_SHAPE

__all__ = ["QUEUES_OF_REPLAYS", "exchange_of", "headers_of", "key_of", "origin_of"]

_TYPE: Final = re.compile(r"[a-z][a-z_]{0,39}")
_CONTENT_TYPE: Final = re.compile(r"[a-z]{1,20}/[a-z0-9.+-]{1,60}(; ?charset=[A-Za-z0-9-]{1,20})?")
_KEY: Final = re.compile(r"[a-z0-9_-]{1,40}(\.[a-z0-9_-]{1,40}){0,3}")
_HEADERS: Final = {
    "authority": re.compile(r"[0-9]{6}"),
    "adapter": re.compile(r"[a-z0-9_-]{1,40}"),
    "speaker": re.compile(r"(token|certificate|system):[A-Za-z0-9 ._-]{1,80}"),
    TRACEPARENT: TRACEPARENT_SHAPE,
}
_EXCHANGES: Final = {INTAKE: SUBMISSIONS, INTERPRET: RETURNS}
QUEUES_OF_REPLAYS: Final = {exchange: queue for queue, exchange in _EXCHANGES.items()}
"""Exchange of an origin → the queue in which what is published to it again waits."""


def origin_of(delivery: Delivery) -> dict[str, str]:
    """Where a message came from and how, without anything that its sender invented."""
    # What died in another queue says so itself; only what lies among the dead is believed.
    died = delivery.death if delivery.queue == DEAD_LETTERS else None
    queue = died.queue if died is not None else delivery.queue
    key = delivery.routing_key
    return {
        "exchange": _EXCHANGES.get(queue, delivery.exchange),
        "type": _shaped(_TYPE, delivery.type),
        "content_type": _shaped(_CONTENT_TYPE, delivery.content_type),
        "user": delivery.user_id or "",
        **({"key": key} if _KEY.fullmatch(key) else {}),
        **{
            name: str(delivery.headers[name])
            for name, shape in _HEADERS.items()
            if name in delivery.headers and shape.fullmatch(str(delivery.headers[name]))
        },
    }


def exchange_of(origin: Mapping[str, str]) -> str | None:
    """The exchange into which it can be published again; None if it came by none of them."""
    exchange = origin.get("exchange")
    return exchange if exchange in _EXCHANGES.values() else None


def key_of(origin: Mapping[str, str]) -> str:
    """A routing key for it: its own if it had a usable one. The hub's queues take any."""
    return origin.get("key", "replay")


def headers_of(origin: Mapping[str, str]) -> dict[str, str]:
    """The headers that it came with."""
    return {name: origin[name] for name in _HEADERS if name in origin}


def _shaped(shape: re.Pattern[str], text: str | None) -> str:
    return text if text is not None and shape.fullmatch(text) else ""
