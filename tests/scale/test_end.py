"""A hub that is told to end in the middle of a backlog ends soon."""

from collections.abc import AsyncIterator, Callable
from functools import partial

import pytest

from hub.model.identifiers import CaseId
from hub.settings import Settings
from hub.store import Message, Sealer, State, messages_of, open_store
from hub.workshop.member import Member
from hub.workshop.workshop import Workshop
from tests.builders import a_submission, an_id
from tests.way.conftest import a_world, until
from tests.way.conftest import settings as settings
from tests.way.system import System, a_system

AT_WORK = 2
"""Messages that an adapter is given at a time."""


@pytest.fixture
async def system() -> AsyncIterator[System]:
    async with a_system() as system:
        yield system


async def test_what_stands_in_line_for_an_adapter_is_left_to_others(
    settings: Settings, system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    to_tell: list[Callable[[], None]] = []
    tell, turn_away = Member._tell, Workshop.turn_away

    def held(self: Member, *said: bytes) -> None:
        to_tell.append(partial(tell, self, *said))

    def turned_away(self: Workshop) -> None:
        turn_away(self)
        monkeypatch.setattr(Member, "_tell", tell)
        for each in to_tell:
            each()

    monkeypatch.setattr(Member, "_tell", held)
    monkeypatch.setattr(Workshop, "turn_away", turned_away)
    sent = [
        a_submission(id=an_id(f"{key}-{number}"), authority=key)
        for key in ("990001", "990002")
        for number in range(4)
    ]
    async with a_world(settings, system) as world:
        for each in sent:
            await world.send(each)

        async def all_begun() -> bool:
            return all(["attempt" in await world.names(each.id) for each in sent])

        await until(all_begun)
    sealer = Sealer.from_text(settings.keys())
    rows: list[Message] = []
    async with open_store(settings.store_at, settings.documents, sealer) as store:
        for each in sent:
            rows += await store.read(lambda c, id_=each.id: messages_of(c, CaseId(id_)))
    left = [row for row in rows if row.state is State.OWED]
    assert len(system.received) <= AT_WORK
    assert {(row.cause, row.in_doubt, row.attempts) for row in left} == {("adapter.busy", False, 0)}
    assert len(left) == len(sent) - len(system.received)
