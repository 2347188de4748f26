"""A message at which the hub ends each time: it waits, longer each time, until it is given up."""

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

import pytest

from hub.broker import Verdict
from hub.model.identifiers import MessageUuid
from hub.model.letter import Provided
from hub.stages.decision import CUT_OFF_FREE, CUT_OFF_TRIES, Park
from hub.stages.deliver import LEASE
from hub.stages.next_attempts import set_next_attempt, try_all_now
from hub.stages.outage import answered, met_outage
from hub.store import (
    CUT_OFF,
    Claimed,
    Connection,
    Event,
    Message,
    State,
    Store,
    claim,
    dead_letters,
    due,
    end_leases,
    give_back,
    journey,
    ledger,
    parkings,
    release_leases,
)
from hub.transport import Receipt
from hub.workshop.crew import AdapterBusy
from tests.stages.given import NOW
from tests.stages.test_overtaken import (
    Elsewhere,
    Provider,
    an_owed_letter,
    an_owed_reply,
    delivering,
    providing,
    reference,
)

SECOND: Final = timedelta(seconds=1)
MINUTE: Final = timedelta(minutes=1)
OWED: Final = {"reply": an_owed_reply, "letter": an_owed_letter}
PLACES: Final = {"reply": "990001", "letter": "local"}


class Died(BaseException):
    """The process is gone: nothing that follows it in the hub is carried out."""


class Hub:
    """One that may die while it has the message outside, and is started again; and its clock."""

    def __init__(self, owed: Elsewhere, kind: str, end: str) -> None:
        self.store, self.place, self.sent = owed.store, PLACES[kind], 0
        self._owed, self._kind, self._end = owed, kind, end
        self._mortal = False
        owed.now = NOW

    @property
    def message(self) -> MessageUuid:
        return self._owed.message

    @property
    def now(self) -> datetime:
        return self._owed.now

    def pass_time(self, time: timedelta) -> None:
        self._owed.now += time

    async def tries(self, failure: Exception | None = None) -> None:
        """A reference comes; the message is taken outside, unless that fails."""
        row = await self.row()
        receipt = Receipt(accepted=True, at=self.now)
        provider = Provider(self._outside, failure or Provided(at=self.now))
        handler = (
            delivering(self._owed, self._outside, failure or receipt)
            if self._kind == "reply"
            else providing(self._owed, provider)
        )
        assert await handler.handle(reference(row)) is Verdict.ACK

    async def is_not_tried(self) -> None:
        """A reference comes, and no process of the adapter is free in time."""
        busy = delivering(self._owed, self._pass, AdapterBusy("adapter.busy", "It is busy."))
        assert await busy.handle(reference(await self.row())) is Verdict.ACK

    async def dies(self) -> None:
        """While it has the message outside; and the next one knows of it."""
        self._mortal = True
        with pytest.raises(Died):
            await self.tries()
        self._mortal = False
        if self._end == "restart":
            await self.store.run(release_leases)
        elif self._end == "away":
            await self.store.run(lambda c: end_leases(c, "hub"))
        else:
            self.pass_time(2 * LEASE)

    async def waits(self) -> timedelta:
        """A reference comes, and the message is put off: says for how long, and lets it pass."""
        before = self.sent
        await self.tries()
        assert self.sent == before
        row = await self.row()
        assert (row.state, row.cause, row.in_doubt) == (State.OWED, "hub.cut_off", True)
        assert row.due_at is not None
        wait = row.due_at - self.now
        self._owed.now = row.due_at
        return wait

    async def row(self) -> Message:
        return await self._owed.row()

    async def told(self, name: str) -> list[Event]:
        row = await self.row()
        events = await self.store.read(lambda c: journey(c, row.case))
        return [event for event in events if (event.message, event.name) == (row.id, name)]

    async def _pass(self) -> None: ...

    async def _outside(self) -> None:
        self.sent += 1
        if self._mortal:
            raise Died


