"""A dead letter that was refused at the door comes again: as it came first, and known as such.

Whoever replays it publishes it as the hub. The headers say which dead letter it is, as of which
death, and on whose behalf it speaks; they are believed only of the hub itself. A replay must not
let pass as the hub's own what came from a stranger.
"""

from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Self
from uuid import UUID

from hub.broker import Delivery, Handler, Verdict
from hub.store import Store, replay_passed

__all__ = ["Replayed", "knowing_replays"]

_LETTER: Final = "replays"
_DEATH: Final = "replays_death_of"
_BEHALF: Final = "replays_for"


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a replay says of itself.

    `behalf` is the RabbitMQ user who had sent it, None where a person vouches for the message.
    """

    letter: UUID
    died_at: datetime
    behalf: str | None

    def headers(self) -> dict[str, str]:
        """The headers that say it."""
        said = {_LETTER: str(self.letter), _DEATH: self.died_at.isoformat()}
        return said if self.behalf is None else said | {_BEHALF: self.behalf}

    @classmethod
    def of(cls, headers: Mapping[str, str | int | bool]) -> Self | None:
        """What the headers of a message say; None if it is no replay."""
        try:
            letter, died_at = UUID(str(headers[_LETTER])), str(headers[_DEATH])
            behalf = str(headers[_BEHALF]) if _BEHALF in headers else None
            return cls(letter, datetime.fromisoformat(died_at), behalf)
        except (KeyError, ValueError):
            return None


def knowing_replays(
    handler: Handler, store: Store, users: Set[str], now: Callable[[], datetime]
) -> Handler:
    """Let `handler` see a replay as it came first, and note if it was taken in this time.

    Args:
        handler: of a queue that takes from outside.
        store: has the dead letter.
        users: the hub's own at the broker.
        now: the clock.
    """

    async def handle(delivery: Delivery) -> Verdict:
        replayed = Replayed.of(delivery.headers) if delivery.user_id in users else None
        if replayed is None:
            return await handler(replace(delivery, headers=_without(delivery.headers)))
        if replayed.behalf is not None:
            delivery = replace(delivery, user_id=replayed.behalf or None)
        verdict = await handler(delivery)
        if verdict is Verdict.ACK:
            letter, died_at, at = replayed.letter, replayed.died_at, now()
            await store.run(lambda c: replay_passed(c, letter, died_at, at))
        return verdict

    return handle


def _without(headers: Mapping[str, str | int | bool]) -> dict[str, str | int | bool]:
    own = (_LETTER, _DEATH, _BEHALF)
    return {name: value for name, value in headers.items() if name not in own}
