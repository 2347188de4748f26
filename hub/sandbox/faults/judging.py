"""Whether anything was lost, doubled or out of order, by the books of everybody but the hub: pure.

Down: what the broker confirmed to an applicant is at the system once, under its one message UUID,
with one content, and the system got the messages of a case in the order in which they were sent.
Up: what a system gave to the hub is in the mailbox once, in the order in which it was given. The
hub's own ledger and dead letters are asked too, and can only add problems.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from hub.sandbox.books import Books, Confirmed, ReadLetter, Received, SentUpdate
from hub.sandbox.samples import Sample

__all__ = ["Problem", "What", "judge", "repeats"]

What = Literal["lost", "doubled", "out of order", "wrong"]
"""`wrong`: anything else, such as a dead letter."""

_CARRIED: Final = frozenset(
    {"130101", "130201", "130301", "130401", "130103", "130111", "130404", "130406"}
)
"""Messages that carry what an applicant sent; others, such as packets, belong to one of them."""

_GIVEN_UP: Final = "bury: broker.gave_up:"

_NO_LETTER: Final = frozenset({"receipt", "refusal"})


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a case, what each book says of it, and since when it may be so."""

    what: What
    application: str
    sentence: str
    at: datetime | None = None


def judge(samples: Sequence[Sample], books: Books, given_up: int = 0) -> tuple[Problem, ...]:
    """Compare the books of applicants, systems and mailboxes, case by case.

    `given_up`: how many messages of no case the broker had to give up; each is a dead letter.
    """
    sent: dict[UUID, list[Confirmed]] = defaultdict(list)
    for one in books.confirmed:
        sent[one.case].append(one)
    received: dict[str, list[Received]] = defaultdict(list)
    for message in books.system.messages:
        received[message.application_id].append(message)
    given: dict[str, list[SentUpdate]] = defaultdict(list)
    for update in books.system.updates:
        given[update.application_id].append(update)
    problems: list[Problem] = []
    for sample in samples:
        case = _Case(
            sample,
            sent[sample.case],
            received[sample.submission.application_id],
            given[sample.submission.application_id],
            books.letters.get(sample.case, ()),
        )
        problems += case.problems()
    return (*problems, *_strangers(samples, received), *_of_the_hub(books, given_up))


def repeats(books: Iterable[Received]) -> int:
    """How often a system got a message again: each the end of an attempt that was in doubt."""
    return sum(message.times - 1 for message in books)


@dataclass(frozen=True, slots=True)
class _Case:
    sample: Sample
    sent: Sequence[Confirmed]
    received: Sequence[Received]
    updates: Sequence[SentUpdate]
    letters: Sequence[ReadLetter]

    def problems(self) -> Iterator[Problem]:
        yield from self._down()
        yield from self._up()

    def _down(self) -> Iterator[Problem]:
        there = {message.uuid: message for message in self.received}
        for one in self.sent:
            if (message := there.get(one.id)) is None:
                yield self._problem("lost", f"the {one.kind} never came to the system", one.at)
            elif message.complete_at is None:
                yield self._problem("lost", f"documents of the {one.kind} never came", one.at)
            elif message.authority != self.sample.authority:
                sentence = f"the {one.kind} came to authority {message.authority}"
                yield self._problem("wrong", sentence, one.at)
        own = [one.id for one in self.sent]
        came = [each.uuid for each in self.received if each.number in _CARRIED]
        for each in self.received:
            if each.other_contents:
                sentence = f"{each.number} came again with another content"
                yield self._problem("doubled", sentence, each.complete_at)
            if each.number in _CARRIED and each.uuid not in own:
                sentence = f"{each.number} came under a UUID that nobody sent: {each.uuid}"
                yield self._problem("doubled", sentence, each.complete_at)
        expected = [id_ for id_ in own if id_ in there]
        if (order := [id_ for id_ in came if id_ in own]) != expected:
            at = self.sent[0].at if self.sent else None
            yield self._problem("out of order", f"{_list(order)} came down", at)
        if len(self.sent) <= len(self.sample.course.messages):
            yield self._problem("lost", "the applicant was never asked for all answers", None)

    def _up(self) -> Iterator[Problem]:
        owed = [each for each in self.updates if each.kind not in _NO_LETTER]
        wanted = [each.uuid for each in owed]
        there: list[UUID] = [letter.about for letter in self.letters]
        for update in owed:
            if update.refused_with is not None:
                sentence = f"the hub refused the {update.kind} with status {update.refused_with}"
                yield self._problem("wrong", sentence, update.sent_at)
            elif update.uuid not in there:
                yield self._problem("lost", f"no letter tells of the {update.kind}", update.sent_at)
        times = Counter(there)
        for update in owed:
            if times[update.uuid] > 1:
                sentence = f"{times[update.uuid]} letters tell of the {update.kind}"
                yield self._problem("doubled", sentence, update.sent_at)
        for stray in times.keys() - set(wanted):
            yield self._problem("doubled", f"a letter tells of {stray}, which nobody sent", None)
        first = list(dict.fromkeys(uuid for uuid in there if uuid in wanted))
        if first != [uuid for uuid in wanted if uuid in times]:
            at = next((each.sent_at for each in owed if each.sent_at), None)
            yield self._problem("out of order", f"letters tell of {_list(first)}", at)
        if len(owed) < len(self.sample.course.letters):
            yield self._problem("lost", "its course was never run to the end", None)

    def _problem(self, what: What, sentence: str, at: datetime | None) -> Problem:
        told = (
            f"{sentence}; sent: {_list(one.kind for one in self.sent)}; "
            f"at the system: {_list(each.number for each in self.received)}; "
            f"given to the hub: {_list(each.kind for each in self.updates if each.sent_at)}; "
            f"letters: {_list(letter.kind for letter in self.letters)}"
        )
        return Problem(what, self.sample.submission.application_id, told, at)


def _strangers(
    samples: Sequence[Sample], received: Mapping[str, Sequence[Received]]
) -> Iterator[Problem]:
    known = {sample.submission.application_id for sample in samples}
    for application, messages in received.items():
        if application not in known:
            sentence = f"{len(messages)} messages of a case that nobody began"
            yield Problem("wrong", application, sentence)


def _of_the_hub(books: Books, given_up: int) -> Iterator[Problem]:
    buried = sum(each.startswith(_GIVEN_UP) for each in books.dead)
    if buried != given_up:
        what: What = "lost" if buried < given_up else "doubled"
        sentence = f"the broker gave up {given_up} messages, there are {buried} dead letters"
        yield Problem(what, "the hub", sentence)
    others = (each for each in books.dead if not each.startswith(_GIVEN_UP))
    for cause, count in Counter(others).most_common():
        yield Problem("wrong", "the hub", f"{count} dead letters at {cause}")
    for difference in books.differences:
        yield Problem("wrong", "the hub", f"the ledger does not balance: {difference}")
    if not books.balanced and not books.differences:
        yield Problem("wrong", "the hub", "the ledger does not balance")


def _list(words: Iterable[object]) -> str:
    return ", ".join(map(str, words)) or "none"
