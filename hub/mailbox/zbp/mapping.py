"""What each kind of letter means in the status monitor of the BundID: one table, to be read.

The monitor has six statuses, XAusländer has ten messages and six status codes, and they do not
fit: every row says why it was chosen and what is lost on the way. The choice is cautious. A status
claims no more than the message says: there is no message for the decision on an ordinary title,
for a payment or for "card ready", so COMPLETED stands only where a procedure truly ends.

The written rule on order: a status is sent only if it does not lead back. PROCESSING and
ACTION_REQUIRED take turns, since a question that was answered needs no action any more; after
COMPLETED nothing else follows. What is not sent is noted in the journal.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from hub.model.letter import Letter

__all__ = ["TABLE", "Row", "Status", "leads_back", "row_of"]


class Status(StrEnum):
    """The statuses of the ZBP's status object. The hub never sends the first two."""

    INITIATED = "INITIATED"
    SUBMITTED = "SUBMITTED"
    RECEIVED = "RECEIVED"
    PROCESSING = "PROCESSING"
    ACTION_REQUIRED = "ACTION_REQUIRED"
    COMPLETED = "COMPLETED"


@dataclass(frozen=True, slots=True)
class Row:
    """One kind of letter.

    Attributes:
        status: what the monitor is to show, None to leave it as it is.
        details: the status object's `statusDetails`, in German as its key `de` has it.
        reason: why this status.
        lost: what the letter says and the status does not.
    """

    status: Status | None
    details: str
    reason: str
    lost: str


_ONLY_IN_THE_LETTER: Final = "nothing but the language: details are German"

TABLE: Final[Mapping[str, Row]] = {
    "status.01": Row(
        Status.RECEIVED,
        "Antrag ist angekommen",
        "The code says that the application has arrived at the authority.",
        _ONLY_IN_THE_LETTER,
    ),
    "status.02": Row(
        Status.PROCESSING,
        "Antwort ist angekommen",
        "The answer has arrived: nothing more is asked of the applicant, the authority goes on.",
        "that another question may still be open",
    ),
    "status.03": Row(
        Status.PROCESSING,
        "Rücknahme ist angekommen",
        "The withdrawal has arrived; what the authority says to it follows as 130107.",
        "that the applicant wants the procedure to end",
    ),
    "status.05": Row(
        Status.PROCESSING,
        "Prüfung abgeschlossen, Entscheidung steht aus",
        "The code itself says that a decision on what follows is pending.",
        "that the checks are done",
    ),
    "status.06": Row(
        Status.PROCESSING,
        "Vereinbarung ist wirksam",
        "The procedure for skilled workers begins with the agreement rather than ending with it.",
        _ONLY_IN_THE_LETTER,
    ),
    "status.07": Row(
        Status.PROCESSING,
        "Unterlagen für die Anerkennung vollständig",
        "The recognition body has what it needs and is at work.",
        "that another body is at work",
    ),
    "question": Row(
        Status.ACTION_REQUIRED,
        "Frage der Ausländerbehörde",
        "The authority waits for the answer.",
        "the question and its deadline: the letter has both",
    ),
    "reminder": Row(
        Status.ACTION_REQUIRED,
        "Antwort steht noch aus",
        "The question is still open, and its deadline is near.",
        "the deadline: the letter has it",
    ),
    "appointment": Row(
        Status.ACTION_REQUIRED,
        "Terminmitteilung",
        "The applicant has to come, or to book a time.",
        "day and place, a fee notice; and since no message says that the applicant came, the"
        " status stays until the next letter",
    ),
    "withdrawal_answer": Row(
        Status.COMPLETED,
        "Antwort auf die Rücknahme",
        "The applicant took the application back and the authority has answered: 130107 is the"
        " last message the standard has for it.",
        "what the authority says, which might be that something is still open",
    ),
    "not_competent": Row(
        None,
        "",
        "No status means it. COMPLETED would say that the application was dealt with; it may yet"
        " go to the competent authority as the same case.",
        "all of it: only the letter tells",
    ),
    "intended_refusal": Row(
        Status.PROCESSING,
        "Anhörung zur beabsichtigten Ablehnung",
        "Nothing is decided yet. ACTION_REQUIRED would claim a duty that the message does not"
        " name, and the standard has no message for what the applicant says to it.",
        "that the applicant may want to speak now; a fee notice",
    ),
    "ending": Row(
        Status.COMPLETED,
        "Beschleunigtes Verfahren beendet",
        "Each of the four reasons of 130402 says that the procedure ends.",
        "the reason: the letter has it",
    ),
    "agreement": Row(
        Status.ACTION_REQUIRED,
        "Vereinbarung liegt zur Unterschrift vor",
        "The employer is to sign; the authority waits for 130404.",
        "the agreement itself: the letter has it",
    ),
    "recognition_decision": Row(
        Status.ACTION_REQUIRED,
        "Bescheid der Anerkennungsstelle",
        "The receipt has to be confirmed; the authority waits for 130406.",
        "the decision itself: the letter has it",
    ),
    "preliminary_approval": Row(
        Status.PROCESSING,
        "Vorabzustimmung zum Visum",
        "The visa is still to be decided on elsewhere, and no message says that nothing follows.",
        "that the authority may have done its last step",
    ),
}
"""Keys are kinds of letters; letters about a status (130104) have one row for each code."""


def row_of(letter: Letter) -> Row:
    """The row of a letter."""
    return TABLE[letter.kind if letter.status is None else f"{letter.kind}.{letter.status}"]


def leads_back(earlier: Iterable[Status], wanted: Status) -> bool:
    """Whether `wanted` is behind one of the statuses that were sent for the case before."""
    return any(_RANK[wanted] < _RANK[each] for each in earlier)


_RANK: Final = {
    Status.INITIATED: 0,
    Status.SUBMITTED: 1,
    Status.RECEIVED: 2,
    Status.PROCESSING: 3,
    Status.ACTION_REQUIRED: 3,
    Status.COMPLETED: 4,
}
