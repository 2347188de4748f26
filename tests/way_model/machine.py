"""Random conversations over several cases while everything around the hub goes wrong.

Each rule is one thing that somebody does: an applicant, a system, a stage, the time, or bad luck.
Handlers stop at any point while others go first, and a crash ends them there.
"""

import shutil
import tempfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, TypeVar, get_args

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from hub.broker import INTAKE, INTERPRET
from hub.model.details import Service
from hub.model.downward import (
    AgreementReply,
    Downward,
    MailboxAddress,
    ReceiptConfirmation,
    Reply,
    Withdrawal,
)
from hub.model.letter import Letter
from hub.model.upward import UpdateKind
from hub.sandbox.script import Answer
from hub.sandbox.xauslaender import Incoming
from tests.builders import a_document, a_submission
from tests.way_model.books import CaseBook, SentUpdate, check_always, check_in_the_end
from tests.way_model.far_ends import Office
from tests.way_model.faults import FAULTS, Fault, Place
from tests.way_model.world import AUTHORITIES, PROVIDERS, World

__all__ = ["Conversations"]

T = TypeVar("T")

_MOST_CASES: Final = 4
_ANSWERS: Final[dict[str, type[Downward]]] = {
    "question": Reply,
    "agreement": AgreementReply,
    "recognition_decision": ReceiptConfirmation,
}
_STATUS: Final = ("01", "02", "03", "05", "06", "07")
_LONG: Final = timedelta(minutes=10)
_QUIET: Final = 8
"""Looks that find nothing to do, ten minutes apart: no retry lies further ahead than an hour."""

_MEMORY: Final = Path("/dev/shm")  # noqa: S108 - in memory, a flush to disk costs nothing

NUMBERS = st.integers(0, 30)
"""Which of several, counted round."""

OFFICES = st.sampled_from(sorted(AUTHORITIES))
BOXES = st.sampled_from(PROVIDERS)
SERVICES: st.SearchStrategy[Service] = st.sampled_from(("employment", "skilled_workers"))

ROUNDS = st.integers(0, 4)
"""How long all stages work steadily after something was said."""

POINTS = st.one_of(st.none(), st.integers(0, 12))
"""How far a handler comes: to its end, or past so many points."""


