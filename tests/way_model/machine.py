"""Random conversations over several cases while everything around the hub goes wrong.

Each rule is one thing that somebody does: an applicant, a system, a stage, the time, or bad luck.
Handlers stop at any point while others go first, and a crash ends them there.
"""

import shutil
import tempfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Final, get_args

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from hub.broker import INTAKE, INTERPRET
from hub.model.details import Service
from hub.model.upward import UpdateKind
from hub.sandbox.script import Answer
from tests.way_model.books import check_always, check_in_the_end
from tests.way_model.faults import FAULTS, Fault, Place
from tests.way_model.people import ANSWERED_BY, People, one_of
from tests.way_model.routes import AUTHORITIES
from tests.way_model.world import PROVIDERS, World

__all__ = ["Conversations"]

_MOST_CASES: Final = 4
_STATUS: Final = ("01", "02", "03", "05", "06", "07")
_MEMORY: Final = Path("/dev/shm")  # noqa: S108 - in memory, a flush to disk costs nothing

NUMBERS = st.integers(0, 30)
"""Which of several, counted round."""

OFFICES = st.sampled_from(sorted(AUTHORITIES))
BOXES = st.sampled_from(PROVIDERS)
SERVICES: st.SearchStrategy[Service] = st.sampled_from(("employment", "skilled_workers"))

ROUNDS = st.sampled_from((0, 0, 1, 2, 4))
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
        self.people = People(self.world)

    def teardown(self) -> None:
        try:
            self.people.drain()
            check_in_the_end(self.world, self.people.cases)
        finally:
            self.world.close()
            shutil.rmtree(self.folder)

    @initialize(
        given=st.lists(st.tuples(OFFICES, BOXES, SERVICES), min_size=2, max_size=3), rounds=ROUNDS
    )
    def begin(self, given: list[tuple[str, str, Service]], rounds: int) -> None:
        for authority, provider, service in given:
            self.people.apply(authority, provider, service, back_channel=True)
        self.people.work(rounds)

    @precondition(lambda self: len(self.people.cases) < _MOST_CASES)
    @rule(
        authority=OFFICES,
        provider=BOXES,
        service=SERVICES,
        back_channel=st.sampled_from((True, True, True, False)),
    )
    def apply(self, authority: str, provider: str, service: Service, *, back_channel: bool) -> None:
        self.people.apply(authority, provider, service, back_channel=back_channel)

    @precondition(lambda self: self.people.asked())
    @rule(which=NUMBERS, rounds=ROUNDS)
    def answer(self, which: int, rounds: int) -> None:
        """An applicant answers a letter that wants an answer, and may have got one."""
        self.people.answer(*one_of(self.people.asked(), which))
        self.people.work(rounds)

    @rule(
        what=st.sampled_from(("withdraw", "not asked", "not asked", "again", "again")),
        number=NUMBERS,
        which=NUMBERS,
        rounds=ROUNDS,
    )
    def say(self, what: str, number: int, which: int, rounds: int) -> None:
        """An applicant withdraws, answers what nobody asked, or sends something once more."""
        people, case = self.people, one_of(self.people.cases, number)
        if what == "withdraw":
            people.withdraw(case)
        elif what == "again":
            self.world.enter(one_of(case.down, which))
        else:
            letters = people.letters(*people.cases)
            about = one_of(letters, which).about if letters else self.world.fresh()
            people.answer_anything(case, about)
        people.work(rounds)

    @precondition(lambda self: self.people.known())
    @rule(number=NUMBERS, kind=st.sampled_from(tuple(ANSWERED_BY)), rounds=ROUNDS)
    def ask(self, number: int, kind: UpdateKind, rounds: int) -> None:
        """An authority writes what wants an answer."""
        self.people.write(one_of(self.people.known(), number), Answer(kind))
        self.people.work(rounds)

    @precondition(lambda self: self.people.known())
    @rule(
        number=NUMBERS,
        kinds=st.lists(st.sampled_from(get_args(UpdateKind)), min_size=1, max_size=3),
        status=st.sampled_from(_STATUS),
        rounds=st.sampled_from((0, 0, 0, 1, 3)),
    )
    def tell(self, number: int, kinds: list[UpdateKind], status: str, rounds: int) -> None:
        """An authority writes whatever it likes, also several at once."""
        case = one_of(self.people.known(), number)
        for kind in kinds:
            of = status if kind == "status" else None
            self.people.write(case, Answer(kind, of, with_fee_notice=True))
        self.people.work(rounds)

    @precondition(lambda self: self.people.known())
    @rule(what=st.sampled_from(("again", "stranger")), number=NUMBERS, which=NUMBERS)
    def bring(self, what: str, number: int, which: int) -> None:
        """A system brings an update once more, or writes about a case that is another's."""
        case = one_of(self.people.known(), number)
        stranger = one_of(sorted(AUTHORITIES), which)
        if what == "again" and case.up:
            self.world.bring(case.authority, one_of(case.up, which).body)
        elif what == "stranger" and stranger != case.authority:
            office = self.world.offices[stranger]
            reader = stranger if office.version else f"azr:{stranger}"
            to = replace(self.people.had(case)[-1], reader=reader)
            body = office.write(Answer("question"), to, self.world.fresh(), self.world.now())
            self.world.bring(stranger, body)

    @rule(queue=NUMBERS, points=POINTS)
    def work(self, queue: int, points: int | None) -> None:
        """A stage takes the next message of a queue, and may be stopped on its way."""
        if ready := self.world.ready():
            self.world.take(one_of(ready, queue), points)

    @rule(
        queue=NUMBERS,
        many=st.integers(1, 4),
        points=st.integers(0, 3),
        fault=st.sampled_from((None, *FAULTS["commit"])),
    )
    def work_at_once(self, queue: int, many: int, points: int, fault: Fault | None) -> None:
        """A stage takes several of a queue; the first is slow, and may meet a fault at last."""
        if not (ready := self.world.ready()):
            return
        name = one_of(ready, queue)
        self.world.take(name, points)
        for _ in range(min(many - 1, len(self.world.broker.queues[name]))):
            self.world.take(name)
        if fault is not None:
            self.world.faults.waiting.insert(0, ("commit", fault))
        if self.world.scheduler.jobs:
            self.world.go_on(0, None)

    @rule(authority=OFFICES)
    def be_strict(self, authority: str) -> None:
        """A system is about to refuse the next new message."""
        self.world.offices[authority].is_strict = True

    @rule(rounds=ROUNDS)
    def work_on(self, rounds: int) -> None:
        """All stages and systems work steadily for a while."""
        self.people.work(rounds)

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
            waiting = self.world.broker.queues[one_of(references, queue)]
            waiting.append(waiting[0]) if what == "double" else waiting.pop()

    @rule(reopen=st.sampled_from((False, False, False, True)))
    def crash(self, *, reopen: bool) -> None:
        """The process ends wherever its handlers stand; another one starts."""
        self.world.crash(reopen=reopen)

    @invariant()
    def nothing_is_wrong(self) -> None:
        check_always(self.world, self.people.cases)
