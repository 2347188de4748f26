"""ROTATION: whatever an older content key has sealed is sealed anew by the newest.

Not a stage of the way: a command carries it out, beside running hubs, a few values at a time and
never for more than half of the time. It keeps no state: what is still under an older key is what
is left to do, so it may be ended at any moment and begun again. Letters get the hash of their
account anew, since each says whose it is; what only a signature hangs on (links, sessions, forms)
cannot be made anew, and is why `KeyInUse.free_from` is later than the end of the rotation.
"""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from hub.mailbox.local import account_hash
from hub.model.failure import PermanentFailure
from hub.model.letter import Letter
from hub.store import (
    SEALED_PLACES,
    Act,
    Connection,
    SealedPlace,
    SealedValue,
    Store,
    StoreReader,
    audit,
    keys_used,
    last_act_of,
    put_resealed,
    sealed_by_others,
)

__all__ = ["KeyInUse", "Progress", "Rotation", "keys_in_use"]

_AT_ONCE: Final = 20
"""Values of one unit: a few milliseconds in which others wait."""

_PASSES: Final = 3
"""One that does it, one for what came meanwhile; who still seals with an old key is not outrun."""

_DOCUMENTS: Final = "documents"
_ACTION: Final = "keys.rotate"


@dataclass(frozen=True, slots=True)
class Progress:
    """`left`: values that are still under another key than the newest."""

    resealed: int
    left: int


@dataclass(frozen=True, slots=True)
class KeyInUse:
    """What lies under one key, by table and for the document folder.

    `free_from`: from when on nothing needs the key, what it has signed included; None as long as
    something lies under it, or as nothing was rotated away from it.
    """

    key: str
    configured: bool
    newest: bool
    values: dict[str, int]
    free_from: datetime | None

    @property
    def total(self) -> int:
        """All values together."""
        return sum(self.values.values())


async def keys_in_use(store: StoreReader, links_open: timedelta) -> list[KeyInUse]:
    """Every configured key, the newest first, then every other that something lies under.

    `links_open`: how long the links are good for that a key has signed.
    """
    counted = await _counted(store)
    ids = store.sealer.key_ids
    newest, used = ids[0], {key for each in counted.values() for key in each}
    act = await store.read(lambda c: last_act_of(c, _ACTION, newest))
    keys = []
    for key in (*ids, *sorted(used - set(ids))):
        values = {name: each[key] for name, each in counted.items() if each[key]}
        rotated = key != newest and not values and act is not None
        free_from = act.at + links_open if act is not None and rotated else None
        keys.append(KeyInUse(key, key in ids, key == newest, values, free_from))
    return keys


class Rotation:
    """Seals anew, in the name of one actor."""

    def __init__(self, store: Store, now: Callable[[], datetime], *, actor: str) -> None:
        self._store = store
        self._now = now
        self._actor = actor
        self._newest = store.sealer.key_ids[0]
        self._resealed = 0

    async def run(self) -> AsyncIterator[Progress]:
        """Seal anew whatever another key has sealed, and tell of it as it goes on.

        The last progress says what is left: 0, unless a key is missing, a value is damaged, or a
        hub still seals with an older key. Then nothing of it is in the files of the database
        either, and the audit says so.
        """
        left = await self._left()
        yield Progress(0, left)
        for _ in range(_PASSES):
            before = self._resealed
            async for done in self._pass():
                self._resealed += done
                yield Progress(self._resealed, max(left - self._resealed, 0))
            left = await self._left()
            if self._resealed == before or not left:
                break
        if not left:
            await self._finish()
        yield Progress(self._resealed, left)

    async def _pass(self) -> AsyncIterator[int]:
        for place in SEALED_PLACES:
            after: UUID | None = None
            while values := await self._next(place, after):
                after, began = values[-1].row, time.monotonic()
                yield await self._reseal(place, values)
                await asyncio.sleep(time.monotonic() - began)
        for path in await self._store.documents.keys.sealed_by_others(self._now()):
            began = time.monotonic()
            try:
                yield int(await self._store.documents.keys.reseal(path))
            except PermanentFailure:
                continue  # it is counted as left
            await asyncio.sleep(time.monotonic() - began)

    async def _next(self, place: SealedPlace, after: UUID | None) -> list[SealedValue]:
        return await self._store.read(
            lambda c: sealed_by_others(c, place, self._newest, after, _AT_ONCE)
        )

    async def _reseal(self, place: SealedPlace, values: list[SealedValue]) -> int:
        anew = await asyncio.to_thread(lambda: [self._anew(place, each) for each in values])

        def unit(connection: Connection) -> int:
            return sum(
                put_resealed(connection, place, value, sealed, **with_it)
                for value, (sealed, with_it) in zip(values, anew, strict=True)
                if sealed is not None
            )

        return await self._store.run(unit)

    def _anew(self, place: SealedPlace, value: SealedValue) -> tuple[bytes | None, dict[str, str]]:
        sealer, about = self._store.sealer, f"{place.about}:{value.row}"
        try:
            plain = sealer.open(value.sealed, about)
        except PermanentFailure:
            return None, {}  # it is counted as left
        with_it = {}
        if place.about == "letter":
            letter = Letter.model_validate_json(plain)
            with_it = {"account_hash": account_hash(sealer, letter)}
        return sealer.seal(plain, about), with_it

    async def _left(self) -> int:
        counted = await _counted(self._store)
        return sum(n for each in counted.values() for key, n in each.items() if key != self._newest)

    async def _finish(self) -> None:
        known = await self._store.read(lambda c: last_act_of(c, _ACTION, self._newest))
        if known is not None and not self._resealed:
            return
        await self._store.compact()
        act = Act(self._now(), self._actor, _ACTION, self._newest, {"resealed": self._resealed})
        await self._store.run(lambda c: audit(c, act))


async def _counted(store: StoreReader) -> dict[str, Counter[str]]:
    known = store.sealer.key_ids

    def look(connection: Connection) -> dict[str, Counter[str]]:
        return {place.name: keys_used(connection, place, known) for place in SEALED_PLACES}

    return await store.read(look) | {_DOCUMENTS: await store.documents.keys.used()}
