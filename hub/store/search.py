"""Finds cases by what an operator may know of them: never by a person, always by codes and ids.

Answers come in pages, the newest case first. Each criterion has an index in the order of the
answer, so that a page costs the same with a thousand cases as with a million.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Self
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Subquery,
    and_,
    literal_column,
    or_,
    select,
    text,
    tuple_,
    union,
)

from hub.model.details import Service
from hub.model.failure import PermanentFailure
from hub.model.identifiers import CaseId
from hub.store.tables import KNOWN_BY_ANOTHER, UNFINISHED, State, cases, dead_letters, messages

__all__ = ["PAGE", "Criteria", "Found", "Page", "Place", "search"]

PAGE: Final = 50
"""Cases of one page."""


@dataclass(frozen=True, slots=True)
class Criteria:
    """What a case must be; what is None does not matter.

    `id` is that of a case, a message or an application, or a nachrichtenUUID. `state` is the
    case's own, `standing` asks for a message that is owed, handed over or dead, `cause` for a
    dead letter that waits for a decision.
    """

    id: str | None = None
    authority: str | None = None
    service: Service | None = None
    state: str | None = None
    standing: State | None = None
    cause: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A case as a list shows it."""

    id: CaseId
    application_id: str
    service: Service
    authority: str
    state: str
    test: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page ended: the next one begins behind it."""

    created_at: datetime
    case: CaseId

    @classmethod
    def of(cls, found: Found) -> Self:
        """Behind that case."""
        return cls(found.created_at, found.id)

    @classmethod
    def from_text(cls, text: str) -> Self:
        """A place as `str` writes it.

        Raises:
            PermanentFailure: it is none.
        """
        at, _, case = text.partition("_")
        try:
            return cls(datetime.fromisoformat(at).astimezone(UTC), CaseId(UUID(case)))
        except ValueError:
            sentence = "There is no such page; search again."
            raise PermanentFailure("search.page", sentence) from None

    def __str__(self) -> str:
        return f"{self.created_at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}_{self.case}"


@dataclass(frozen=True, slots=True)
class Page:
    """Cases, and where the next page begins if there is one."""

    found: tuple[Found, ...]
    behind: Place | None


def search(connection: Connection, criteria: Criteria, behind: Place | None = None) -> Page:
    """The newest cases that are so, or the page behind another."""
    query = _CASES.where(*_conditions(criteria)).order_by(*_NEWEST_FIRST).limit(PAGE + 1)
    if behind is not None:
        place = tuple_(behind.created_at, behind.case, types=[_AT.type, _ID.type])
        query = query.where(tuple_(_AT, _ID) < place)
    rows = [Found(*row) for row in connection.execute(query)]
    more = len(rows) > PAGE
    return Page(tuple(rows[:PAGE]), Place.of(rows[PAGE - 1]) if more else None)


_AT: Final = cases.c.created_at
_ID: Final = cases.c.id
_NEWEST_FIRST: Final = (_AT.desc(), _ID.desc())
_CASES: Final = select(
    _ID,
    cases.c.application_id,
    cases.c.service,
    cases.c.authority,
    cases.c.state,
    cases.c.test,
    _AT,
)


def _conditions(criteria: Criteria) -> list[ColumnElement[bool]]:
    given: list[ColumnElement[bool] | None] = [
        None if criteria.id is None else _ID.in_(_known_as(criteria.id)),
        None if criteria.authority is None else cases.c.authority == criteria.authority,
        None if criteria.service is None else cases.c.service == criteria.service,
        None if criteria.state is None else cases.c.state == criteria.state,
        None if criteria.standing is None else _ID.in_(_standing(criteria.standing)),
        None if criteria.cause is None else _ID.in_(_dead_of(criteria.cause)),
        None if criteria.since is None else criteria.since <= _AT,
        None if criteria.until is None else criteria.until > _AT,
    ]
    return [condition for condition in given if condition is not None]


def _known_as(id_: str) -> Select[tuple[CaseId]]:
    """Cases that the id names, whatever kind of id it is."""
    application = select(_ID).where(cases.c.application_id == id_)
    try:
        uuid = UUID(id_)
    except ValueError:
        return application
    of_message = select(messages.c.case_id).where(
        or_(messages.c.id == uuid, and_(messages.c.wire == uuid, text(KNOWN_BY_ANOTHER)))
    )
    known: Subquery = union(application, of_message, select(_ID).where(_ID.in_([uuid]))).subquery()
    return select(known)


def _standing(state: State) -> Select[tuple[CaseId]]:
    # Written out, so that the partial index of what is unfinished is seen to hold it.
    wanted: ColumnElement[str] = literal_column(f"'{state.value}'")
    return select(messages.c.case_id).where(text(UNFINISHED), messages.c.state == wanted)


def _dead_of(cause: str) -> Select[tuple[CaseId]]:
    return select(dead_letters.c.case_id).where(
        dead_letters.c.state == "open", dead_letters.c.cause == cause
    )