class Conversations(RuleBasedStateMachine):
    """The hub's stages between applicants and systems."""

    def __init__(self) -> None:
        super().__init__()
        memory = _MEMORY if _MEMORY.is_dir() else None
        self.folder = Path(tempfile.mkdtemp(prefix="way-model-", dir=memory))
        self.world = World(self.folder)
        self.cases: list[CaseBook] = []

    def teardown(self) -> None:
        try:
            self.drain()
            check_in_the_end(self.world, self.cases)
        finally:
            self.world.close()
            shutil.rmtree(self.folder)

    @initialize(
        given=st.lists(st.tuples(OFFICES, BOXES, SERVICES), min_size=2, max_size=3), rounds=ROUNDS
    )
    def begin(self, given: list[tuple[str, str, Service]], rounds: int) -> None:
        for authority, provider, service in given:
            self.apply(authority, provider, service, back_channel=True)
        self.work_on(rounds)

    @precondition(lambda self: len(self.cases) < _MOST_CASES)
    @rule(
        authority=OFFICES,
        provider=BOXES,
        service=SERVICES,
        back_channel=st.sampled_from((True, True, True, False)),
    )
    def apply(self, authority: str, provider: str, service: Service, *, back_channel: bool) -> None:
        number = len(self.cases) + 1
        box = MailboxAddress(provider=provider, account=f"muster-{number}")
        submission = a_submission(
            id=self.world.fresh(),
            service=service,
            created_at=self.world.now(),
            application_id=f"MUSTER-{number}",
            authority=authority,
            back_channel=back_channel,
            mailbox=box if back_channel else None,
        )
        case = CaseBook(submission, authority, back_channel and AUTHORITIES[authority][-1])
        self.cases.append(case)
        self.send(case, submission, sure=True)

    @precondition(lambda self: self.asking())
    @rule(which=NUMBERS, rounds=ROUNDS)
    def answer(self, which: int, rounds: int) -> None:
        """An applicant answers a letter that wants an answer, and may have got one."""
        asking = self.asking()
        case, letter = asking[which % len(asking)]
        given: dict[str, Any] = {"answers": letter.about}
        given |= {"text": "Ja"} if letter.kind == "question" else {}
        document = a_document(f"answer {len(case.down)}")
        message = _ANSWERS[letter.kind](**self.following(case), **given, documents=(document,))
        before = any(isinstance(each, Withdrawal) or _answers(each, letter) for each in case.down)
        self.send(case, message, sure=not before)
        self.work_on(rounds)

    @rule(
        what=st.sampled_from(("withdraw", "not asked", "not asked", "again", "again")),
        number=NUMBERS,
        which=NUMBERS,
        rounds=ROUNDS,
    )
    def say(self, what: str, number: int, which: int, rounds: int) -> None:
        """An applicant withdraws, answers what nobody asked, or sends something once more."""
        case = self.case(number)
        if what == "withdraw":
            first = not any(isinstance(each, Withdrawal) for each in case.down)
            self.send(case, Withdrawal(**self.following(case)), sure=first)
        elif what == "again":
            self.world.enter(case.down[which % len(case.down)])
        else:
            boxes = self.world.mailboxes.values()
            letters = [each for box in boxes for each in box.letters.values()]
            about = letters[which % len(letters)].about if letters else self.world.fresh()
            self.send(case, Reply(**self.following(case), answers=about, text="Ja"), sure=False)
        self.work_on(rounds)

    @precondition(lambda self: self.known())
    @rule(number=NUMBERS, kind=st.sampled_from(tuple(_ANSWERS)), rounds=ROUNDS)
    def ask(self, number: int, kind: UpdateKind, rounds: int) -> None:
        """An authority writes what wants an answer."""
        self.write(number, Answer(kind))
        self.work_on(rounds)

    @precondition(lambda self: self.known())
    @rule(
        number=NUMBERS,
        kinds=st.lists(st.sampled_from(get_args(UpdateKind)), min_size=1, max_size=3),
        status=st.sampled_from(_STATUS),
        rounds=ROUNDS,
    )
    def tell(self, number: int, kinds: list[UpdateKind], status: str, rounds: int) -> None:
        """An authority writes whatever it likes, also several at once."""
        for kind in kinds:
            of = status if kind == "status" else None
            self.write(number, Answer(kind, of, with_fee_notice=True))
        self.work_on(rounds)

    @precondition(lambda self: self.known())
    @rule(what=st.sampled_from(("again", "stranger")), number=NUMBERS, which=NUMBERS)
    def bring(self, what: str, number: int, which: int) -> None:
        """A system brings an update once more, or writes about a case that is another's."""
        case, to = self.one_of(self.known(), number)
        stranger = sorted(AUTHORITIES)[which % len(AUTHORITIES)]
        if what == "again" and case.up:
            self.world.bring(case.authority, case.up[which % len(case.up)].body)
        elif what == "stranger" and stranger != case.authority:
            office = self.world.offices[stranger]
            reader = stranger if office.version else f"azr:{stranger}"
            body = office.write(
                Answer("question"),
                replace(to, reader=reader),
                self.world.fresh(),
                self.world.now(),
            )
            self.world.bring(stranger, body)

    @rule(queue=NUMBERS, points=POINTS)
    def work(self, queue: int, points: int | None) -> None:
        """A stage takes the next message of a queue, and may be stopped on its way."""
        if ready := self.world.ready():
            self.world.take(ready[queue % len(ready)], points)

    @rule(rounds=ROUNDS)
    def work_on(self, rounds: int) -> None:
        """All stages and systems work steadily for a while."""
        for _ in range(rounds):
            for authority in AUTHORITIES:
                self.collect(authority)
            for queue in self.world.ready():
                self.world.take(queue)

    @precondition(lambda self: self.world.scheduler.jobs)
    @rule(job=NUMBERS, points=POINTS)
    def go_on(self, job: int, points: int | None) -> None:
        """A handler that was stopped goes on."""
        self.world.go_on(job, points)

    @rule(seconds=st.sampled_from((0, 2, 31, 200, 4000)), points=POINTS)
    def wait(self, seconds: int, points: int | None) -> None:
        """Time passes, and DISPATCH looks."""
        self.world.pass_time(timedelta(seconds=seconds))
        self.world.look(points)

    @rule(what=st.sampled_from([(place, one) for place, many in FAULTS.items() for one in many]))
    def go_wrong(self, what: tuple[Place, Fault]) -> None:
        """The next to come to that place meets it."""
        self.world.faults.add(*what)

    @rule(what=st.sampled_from(("lose", "double", "wipe")), queue=NUMBERS)
    def spoil(self, what: str, queue: int) -> None:
        """A reference gets lost in the broker, or is there twice; or it forgets everything.

        Those outside notice that, and send what was not taken.
        """
        references = [name for name in self.world.ready() if name not in (INTAKE, INTERPRET)]
        if what == "wipe":
            for delivery in self.world.broker.wipe():
                self.world.broker.queues[delivery.queue].append(delivery)
        elif references:
            waiting = self.world.broker.queues[references[queue % len(references)]]
            waiting.append(waiting[0]) if what == "double" else waiting.pop()

    @rule(reopen=st.sampled_from((False, False, False, True)))
    def crash(self, *, reopen: bool) -> None:
        """The process ends wherever its handlers stand; another one starts."""
        self.world.crash(reopen=reopen)

    @invariant()
    def nothing_is_wrong(self) -> None:
        check_always(self.world, self.cases)

    def case(self, number: int) -> CaseBook:
        return self.cases[number % len(self.cases)]

    def letters(self, case: CaseBook) -> list[Letter]:
        there = [each for box in self.world.mailboxes.values() for each in box.letters.values()]
        return [each for each in there if each.case == case.submission.id]

    def following(self, case: CaseBook) -> dict[str, Any]:
        return {
            "id": self.world.fresh(),
            "case": case.submission.id,
            "created_at": self.world.now(),
        }

    def asking(self) -> list[tuple[CaseBook, Letter]]:
        """Letters that want an answer; those that have one come last."""
        found = [
            (case, letter)
            for case in self.cases
            for letter in self.letters(case)
            if letter.kind in _ANSWERS
        ]
        open_ = [(c, one) for c, one in found if not any(_answers(m, one) for m in c.down)]
        return open_ or found

    def known(self) -> list[tuple[CaseBook, Incoming]]:
        """Cases of which their authority has something, and the last of it."""
        return [
            (case, own[-1])
            for case in self.cases
            if (own := [m for m in self.office(case).taken if m.application_id == case.token])
        ]

    def write(self, number: int, answer: Answer) -> None:
        """An authority writes about the last that it has of a case."""
        case, to = self.one_of(self.known(), number)
        uuid = self.world.fresh()
        body = self.office(case).write(answer, to, uuid, self.world.now())
        case.up.append(SentUpdate(uuid, answer.kind, body))
        self.office(case).outgoing.append(body)
        self.collect(case.authority)

    def office(self, case: CaseBook) -> Office:
        return self.world.offices[case.authority]

    @staticmethod
    def one_of(those: list[T], number: int) -> T:
        return those[number % len(those)]

    def collect(self, authority: str) -> None:
        """What a system has to send comes to the hub's door."""
        outgoing = self.world.offices[authority].outgoing
        while outgoing:
            self.world.bring(authority, outgoing.pop(0))

    def send(self, case: CaseBook, message: Downward, *, sure: bool) -> None:
        case.down.append(message)
        if sure:
            case.sure.add(message.id)
        self.world.enter(message)

    def drain(self) -> None:
        """Nothing goes wrong any more, and time passes until nothing moves."""
        world = self.world
        world.faults.waiting.clear()
        world.finish()
        quiet = 0
        while quiet < _QUIET:
            for authority in AUTHORITIES:
                self.collect(authority)
            while ready := world.ready():
                world.take(ready[0])
            world.pass_time(_LONG)
            world.look()
            quiet = 0 if world.ready() else quiet + 1


def _answers(message: Downward, letter: Letter) -> bool:
    return getattr(message, "answers", None) == letter.about
