"""Where a case stands for its applicant: what is open, and what became of what they sent.

What was sent a moment ago has no row in the store before INTAKE has taken it in. It counts all the
same: nobody is asked again for what is on its way. Once it was refused, it is open again.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum, auto
from typing import Final

from hub.model.conversation import Said, Standing
from hub.model.identifiers import MessageUuid
from hub.routing import RoutingTable
from hub.stages.standing import SENTENCES, standing_of
from hub.store import (
    Case,
    Connection,
    Message,
    Sending,
    State,
    dead_letter_of_correlation,
    messages_of,
    sendings_of,
)

__all__ = ["REASONS", "Correspondence", "Progress", "Sent", "correspondence"]


REASONS: Final = frozenset(SENTENCES) - {"case.submitted"}
"""Causes of a refusal for which the catalogues have a sentence: `refused.<cause>`."""


class Progress(StrEnum):
    """How far a message of the applicant has come. Three acknowledgements, never confused."""

    ON_ITS_WAY = auto()  # the hub has it
    HANDED_OVER = auto()  # the system has it, and has not said yet whether it takes it
    ACCEPTED = auto()  # the system has taken it
    STUCK = auto()  # a person has to decide
    REFUSED = auto()  # it did not arrive, and never will
    DISCARDED = auto()  # a person decided that it does not go on


@dataclass(frozen=True, slots=True)
class Sent:
    """A message of the applicant. `cause`: why it was refused."""

    id: MessageUuid
    kind: str
    answers: MessageUuid | None
    at: datetime
    progress: Progress
    cause: str | None = None


@dataclass(frozen=True, slots=True)
class Correspondence:
    """`sent` has the newest first. `unconfirmed`: tried, and it is not known whether it arrived."""

    standing: Standing
    sent: tuple[Sent, ...]
    unconfirmed: tuple[Sending, ...]

    def answer_to(self, update: MessageUuid) -> Sent | None:
        """What was last sent in answer to an update."""
        return next((each for each in self.sent if each.answers == update), None)


def correspondence(
    connection: Connection, case: Case, table: RoutingTable, now: datetime
) -> Correspondence:
    """Read it off the store."""
    rows = [each for each in messages_of(connection, case.id) if each.direction == "down"]
    taken_in = {each.id for each in rows}
    loose = [each for each in sendings_of(connection, case.id) if each.id not in taken_in]
    early = list(_not_taken_in(connection, loose))
    waiting = [each for each in early if each.progress is Progress.ON_ITS_WAY]
    sent = [*early, *map(_taken_in, rows)]
    known = {each.id for each in early}
    return Correspondence(
        standing=standing_of(connection, case, table, now, on_the_way=_said(case, loose, waiting)),
        sent=tuple(sorted(sent, key=lambda each: each.at, reverse=True)),
        unconfirmed=tuple(each for each in loose if each.id not in known),
    )


def _not_taken_in(connection: Connection, sendings: Sequence[Sending]) -> Iterator[Sent]:
    for each in sendings:
        dead = dead_letter_of_correlation(connection, str(each.id))
        if dead is not None and dead.state != "replayed":
            progress, cause = Progress.REFUSED, dead.cause
        elif each.confirmed_at is not None:
            progress, cause = Progress.ON_ITS_WAY, None
        else:
            continue
        yield Sent(each.id, each.kind, each.answers, each.at, progress, cause)


def _taken_in(row: Message) -> Sent:
    return Sent(row.id, row.kind, row.answers, row.created_at, _PROGRESS[row.state])


def _said(case: Case, sendings: Sequence[Sending], waiting: Sequence[Sent]) -> list[Said]:
    ids = {each.id for each in waiting}
    return [
        Said(
            id=each.id,
            direction="down",
            kind=each.kind,
            authority=case.authority,
            wire=each.id,
            answers=each.answers,
            at=each.at,
            deadline=None,
            alive=True,
        )
        for each in sendings
        if each.id in ids
    ]


_PROGRESS: Final = {
    State.OWED: Progress.ON_ITS_WAY,
    State.HANDED_OVER: Progress.HANDED_OVER,
    State.ACCEPTED: Progress.ACCEPTED,
    State.DEAD: Progress.STUCK,
    State.DISCARDED: Progress.DISCARDED,
}
"""The states of a message to the authority."""
