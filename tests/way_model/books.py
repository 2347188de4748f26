"""What was sent, kept apart from the hub, and what must hold of it at any time and in the end."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from hub.model.conversation import standing
from hub.model.downward import Downward, Submission
from hub.model.identifiers import CaseId, MessageUuid
from hub.model.letter import Letter
from hub.sandbox.xauslaender import Incoming
from hub.stages.standing import said_of
from hub.store import (
    Connection,
    Message,
    State,
    case_by_id,
    dead_letters,
    ledger,
    messages_of,
)
from tests.way_model.far_ends import ModelMailbox, Office
from tests.way_model.world import World

__all__ = ["CaseBook", "SentUpdate", "check_always", "check_in_the_end"]


@dataclass(frozen=True)
class SentUpdate:
    """One that the case's own authority wrote, and how it goes over the wire."""

    uuid: MessageUuid
    kind: str
    body: bytes


@dataclass
class CaseBook:
    """One case as its applicant and its authority know it.

    `down` and `up` hold each message once, in the order in which it was sent first. `sure` are
    those that nothing speaks against: a correct hub takes them.
    """

    submission: Submission
    authority: str
    answered: bool
    down: list[Downward] = field(default_factory=list)
    up: list[SentUpdate] = field(default_factory=list)
    sure: set[UUID] = field(default_factory=set)

    @property
    def token(self) -> str:
        return self.submission.application_id


def check_always(world: World, cases: Sequence[CaseBook]) -> None:
    """What holds after each step, whatever is still under way."""
    letters = [letter for box in world.mailboxes.values() for letter in box.letters.values()]
    for case in cases:
        taken = world.offices[case.authority].taken
        _is_in_order([m.uuid for m in taken if m.application_id == case.token],
                     [message.id for message in case.down])  # fmt: skip
        _is_in_order([letter.about for letter in letters if letter.case == case.submission.id],
                     [update.uuid for update in case.up] if case.answered else [])  # fmt: skip
    known = {CaseId(case.submission.id): case for case in cases}
    for provider, box in world.mailboxes.items():
        for letter in box.letters.values():
            _is_in_its_mailbox(letter, provider, known[letter.case])
    for office in world.offices.values():
        _is_for_this_office(office.authority, office.taken, cases)
        assert all(len(contents) == 1 for contents in office.contents.values())
    ends: list[Office | ModelMailbox] = [*world.offices.values(), *world.mailboxes.values()]
    assert [each for end in ends for each in end.needless] == [], "sent again for no reason"
    if not world.scheduler.jobs:  # whoever begins from now on must know what is settled
        _settle(world, cases)


def check_in_the_end(world: World, cases: Sequence[CaseBook]) -> None:
    """What holds when nothing moves any more: nothing is missing."""
    check_always(world, cases)
    world.read(_the_ledger_balances)
    at_the_door = world.read(_dead_at_the_door)
    told = {each.correlation for each in world.broker.refused}
    for case in cases:
        rows = world.read(lambda c, case=case: messages_of(c, case.submission.id))  # type: ignore[misc]
        world.read(lambda c, case=case: _the_phase_is_right(c, case))  # type: ignore[misc]
        _all_down_is_accounted_for(world, case, rows, at_the_door, told)
        _all_up_is_accounted_for(world, case, rows)
        _none_went_past_a_dead_one(rows)


def _settle(world: World, cases: Sequence[CaseBook]) -> None:
    for case in cases:
        case_id = CaseId(case.submission.id)
        for row in world.read(lambda c, of=case_id: messages_of(c, of)):  # type: ignore[misc]
            if row.state is State.ACCEPTED:
                world.offices[case.authority].settled.add(row.wire)
            elif row.state is State.PROVIDED and row.provider is not None:
                world.mailboxes[row.provider].settled.add(row.id)


def _is_in_order(came: Sequence[UUID], sent: Sequence[UUID]) -> None:
    """Each at most once, each one that was sent, in the order in which it was."""
    assert [max_ for max_ in Counter(came).values() if max_ > 1] == [], "something came twice"
    positions = [sent.index(each) for each in came]
    assert positions == sorted(positions), f"out of order: {positions}"


def _is_in_its_mailbox(letter: Letter, provider: str, case: CaseBook) -> None:
    wanted = case.submission.mailbox
    assert wanted is not None
    assert (provider, letter.mailbox.account) == (wanted.provider, wanted.account)
    assert letter.application_id == case.token


