"""The case as a state machine, in one table: what was said in which phase, and what follows.

A case moves only by what the applicant and the authority say. The table is total: there is a
cell for every kind of message in every phase. Downward, a cell passes the message on or refuses
it with a cause. Upward nothing is refused, since the authority has said it: every letter is
provided, and one that contradicts what was said before is marked for the operator.

The kinds and who may answer what are those of XAusländer 26.11, chapter OZG. The standard says
nothing of contradictions; how they are settled is ours, in words in docs/case.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum, auto
from typing import Final

from hub.model.downward import DownwardKind
from hub.model.upward import UpwardKind

__all__ = ["KINDS", "TABLE", "Actor", "Cell", "Kind", "Outcome", "Phase"]

Kind = DownwardKind | UpwardKind


class Phase(StrEnum):
    """Where a case stands."""

    UNSENT = auto()  # its submission was discarded: no authority has it
    SUBMITTED = auto()  # on its way, and not a word of the authority yet
    IN_PROGRESS = auto()  # the authority has spoken
    NOT_COMPETENT = auto()  # the authority says that it is another's affair
    WITHDRAWING = auto()  # taken back, and the authority has not reacted yet
    WITHDRAWN = auto()  # taken back, and the authority has reacted
    ENDED = auto()  # the authority has ended the fast-track procedure


class Outcome(StrEnum):
    """What becomes of a message."""

    PASSED_ON = auto()  # down: it goes to the authority
    REFUSED = auto()  # down: a dead letter, and its sender is told
    PROVIDED = auto()  # up: it becomes a letter
    MARKED = auto()  # up: it becomes a letter, and contradicts what was said before
    NOTED = auto()  # up: it is for the hub itself


class Actor(StrEnum):
    """Who must act next."""

    APPLICANT = auto()
    AUTHORITY = auto()
    OPERATOR = auto()
    SENDER = auto()  # whoever sent what was refused
    NOBODY = auto()


@dataclass(frozen=True, slots=True)
class Cell:
    """What follows a kind of message in a phase. `cause` only where it is refused."""

    outcome: Outcome
    next: Phase
    acts: Actor
    cause: str | None = None


@dataclass(frozen=True, slots=True)
class _To:
    """A move: None stays in the phase."""

    phase: Phase | None = None
    acts: Actor = Actor.AUTHORITY
    marked: bool = False


_Move = _To | str
"""A move, or the cause of a refusal."""

_ON: Final = _To()
_OVER: Final = _To(acts=Actor.NOBODY)
_ASKS: Final = _To(Phase.IN_PROGRESS, Actor.APPLICANT)
_WORKS: Final = _To(Phase.IN_PROGRESS)
_ODD: Final = _To(acts=Actor.OPERATOR, marked=True)
_BACK: Final = _To(Phase.IN_PROGRESS, Actor.OPERATOR, marked=True)
_BEGIN: Final = _To(Phase.SUBMITTED)
_TAKE: Final = _To(Phase.WITHDRAWING)
_TAKEN: Final = _To(Phase.WITHDRAWN, Actor.NOBODY)
_ELSE: Final = _To(Phase.NOT_COMPETENT, Actor.OPERATOR)
_END: Final = _To(Phase.ENDED, Actor.NOBODY)

_GONE: Final = "case.discarded"
_NONE: Final = "answer.unmatched"
_AWAY: Final = "case.not_competent"
_WITHDRAWN: Final = "case.withdrawn"
_ENDED: Final = "case.ended"
_TWICE: Final = "case.submitted"

# ruff: noqa: E501 - a table is read in columns
# fmt: off
_ROWS: Final[dict[Kind, tuple[_Move, _Move, _Move, _Move, _Move, _Move, _Move]]] = {
    # kind                    UNSENT  SUBMITTED  IN_PROGRESS  NOT_COMPETENT  WITHDRAWING  WITHDRAWN    ENDED
    "submission":            (_BEGIN, _TWICE,    _TWICE,      _BEGIN,        _WITHDRAWN,  _WITHDRAWN,  _ENDED),
    "reply":                 (_GONE,  _NONE,     _ON,         _AWAY,         _WITHDRAWN,  _WITHDRAWN,  _ENDED),
    "agreement_reply":       (_GONE,  _NONE,     _ON,         _AWAY,         _WITHDRAWN,  _WITHDRAWN,  _ENDED),
    "receipt_confirmation":  (_GONE,  _NONE,     _ON,         _AWAY,         _WITHDRAWN,  _WITHDRAWN,  _ENDED),
    "withdrawal":            (_GONE,  _TAKE,     _TAKE,       _TAKE,         _WITHDRAWN,  _WITHDRAWN,  _ENDED),
    "status":                (_ODD,   _WORKS,    _ON,         _ODD,          _ON,         _OVER,       _ODD),
    "question":              (_ODD,   _ASKS,     _ASKS,       _BACK,         _ON,         _ODD,        _ODD),
    "appointment":           (_ODD,   _ASKS,     _ASKS,       _BACK,         _ON,         _ODD,        _ODD),
    "withdrawal_answer":     (_ODD,   _ODD,      _ODD,        _ODD,          _TAKEN,      _OVER,       _ODD),
    "not_competent":         (_ODD,   _ELSE,     _ELSE,       _ELSE,         _OVER,       _ODD,        _ODD),
    "intended_refusal":      (_ODD,   _WORKS,    _ON,         _BACK,         _ON,         _ODD,        _ODD),
    "ending":                (_ODD,   _END,      _END,        _END,          _END,        _END,        _ODD),
    "agreement":             (_ODD,   _ASKS,     _ASKS,       _BACK,         _ON,         _ODD,        _ODD),
    "recognition_decision":  (_ODD,   _ASKS,     _ASKS,       _BACK,         _ON,         _ODD,        _ODD),
    "preliminary_approval":  (_ODD,   _WORKS,    _ON,         _BACK,         _ON,         _ODD,        _ODD),
    "receipt":               (_OVER,  _ON,       _ON,         _ON,           _ON,         _OVER,       _OVER),
    "refusal":               (_ODD,   _ODD,      _ODD,        _ODD,          _ODD,        _ODD,        _ODD),
}
# fmt: on

KINDS: Final[Mapping[str, Kind]] = {kind: kind for kind in _ROWS}
"""Every kind of message by its name."""

_DOWN: Final = frozenset(
    {"submission", "reply", "agreement_reply", "receipt_confirmation", "withdrawal"}
)
_FOR_THE_HUB: Final = frozenset({"receipt", "refusal"})


def _cell(kind: Kind, phase: Phase, move: _Move) -> Cell:
    if isinstance(move, str):
        return Cell(Outcome.REFUSED, phase, Actor.SENDER, move)
    if kind in _DOWN:
        outcome = Outcome.PASSED_ON
    elif kind in _FOR_THE_HUB:
        outcome = Outcome.NOTED
    else:
        outcome = Outcome.MARKED if move.marked else Outcome.PROVIDED
    return Cell(outcome, move.phase or phase, move.acts)


TABLE: Final[Mapping[tuple[Phase, Kind], Cell]] = {
    (phase, kind): _cell(kind, phase, move)
    for kind, moves in _ROWS.items()
    for phase, move in zip(Phase, moves, strict=True)
}
"""(phase, kind) → what follows. Total over both."""