@pytest.fixture(params=OWED)
def kind(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture(params=["restart", "away", "ran out"])
async def hub(store: Store, kind: str, request: pytest.FixtureRequest) -> Hub:
    return Hub(await OWED[kind](store), kind, request.param)


@pytest.fixture
async def restarted(store: Store, kind: str) -> Hub:
    """One whose end is known when it starts again."""
    return Hub(await OWED[kind](store), kind, "restart")


async def test_after_a_few_ends_it_is_tried_again_at_once(restarted: Hub) -> None:
    for _ in range(CUT_OFF_FREE):
        await restarted.dies()
    await restarted.tries()

    assert restarted.sent == CUT_OFF_FREE + 1
    assert (await restarted.row()).state in (State.ACCEPTED, State.PROVIDED)
    assert await restarted.told("postponed") == []


async def test_after_more_it_waits_and_is_tried_when_its_time_has_come(restarted: Hub) -> None:
    for _ in range(CUT_OFF_FREE + 1):
        await restarted.dies()
    began = restarted.now
    wait = await restarted.waits()
    assert 5 * SECOND <= wait <= 10 * SECOND
    [event] = await restarted.told("postponed")
    assert event.detail == {
        "cause": "hub.cut_off",
        "due_at": (began + wait).isoformat(timespec="seconds"),
        "times": CUT_OFF_FREE + 1,
    }
    assert await restarted.store.run(lambda c: due(c, began, 10, MINUTE)) == []
    [told] = await restarted.store.run(lambda c: due(c, restarted.now, 10, MINUTE))
    assert told.message == (await restarted.row()).id

    await restarted.tries()

    row = await restarted.row()
    assert restarted.sent == CUT_OFF_FREE + 2
    assert (row.state, row.attempts) == (
        (State.ACCEPTED if row.direction == "down" else State.PROVIDED),
        1,
    )


async def test_a_reference_that_comes_before_its_time_changes_nothing(restarted: Hub) -> None:
    for _ in range(CUT_OFF_FREE + 1):
        await restarted.dies()
    await restarted.tries()
    before = await restarted.row()

    await restarted.tries()

    assert await restarted.row() == before
    assert len(await restarted.told("postponed")) == 1
    assert restarted.sent == CUT_OFF_FREE + 1


async def test_it_waits_longer_each_time_and_is_given_up_at_last(hub: Hub) -> None:
    waits = []
    for number in range(1, CUT_OFF_TRIES + 1):
        await hub.dies()
        if CUT_OFF_FREE < number < CUT_OFF_TRIES:
            waits.append(await hub.waits())
    await hub.tries()

    assert hub.sent == CUT_OFF_TRIES
    assert len(waits) == 16
    assert all(shorter < longer for shorter, longer in pairwise(waits[:7]))
    assert max(waits) <= 10 * MINUTE
    [dead] = await hub.store.read(dead_letters)
    assert dead.cause == "hub.cut_off"
    assert (await hub.row()).state is State.DEAD
    assert (await hub.store.read(ledger)).balanced


async def test_a_person_need_not_wait(restarted: Hub) -> None:
    for _ in range(CUT_OFF_FREE + 1):
        await restarted.dies()
    await restarted.tries()
    id_, now = (await restarted.row()).id, restarted.now + SECOND

    moved = await restarted.store.run(
        lambda c: set_next_attempt(c, id_, None, actor="test", now=now)
    )
    assert (moved.due_at, moved.held) == (now, None)
    await restarted.store.run(
        lambda c: set_next_attempt(c, id_, now + MINUTE, actor="test", now=now)
    )
    tried = await restarted.store.run(
        lambda c: try_all_now(c, restarted.place, actor="test", now=now)
    )
    assert tried == 1
    restarted.pass_time(SECOND)
    await restarted.tries()

    assert restarted.sent == CUT_OFF_FREE + 2
    assert (await restarted.row()).state in (State.ACCEPTED, State.PROVIDED)


async def test_it_does_not_wait_twice_because_its_place_is_parked_then(restarted: Hub) -> None:
    for _ in range(CUT_OFF_FREE + 1):
        await restarted.dies()
    await restarted.waits()
    down, place, now = Park("endpoint.down", wait=MINUTE), restarted.place, restarted.now
    await restarted.store.run(lambda c: met_outage(c, place, down, now, probe=False))
    await restarted.tries()
    assert restarted.sent == CUT_OFF_FREE + 1
    await restarted.store.run(lambda c: answered(c, place))

    await restarted.tries()

    assert restarted.sent == CUT_OFF_FREE + 2


async def test_parked_between_two_ends_it_is_none_the_less_put_off(restarted: Hub) -> None:
    for _ in range(CUT_OFF_FREE):
        await restarted.dies()
    down, place, now = Park("endpoint.down", wait=MINUTE), restarted.place, restarted.now
    await restarted.store.run(lambda c: met_outage(c, place, down, now, probe=False))
    await restarted.tries()
    await restarted.store.run(lambda c: answered(c, place))
    assert await restarted.store.read(parkings) == []

    await restarted.dies()

    assert await restarted.waits() >= 5 * SECOND


async def test_with_no_adapter_free_in_between_it_is_none_the_less_put_off(store: Store) -> None:
    hub = Hub(await an_owed_reply(store), "reply", "restart")
    for _ in range(CUT_OFF_FREE):
        await hub.dies()
    await hub.is_not_tried()
    assert (await hub.row()).in_doubt
    await hub.dies()
    await hub.waits()

    await hub.is_not_tried()
    hub.pass_time(2 * SECOND)
    await hub.tries()

    assert hub.sent == CUT_OFF_FREE + 2, "it has waited already"


async def test_what_waited_is_not_held_up_by_that_after_its_next_attempt(restarted: Hub) -> None:
    await restarted.dies()
    row, now = await restarted.row(), restarted.now

    def put_off(connection: Connection) -> None:  # as a backup may have it, which forgets the ends
        assert isinstance(claim(connection, row.id, "hub", now, LEASE), Claimed)
        give_back(connection, row.id, due_at=now, cause=CUT_OFF)

    await restarted.store.run(put_off)
    await restarted.dies()

    assert (await restarted.row()).cause is None
