"""Whether all went well, decided from the books of all parties: pure.

Every submission confirmed to an applicant is at the system once, under one message UUID; every
letter that the course of a case brings is in the mailbox, in order, and no other; the hub's own
ledger says the same. Every adapter has held every conversation.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from hub.sandbox.books import Books, Confirmed, HubMessage, Received
from hub.sandbox.conversations import Held, held, unheld
from hub.sandbox.samples import Sample

__all__ = ["Row", "Verdict", "judge"]

_APPLICATIONS: Final = frozenset({"130101", "130201", "130301", "130401"})
_MOST_PROBLEMS: Final = 50


@dataclass(frozen=True, slots=True)
class Row:
    """How one submission went. `received` is the head message at the system, if it came."""

    sample: Sample
    confirmed: Confirmed | None
    received: Received | None
    in_hub: HubMessage | None
    letters: tuple[str, ...]
    first_letter_at: datetime | None

    @property
    def accepted_at(self) -> datetime | None:
        """When the system's acknowledgement was recorded."""
        return self.in_hub.accepted_at if self.in_hub else None

    @property
    def accepted(self) -> bool:
        """Whether the hub says accepted and the system has it, complete."""
        there = self.received is not None and self.received.complete_at is not None
        return there and self.in_hub is not None and self.in_hub.state == "accepted"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Rows in the order of the samples, counts, and every problem in a sentence."""

    rows: tuple[Row, ...]
    held: tuple[Held, ...]
    accepted: int
    letters: int
    replies: int
    dead: int
    balanced: bool
    problems: tuple[str, ...]

    @property
    def good(self) -> bool:
        """Whether there is no problem."""
        return not self.problems

    @property
    def conversations(self) -> int:
        """How many were held completely, each counted once with each format."""
        whole = {(one.line, one.conversation) for one in self.held}
        return len(whole - {(one.line, one.conversation) for one in self.held if one.missing})


def judge(samples: Sequence[Sample], books: Books) -> Verdict:
    """Compare what was expected with what each party wrote down."""
    rows = _rows(samples, books)
    conversations = held(samples, books)
    problems = [
        *_hub_problems(books),
        *_twice(books),
        *(problem for row in rows for problem in _row_problems(row)),
        *_further_messages(samples, books),
        *_conversations(samples, conversations),
        *_updates(books),
    ]
    return Verdict(
        rows=rows,
        held=conversations,
        accepted=sum(row.accepted for row in rows),
        letters=sum(len(row.letters) for row in rows),
        replies=len(_accepted_replies(books)),
        dead=len(books.dead),
        balanced=books.balanced,
        problems=tuple(problems[:_MOST_PROBLEMS]),
    )


def _rows(samples: Sequence[Sample], books: Books) -> tuple[Row, ...]:
    confirmed = {one.id: one for one in books.confirmed}
    received = {one.uuid: one for one in books.system.messages}
    rows = []
    for sample in samples:
        case = sample.case
        in_hub = next((m for m in books.hub.get(case, ()) if m.id == case), None)
        rows.append(
            Row(
                sample=sample,
                confirmed=confirmed.get(sample.submission.id),
                received=received.get(case),
                in_hub=in_hub,
                letters=tuple(letter.kind for letter in books.letters.get(case, ())),
                first_letter_at=_first_provided(books.hub.get(case, ())),
            )
        )
    return tuple(rows)


def _first_provided(messages: Sequence[HubMessage]) -> datetime | None:
    times = [m.concluded_at for m in messages if m.state == "provided" and m.concluded_at]
    return min(times, default=None)


def _row_problems(row: Row) -> Iterator[str]:
    name = row.sample.submission.application_id
    if row.confirmed is None:
        yield f"{name}: the broker never confirmed it"
    if row.received is None:
        yield f"{name}: the system never received it"
    elif row.received.complete_at is None:
        yield f"{name}: the system still waits for its documents"
    elif row.received.authority != row.sample.authority:
        yield f"{name}: it reached authority {row.received.authority}, not {row.sample.authority}"
    if row.in_hub is None:
        yield f"{name}: the hub does not know it"
    elif row.in_hub.state != "accepted":
        yield f"{name}: in the hub it is {row.in_hub.state}, not accepted"
    elif _too_early(row):
        yield f"{name}: the hub calls it accepted before the system had it"
    if row.letters != row.sample.course.letters:
        yield (
            f"{name}: letters are {_list(row.letters)}, expected {_list(row.sample.course.letters)}"
        )


def _too_early(row: Row) -> bool:
    """Handed over is not accepted: the system's receipt comes after its taking in."""
    taken = row.received.complete_at if row.received else None
    return taken is not None and row.accepted_at is not None and row.accepted_at < taken


def _further_messages(samples: Sequence[Sample], books: Books) -> Iterator[str]:
    """Replies and the like: sent as expected, and accepted."""
    sent: dict[object, list[str]] = defaultdict(list)
    for one in books.confirmed:
        if one.kind != "submission":
            sent[one.case].append(one.kind)
    for sample in samples:
        name = sample.submission.application_id
        if (kinds := sent[sample.case]) != list(sample.course.messages):
            expected = _list(sample.course.messages)
            yield f"{name}: answered with {_list(kinds)}, expected {expected}"
    accepted = _accepted_replies(books)
    names = {sample.case: sample.submission.application_id for sample in samples}
    for one in books.confirmed:
        if one.kind != "submission" and one.id not in accepted:
            yield f"{names[one.case]}: the {one.kind} was not accepted"


def _accepted_replies(books: Books) -> set[object]:
    """Further messages that the hub calls accepted and that the system has."""
    received = {one.uuid for one in books.system.messages}
    return {
        message.id
        for messages in books.hub.values()
        for message in messages
        if message.direction == "down"
        and message.kind != "submission"
        and message.state == "accepted"
        and message.wire in received
    }


def _conversations(samples: Sequence[Sample], conversations: Sequence[Held]) -> Iterator[str]:
    for one in conversations:
        for missing in one.missing:
            yield f"{one.case}: {one.conversation}, with {one.line}: {missing}"
    for line, conversation in unheld(samples):
        yield f"with {line} nobody was to have the conversation: {conversation}"


def _twice(books: Books) -> Iterator[str]:
    """One application under two message UUIDs, or one UUID with two contents."""
    heads = Counter(m.application_id for m in books.system.messages if m.number in _APPLICATIONS)
    for application, count in heads.items():
        if count > 1:
            yield f"{application}: delivered under {count} message UUIDs"
    for message in books.system.messages:
        if message.other_contents:
            yield f"{message.application_id}: {message.number} came again with another content"


def _updates(books: Books) -> Iterator[str]:
    for update in books.system.updates:
        if update.refused_with is not None:
            yield (
                f"{update.application_id}: the hub refused the {update.kind}"
                f" with status {update.refused_with}"
            )
        elif update.sent_at is None:
            yield f"{update.application_id}: the {update.kind} was not taken by the hub"


def _hub_problems(books: Books) -> Iterator[str]:
    for cause, count in Counter(books.dead).most_common():
        yield f"{count} dead letters at {cause}"
    yield from (f"the ledger does not balance: {difference}" for difference in books.differences)
    if not books.balanced and not books.differences:
        yield "the ledger does not balance"


def _list(kinds: Sequence[str]) -> str:
    return ", ".join(kinds) or "none"
