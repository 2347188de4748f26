"""What follows a failure, as a table."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from hub.model.failure import EndpointDown, PermanentFailure, Refused, TransientFailure
from hub.model.identifiers import MessageUuid
from hub.stages.decision import (
    Again,
    Dead,
    Park,
    after_cut_off,
    after_failure,
    fingerprint,
    probe_delay,
)
from tests.builders import an_id

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


def raised(work: Callable[[], object]) -> Exception:
    with pytest.raises(Exception) as caught:  # noqa: PT011 - any will do, with its traceback
        work()
    return caught.value


def decide(failure: Exception, *, attempts: int = 1, unexpected: int = 0) -> object:
    return after_failure(failure, attempts=attempts, unexpected=unexpected, limit=3, now=NOW)


@pytest.mark.parametrize(("attempts", "seconds"), [(1, 2), (2, 4)])
def test_a_transient_failure_comes_again_later_each_time(attempts: int, seconds: int) -> None:
    decision = decide(TransientFailure("endpoint.busy", "Busy."), attempts=attempts)
    assert decision == Again(NOW + timedelta(seconds=seconds), "endpoint.busy")


def test_delays_end_at_an_hour() -> None:
    decision = after_failure(
        TransientFailure("x", "X."), attempts=5000, unexpected=0, limit=9999, now=NOW
    )
    assert decision == Again(NOW + timedelta(hours=1), "x")


def test_retry_after_is_honoured() -> None:
    failure = TransientFailure("endpoint.busy", "Busy.", retry_after=timedelta(minutes=7))
    assert decide(failure) == Again(NOW + timedelta(minutes=7), "endpoint.busy")


def test_an_answer_that_never_came_leaves_the_attempt_in_doubt() -> None:
    decision = decide(TransientFailure("endpoint.no_answer", "No answer.", in_doubt=True))
    assert isinstance(decision, Again)
    assert decision.in_doubt


def test_a_transient_failure_is_given_up_after_the_last_attempt() -> None:
    decision = decide(TransientFailure("endpoint.busy", "Busy."), attempts=3)
    assert isinstance(decision, Dead)
    assert decision.cause == "endpoint.busy"
    assert "3 attempts" in decision.sentence


@pytest.mark.parametrize(
    ("failure", "in_doubt"),
    [
        (TransientFailure("endpoint.no_answer", "No answer.", in_doubt=True), True),
        (TransientFailure("endpoint.busy", "Busy."), False),
        (PermanentFailure("X001", "Not valid."), False),
        (KeyError(), True),
    ],
)
def test_what_dies_of_a_failure_in_doubt_is_in_doubt(failure: Exception, in_doubt: bool) -> None:
    decision = decide(failure, attempts=3, unexpected=2)
    assert isinstance(decision, Dead)
    assert decision.in_doubt is in_doubt


@pytest.mark.parametrize("attempts", [1, 3, 1000])
def test_an_endpoint_that_is_down_never_kills_a_message(attempts: int) -> None:
    assert decide(EndpointDown("endpoint.down", "Down."), attempts=attempts) == Park(
        "endpoint.down"
    )


def test_a_permanent_failure_is_a_dead_letter_at_once() -> None:
    decision = decide(PermanentFailure("X001", "Not valid.", location="/a/b"))
    assert isinstance(decision, Dead)
    assert (decision.cause, decision.location) == ("X001", "/a/b")


def test_a_refusal_keeps_its_codes() -> None:
    decision = decide(Refused("No.", codes=("S010", "S011")))
    assert isinstance(decision, Dead)
    assert decision.codes == ("S010", "S011")
    assert decision.cause == "refused.S010"


def test_the_unexpected_is_tried_three_times_and_then_named_by_its_place() -> None:
    failure = raised(lambda: {}["Erika Muster"])
    again = decide(failure, unexpected=1)
    dead = decide(failure, unexpected=2)
    assert isinstance(again, Again)
    assert again.unexpected
    assert isinstance(dead, Dead)
    assert "KeyError" in dead.sentence
    assert "Erika" not in dead.sentence + str(dead.location)


def test_one_cause_has_one_fingerprint_whatever_the_data() -> None:
    def fail(value: str) -> Exception:
        return raised(lambda: int(value))

    assert fingerprint(fail("a")) == fingerprint(fail("b"))
    assert fingerprint(PermanentFailure("a", "x")) != fingerprint(PermanentFailure("b", "x"))


def test_probes_grow_rarer_up_to_five_minutes() -> None:
    delays = [probe_delay(failures) for failures in range(1, 12)]
    assert delays == sorted(delays)
    assert delays[-1] == timedelta(minutes=5)


def test_the_same_place_in_other_documents_is_one_cause() -> None:
    def of(location: str) -> str:
        return fingerprint(PermanentFailure("X001", "x", location=location))

    assert of("/a/b[2]/c (line 7)") == of("/a/b/c (line 12)") == of("/a/b[11]/c")
    assert of("line 3") == of("line 4")
    assert of("/a/b (line 7)") != of("/a/c (line 7)")


ONE = MessageUuid(an_id("one"))
MINUTE = timedelta(minutes=1)


def waits(message: MessageUuid = ONE) -> list[timedelta]:
    """What follows three to nineteen attempts in a row that were cut off."""
    decisions = [after_cut_off(open_ends, message, NOW) for open_ends in range(4, 20)]
    assert all(isinstance(each, Again) and each.cause == "hub.cut_off" for each in decisions)
    return [each.due_at - NOW for each in decisions if isinstance(each, Again)]


@pytest.mark.parametrize("open_ends", [0, 1, 2, 3])
def test_a_few_ends_of_the_hub_delay_nobody(open_ends: int) -> None:
    assert after_cut_off(open_ends, ONE, NOW) is None


def test_a_message_at_which_the_hub_ends_again_and_again_waits_longer_each_time() -> None:
    shortest = [5, 10, 20, 40, 80, 160, *[300] * 10]
    for wait, seconds in zip(waits(), shortest, strict=True):
        assert timedelta(seconds=seconds) <= wait <= timedelta(seconds=2 * seconds)
    assert 55 * MINUTE <= sum(waits(), timedelta()) <= 111 * MINUTE


def test_what_was_at_work_together_does_not_come_again_together() -> None:
    others = [waits(MessageUuid(an_id(str(number)))) for number in range(50)]
    for number in range(16):
        assert len({each[number] // (timedelta(seconds=1) / 2) for each in others}) > 5
    assert waits() == waits(), "the same each time"


def test_a_message_at_which_the_hub_ends_again_and_again_is_given_up() -> None:
    given_up, later = (after_cut_off(open_ends, ONE, NOW) for open_ends in (20, 21))
    assert isinstance(given_up, Dead)
    assert isinstance(later, Dead)
    assert given_up.cause == "hub.cut_off"
    assert "20 times in a row" in given_up.sentence
    assert given_up.fingerprint == later.fingerprint