def _is_for_this_office(key: str, taken: Sequence[Incoming], cases: Sequence[CaseBook]) -> None:
    own = {case.token for case in cases if case.authority == key}
    assert {message.application_id for message in taken} <= own
    heads = Counter(m.application_id for m in taken if m.number in ("130101", "130401"))
    assert all(count == 1 for count in heads.values()), "an application under two UUIDs"


def _the_ledger_balances(connection: Connection) -> None:
    drawn_up = ledger(connection)
    assert drawn_up.balanced, drawn_up.differences


def _dead_at_the_door(connection: Connection) -> dict[str | None, str]:
    return {d.correlation: d.cause for d in dead_letters(connection) if d.message is None}


def _all_down_is_accounted_for(
    world: World,
    case: CaseBook,
    rows: Sequence[Message],
    at_the_door: dict[str | None, str],
    told: set[str | None],
) -> None:
    office = world.offices[case.authority]
    taken = {message.uuid for message in office.taken}
    states = {row.id: row for row in rows}
    for message in case.down:
        row = states.get(message.id)
        if row is None:
            assert str(message.id) in at_the_door, f"the {message.type} is lost"
            cause = at_the_door[str(message.id)]
            assert message.id not in case.sure or cause in _excused(case, rows), cause
            assert str(message.id) in told, "nobody told its sender"
            assert message.id not in taken
            continue
        match row.state:
            case State.ACCEPTED:
                assert message.id in taken, "accepted, and the system does not have it"
            case State.DEAD:
                assert _died_for_a_reason(row, world), row.cause
                assert str(message.id) in told, "nobody told its sender"
            case State.OWED:
                assert row.waits_for is not None, f"the {message.type} is still owed"
                assert message.id not in taken
                assert _waits_for_a_dead_one(row, states)
            case other:
                raise AssertionError(f"the {message.type} is {other}")


def _none_went_past_a_dead_one(rows: Sequence[Message]) -> None:
    """Those behind it wait for a person to decide."""
    for dead in (row for row in rows if row.state is State.DEAD):
        for row in rows:
            if row.direction == dead.direction and row.position > dead.position:
                assert row.state not in (State.ACCEPTED, State.PROVIDED), (
                    f"the {row.kind} went past"
                )


def _excused(case: CaseBook, rows: Sequence[Message]) -> Iterator[str]:
    """Why a message may be refused although nothing spoke against it when it was sent."""
    kinds = {update.kind for update in case.up}
    if "ending" in kinds:
        yield "case.ended"
    if "not_competent" in kinds:
        yield "case.not_competent"
    if any(row.direction == "up" and row.state is State.DEAD for row in rows):
        yield "answer.not_provided"  # the mailbox took the letter, and its answer got lost


def _the_phase_is_right(connection: Connection, case: CaseBook) -> None:
    known = case_by_id(connection, CaseId(case.submission.id))
    said = said_of(messages_of(connection, CaseId(case.submission.id)))
    assert known is None or known.state == standing(said).phase


def _all_up_is_accounted_for(world: World, case: CaseBook, rows: Sequence[Message]) -> None:
    by_wire = {row.wire: row for row in rows if row.direction == "up"}
    by_id = {row.id: row for row in rows}
    there = {letter.about for box in world.mailboxes.values() for letter in box.letters.values()}
    for update in case.up:
        row = by_wire.get(update.uuid)
        assert row is not None, f"the {update.kind} is lost"
        match row.state:
            case State.PROVIDED:
                assert update.uuid in there, "provided, and the mailbox does not have it"
            case State.WITHHELD:
                assert not case.answered
            case State.DEAD:
                assert _died_for_a_reason(row, world), row.cause
            case State.OWED:
                assert row.waits_for is not None, f"the {update.kind} is still owed"
                assert _waits_for_a_dead_one(row, by_id)
            case other:
                raise AssertionError(f"the {update.kind} is {other}")


def _died_for_a_reason(row: Message, world: World) -> bool:
    """Refused by the system, or what was tried often enough."""
    if row.cause is not None and row.cause.startswith("refused."):
        return any(row.wire in office.refused for office in world.offices.values())
    return row.attempts >= 12 or row.unexpected >= 2


def _waits_for_a_dead_one(row: Message, rows: Mapping[MessageUuid, Message]) -> bool:
    before = rows.get(row.waits_for) if row.waits_for is not None else None
    while before is not None and before.state is State.OWED and before.waits_for is not None:
        before = rows.get(before.waits_for)
    return before is not None and before.state is State.DEAD
