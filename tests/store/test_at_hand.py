import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest

from hub.model.identifiers import CaseId
from hub.store import at_hand
from hub.store.at_hand import AtHand

MEBIBYTE = 1024 * 1024


async def test_what_has_no_room_is_left_on_the_disk() -> None:
    there, case = AtHand(), CaseId(uuid4())
    there.put(case, "first", bytes(20 * MEBIBYTE))
    there.put(case, "second", bytes(20 * MEBIBYTE))
    assert there.take(case, "second") is None

    assert there.take(case, "first") is not None
    there.put(case, "third", bytes(20 * MEBIBYTE))
    assert there.take(case, "third") is not None


async def test_twice_the_same_takes_its_room_once() -> None:
    there, case = AtHand(), CaseId(uuid4())
    for _ in range(3):
        there.put(case, "first", bytes(12 * MEBIBYTE))
    there.put(case, "second", bytes(20 * MEBIBYTE))
    assert there.take(case, "second") is not None


async def test_what_is_forgotten_makes_room() -> None:
    there, case, other = AtHand(), CaseId(uuid4()), CaseId(uuid4())
    there.put(case, "first", bytes(30 * MEBIBYTE))
    there.put(other, "first", b"of another case")
    there.forget(case)

    assert there.take(case, "first") is None
    assert there.take(other, "first") == b"of another case"
    there.put(case, "second", bytes(32 * MEBIBYTE))
    assert there.take(case, "second") is not None


async def test_what_nobody_asks_for_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(at_hand, "_MOST_TIME", timedelta(milliseconds=1))
    there, case = AtHand(), CaseId(uuid4())
    there.put(case, "first", bytes(32 * MEBIBYTE))
    async with asyncio.timeout(10):
        while True:
            await asyncio.sleep(0.01)
            there.put(case, "second", b"fits when the first has gone")
            if there.take(case, "second") is not None:
                break
    assert there.take(case, "first") is None
