"""Applicants and authorities: what each knows, and what they sent, entered in their books."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final, TypeVar
from uuid import UUID

from hub.model.details import Service
from hub.model.downward import (
    AgreementReply,
    Downward,
    MailboxAddress,
    ReceiptConfirmation,
    Reply,
    Withdrawal,
)
from hub.model.identifiers import MessageUuid
from hub.model.letter import Letter
from hub.sandbox.script import Answer
from hub.sandbox.xauslaender import Incoming
from tests.builders import a_document, a_submission
from tests.way_model.books import CaseBook, SentUpdate
from tests.way_model.far_ends import Office
from tests.way_model.routes import AUTHORITIES
from tests.way_model.world import World

__all__ = ["ANSWERED_BY", "People", "one_of"]

T = TypeVar("T")

ANSWERED_BY: Final[Mapping[str, type[Downward]]] = {
    "question": Reply,
    "agreement": AgreementReply,
    "recognition_decision": ReceiptConfirmation,
}
"""What an applicant answers, and with what."""

_LONG: Final = timedelta(minutes=10)
_QUIET: Final = 8
"""Looks that find nothing to do, ten minutes apart: no retry lies further ahead than an hour."""


def one_of(those: list[T], number: int) -> T:
    """Counted round."""
    return those[number % len(those)]


class People:
    """Everybody around one hub."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.cases: list[CaseBook] = []

    def apply(
        self, authority: str, provider: str, service: Service, *, back_channel: bool
    ) -> CaseBook:
        """Somebody begins a case."""
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
        self._send(case, submission, sure=True)
        return case

    def answer(self, case: CaseBook, letter: Letter) -> None:
        """A letter that wants an answer gets one; the first is sure to be taken."""
        given: dict[str, Any] = {"answers": letter.about}
        given |= {"text": "Ja"} if letter.kind == "question" else {}
        document = a_document(f"answer {len(case.down)}")
        message = ANSWERED_BY[letter.kind](**self._next(case), **given, documents=(document,))
        before = any(isinstance(each, Withdrawal) or _answers(each, letter) for each in case.down)
        self._send(case, message, sure=not before)

    def answer_anything(self, case: CaseBook, about: UUID) -> None:
        """A reply to what may be no question, or another case's."""
        self._send(case, Reply(**self._next(case), answers=about, text="Ja"), sure=False)

    def withdraw(self, case: CaseBook) -> None:
        """Once is sure to be taken."""
        first = not any(isinstance(each, Withdrawal) for each in case.down)
        self._send(case, Withdrawal(**self._next(case)), sure=first)

    def write(self, case: CaseBook, answer: Answer) -> None:
        """An authority writes about the last that it has of a case."""
        office, uuid = self.office(case), self.world.fresh()
        body = office.write(answer, self.had(case)[-1], uuid, self.world.now())
        case.up.append(SentUpdate(MessageUuid(uuid), answer.kind, body))
        office.outgoing.append(body)
        self.collect(case.authority)

    def collect(self, authority: str) -> None:
        """What a system has to send comes to the hub's door."""
        outgoing = self.world.offices[authority].outgoing
        while outgoing:
            self.world.bring(authority, outgoing.pop(0))

    def work(self, rounds: int) -> None:
        """All stages and systems work steadily for a while."""
        for _ in range(rounds):
            for authority in AUTHORITIES:
                self.collect(authority)
            for queue in self.world.ready():
                self.world.take(queue)

    def drain(self) -> None:
        """Nothing goes wrong any more, and time passes until nothing moves."""
        self.world.faults.waiting.clear()
        self.world.finish()
        quiet = 0
        while quiet < _QUIET:
            while self.world.ready():
                self.work(1)
            self.work(1)
            self.world.pass_time(_LONG)
            self.world.look()
            quiet = 0 if self.world.ready() else quiet + 1

    def office(self, case: CaseBook) -> Office:
        """The system of the authority that has the case."""
        return self.world.offices[case.authority]

    def had(self, case: CaseBook) -> list[Incoming]:
        """What its authority has of a case."""
        return [one for one in self.office(case).taken if one.application_id == case.token]

    def known(self) -> list[CaseBook]:
        """Cases of which their authority has something."""
        return [case for case in self.cases if self.had(case)]

    def letters(self, *cases: CaseBook) -> list[Letter]:
        """Those in the mailboxes about some cases."""
        ids = {case.submission.id for case in cases}
        boxes = self.world.mailboxes.values()
        return [each for box in boxes for each in box.letters.values() if each.case in ids]

    def asked(self) -> list[tuple[CaseBook, Letter]]:
        """Letters that want an answer and have none; if there is none, those that have one."""
        asking = [
            (case, letter)
            for case in self.cases
            for letter in self.letters(case)
            if letter.kind in ANSWERED_BY
        ]
        open_ = [(c, one) for c, one in asking if not any(_answers(m, one) for m in c.down)]
        return open_ or asking

    def _next(self, case: CaseBook) -> dict[str, Any]:
        return {
            "id": self.world.fresh(),
            "case": case.submission.id,
            "created_at": self.world.now(),
        }

    def _send(self, case: CaseBook, message: Downward, *, sure: bool) -> None:
        case.down.append(message)
        if sure:
            case.sure.add(message.id)
        self.world.enter(message)


def _answers(message: Downward, letter: Letter) -> bool:
    return getattr(message, "answers", None) == letter.about
