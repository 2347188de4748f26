"""Whatever is said in whatever order: a case always stands somewhere, and keeps its word."""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from hub.model.conversation import (
    ANSWERS,
    Late,
    Outcome,
    Phase,
    Said,
    rule_down,
    rule_up,
    standing,
)
from hub.model.transitions import KINDS
from tests.model.talk import BEGIN, DOWN, FIRST, SECOND, a_said, an_id

NAMES = [f"message {number}" for number in range(6)]
DAYS = st.sampled_from([None, BEGIN.date(), BEGIN.date() + timedelta(days=1)])
LATE = st.sampled_from(["pass_on", "refuse"])


@st.composite
def messages(draw: st.DrawFn) -> Said:
    kind = draw(st.sampled_from(sorted(KINDS)))
    may_answer = kind in ANSWERS or kind not in DOWN
    return a_said(
        kind,
        draw(st.integers(0, 3000)),
        name=draw(st.sampled_from(NAMES)),
        authority=draw(st.sampled_from([FIRST, FIRST, FIRST, SECOND])),
        answers=an_id(draw(st.sampled_from(NAMES))) if may_answer else None,
        deadline=draw(DAYS) if kind == "question" else None,
        alive=draw(st.integers(0, 4)) > 0,
    )


@st.composite
def talks(draw: st.DrawFn) -> list[Said]:
    """Mostly one that begins as talks do, so that the later phases are reached."""
    rest = draw(st.lists(messages(), max_size=8))
    return [a_said("submission", 0), *rest] if draw(st.integers(0, 5)) else rest


@given(talks(), DAYS, LATE)
def test_nothing_is_offered_that_would_be_refused(
    said: Sequence[Said], today: date | None, late: Late
) -> None:
    on = today or BEGIN.date()
    stands = standing(said, expired_before=on if late == "refuse" else None)
    offered = {"withdrawal"} & set(stands.may)
    if offered:
        assert rule_down(said, "withdrawal", None, sent_on=on, late=late).cause is None
    answers = {kind: asked for kind, asked in ANSWERS.items() if kind in stands.may}
    assert set(answers.values()) == {item.kind for item in stands.open}
    assert stands.may == offered | set(answers)
    kinds = {asked: kind for kind, asked in ANSWERS.items()}
    for item in stands.open:
        ruling = rule_down(said, kinds[item.kind], item.update, sent_on=on, late=late)
        assert ruling.outcome is Outcome.PASSED_ON


@given(talks(), messages(), DAYS, LATE)
def test_every_message_has_an_outcome_and_a_refusal_its_cause(
    said: Sequence[Said], new: Said, today: date | None, late: Late
) -> None:
    on = today or BEGIN.date()
    if new.direction == "down":
        ruling = rule_down(said, new.kind, new.answers, sent_on=on, late=late)  # type: ignore[arg-type]
        assert (ruling.outcome is Outcome.REFUSED) is (ruling.cause is not None)
    else:
        assert rule_up(said, new).outcome is not Outcome.REFUSED
    assert standing([*said, new]).phase in Phase


@given(st.lists(messages(), min_size=3, max_size=4, unique_by=lambda each: each.at))
def test_the_order_of_arrival_changes_nothing(said: list[Said]) -> None:
    assert len({standing(order) for order in permutations(said)}) == 1
