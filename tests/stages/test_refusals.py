"""A refusal is an answer: it ends a parking and never leads to one, on either way."""

from datetime import timedelta
from typing import Any, Final

import pytest

from hub.broker import Verdict
from hub.model.failure import EndpointDown, PermanentFailure, Refused, TransientFailure
from hub.model.letter import Provided
from hub.stages.deliver import Deliver
from hub.store import State, Store, parkings
from hub.transport import Receipt
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

OWED: Final = {"reply": an_owed_reply, "letter": an_owed_letter}
REFUSED: Final = {
    "reply": Refused("No.", codes=("S001",)),
    "letter": Refused("No.", codes=(), cause="mailbox.refused"),
}
DOWN: Final = EndpointDown("place.down", "It is down.")
FAILED: Final = TransientFailure("place.failed", "It failed.")
FIRST_PROBE: Final = timedelta(seconds=2)


class Place:
    """A system or a provider, and the stage that one message after the other comes there by."""

    def __init__(self, owed: Elsewhere, kind: str) -> None:
        self.refused, self.stage = REFUSED[kind], self._stage(owed, kind)
        self._first: Elsewhere | None = owed
        self._clock, self._kind, self._number = owed, kind, 0
        self._outcome: Exception | None = None

    async def meets(self, outcome: Exception | None) -> Elsewhere:
        """One more message comes, and that comes of it; None: it is taken."""
        self._number += 1
        name = f"{self._kind} {self._number}"
        owed = self._first or await OWED[self._kind](self._clock.store, name)
        self._first, self._outcome = None, outcome
        assert await self.stage.handle(reference(await owed.row())) is Verdict.ACK
        return owed

    def pass_time(self, time: timedelta) -> None:
        self._clock.now += time

    async def is_parked(self) -> bool:
        return bool(await self._clock.store.read(parkings))

    async def is_probed_next(self) -> bool:
        [parking] = await self._clock.store.read(parkings)
        return parking.next_probe <= self._clock.now

    def _stage(self, owed: Elsewhere, kind: str) -> Any:
        if kind == "reply":
            return delivering(owed, self._answer, Receipt(accepted=True, at=NOW))
        return providing(owed, Provider(self._answer, Provided(at=NOW)))

    async def _answer(self) -> None:
        if self._outcome is not None:
            raise self._outcome


@pytest.fixture(params=OWED)
async def place(store: Store, request: pytest.FixtureRequest) -> Place:
    return Place(await OWED[request.param](store), request.param)


async def test_a_probe_that_is_refused_opens_its_place(place: Place) -> None:
    await place.meets(DOWN)
    assert await place.is_parked()
    place.pass_time(FIRST_PROBE)

    refused = await place.meets(place.refused)

    assert (await refused.row()).state is State.DEAD
    assert not await place.is_parked()
    assert (await refused.names())[-2:] == ["resumed", "dead"]


async def test_who_refuses_one_of_several_does_not_fail_whatever_comes(place: Place) -> None:
    for outcome in (FAILED, FAILED, place.refused, FAILED, FAILED):
        await place.meets(outcome)
        assert not await place.is_parked()
    await place.meets(FAILED)
    assert await place.is_parked(), "three in a row are an outage"


async def test_who_refuses_whatever_comes_is_not_away(place: Place) -> None:
    for _ in range(5):
        assert (await (await place.meets(place.refused)).row()).state is State.DEAD
    assert not await place.is_parked()


async def test_what_never_left_the_hub_says_nothing_of_its_place(place: Place) -> None:
    await place.meets(DOWN)
    place.pass_time(FIRST_PROBE)
    if isinstance(place.stage, Deliver):

        class Adapter:
            async def translate(self, *given: Any) -> Any:  # noqa: ARG002 - the original's
                raise place.refused

        place.stage._translation = Adapter()  # type: ignore[assignment]
    unfit = await place.meets(PermanentFailure("mailbox.account", "It is none."))

    assert (await unfit.row()).state is State.DEAD
    assert await place.is_probed_next()
    assert "resumed" not in await unfit.names()
