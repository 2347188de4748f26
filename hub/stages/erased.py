"""What becomes of messages that come for a case which was erased: nothing of them is kept.

Downward they are refused, and their sender is told. Upward nothing reaches an applicant of whom
nothing is known; it is noted and withheld, as where there never was a way back.
"""

from dataclasses import replace
from typing import Final

from hub.model.failure import PermanentFailure
from hub.store import Case, NewMessage, State

__all__ = ["CaseErased", "check_not_erased", "nothing_of"]


class CaseErased(PermanentFailure):
    """The case was erased. A dead letter that says so has no content."""

    def __init__(self) -> None:
        super().__init__(
            "case.erased",
            "The case was erased: nothing of it is kept, and nothing more is taken in for it."
            " An applicant who goes on needs a new application.",
            location="case",
        )


def check_not_erased(case: Case | None) -> None:
    """Raise CaseErased if it was."""
    if case is not None and case.erased_at is not None:
        raise CaseErased


def nothing_of(row: NewMessage) -> NewMessage:
    """The row of what a system sent, without anything of what it says."""
    state = State.WITHHELD if row.state is State.OWED else row.state
    return replace(
        row,
        state=state,
        owes=None,
        provider=None,
        content=None,
        digest=_NO_HASH,
        due_at=None,
        deadline=None,
    )


_NO_HASH: Final = "0" * 64
"""As every message of the case has it by now: what comes twice is still known."""
