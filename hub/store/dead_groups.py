"""Dead letters by their causes, and which of them a person means."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, and_, func, select, tuple_

from hub.model.identifiers import MessageUuid
from hub.store import tables
from hub.store.dead_letters import DEAD_LETTER_COLUMNS, DeadLetter
from hub.store.messages import message_by_id
from hub.store.tables import State

__all__ = [
    "DeadGroup",
    "Meant",
    "Outcome",
    "Seen",
    "dead_groups",
    "outcome_of",
    "page_of_dead",
    "select_dead",
]

_PAGE: Final = 100


@dataclass(frozen=True, slots=True)
class Meant:
    """Which open dead letters are meant: those that have all that is named; else every one."""

    cause: str | None = None
    authority: str | None = None
    kind: str | None = None


@dataclass(frozen=True, slots=True)
class DeadGroup:
    """Open dead letters of one cause. Equal fingerprints have one place in the code, too."""

    cause: str
    fingerprint: str
    sentence: str
    count: int
    first_at: datetime
    last_at: datetime
    authorities: tuple[str, ...]
    kinds: tuple[str, ...]
    example: UUID


@dataclass(frozen=True, slots=True)
class Seen:
    """A dead letter as it was seen: what dies again later is another death."""

    letter: UUID
    at: datetime


Outcome = Literal["open", "died_again", "under_way", "passed", "discarded"]
"""How a dead letter stands: a person has to decide, the last replay failed, it runs, it passed."""


def dead_groups(connection: Connection, meant: Meant) -> list[DeadGroup]:
    """Open dead letters by cause, the largest group first."""
    rows = connection.execute(_GROUPS.where(_condition(meant)))
    groups = [
        _group(key, list(parts))
        for key, parts in groupby(rows, key=lambda row: (row.cause, row.fingerprint))
    ]
    return sorted(groups, key=lambda group: (-group.count, group.cause, group.fingerprint))


def select_dead(connection: Connection, meant: Meant) -> list[Seen]:
    """The open dead letters that are meant as they are now, the oldest first."""
    return [Seen(*row) for row in connection.execute(_SEEN.where(_condition(meant)))]


def page_of_dead(
    connection: Connection, meant: Meant, behind: Seen | None
) -> tuple[list[DeadLetter], bool]:
    """Up to a hundred open dead letters that are meant, the newest first; and if there are more.

    `behind`: the last one of the page before.
    """
    query = _LETTERS.where(_condition(meant))
    if behind is not None:
        place = tuple_(behind.at, behind.letter, types=[_TABLE.c.at.type, _TABLE.c.id.type])
        query = query.where(tuple_(_TABLE.c.at, _TABLE.c.id) < place)
    found = [DeadLetter(*row) for row in connection.execute(query)]
    return found[:_PAGE], len(found) > _PAGE


def outcome_of(connection: Connection, letter: DeadLetter) -> Outcome:
    """How a dead letter stands now, and so how its last replay ended."""
    if letter.state == "open":
        return "died_again" if letter.replays else "open"
    if letter.state == "discarded":
        return "discarded"
    if letter.message is None:
        return "passed" if letter.passed_at is not None else "under_way"
    return _outcome_of_message(connection, letter.message)


_TABLE: Final = tables.dead_letters
_is_open: Final = _TABLE.c.state == "open"
_GROUPS: Final = (
    select(
        _TABLE.c.cause,
        _TABLE.c.fingerprint,
        _TABLE.c.authority,
        _TABLE.c.kind,
        func.count().label("count"),
        func.min(_TABLE.c.at).label("first_at"),
        func.max(_TABLE.c.at).label("last_at"),
        func.max(_TABLE.c.sentence).label("sentence"),
        func.max(_TABLE.c.id).label("example"),
    )
    .group_by(_TABLE.c.cause, _TABLE.c.fingerprint, _TABLE.c.authority, _TABLE.c.kind)
    .order_by(_TABLE.c.cause, _TABLE.c.fingerprint)
)
_SEEN: Final = select(_TABLE.c.id, _TABLE.c.at).order_by(_TABLE.c.at, _TABLE.c.id)
_LETTERS: Final = (
    select(*DEAD_LETTER_COLUMNS).order_by(_TABLE.c.at.desc(), _TABLE.c.id.desc()).limit(_PAGE + 1)
)
_ARRIVED: Final = (State.ACCEPTED, State.PROVIDED, State.WITHHELD, State.NOTED)


def _condition(meant: Meant) -> ColumnElement[bool]:
    named = {"cause": meant.cause, "authority": meant.authority, "kind": meant.kind}
    return and_(_is_open, *(_TABLE.c[name] == value for name, value in named.items() if value))


def _group(key: tuple[str, str], parts: list[Any]) -> DeadGroup:
    cause, fingerprint = key
    return DeadGroup(
        cause=cause,
        fingerprint=fingerprint,
        sentence=parts[0].sentence,
        count=sum(part[4] for part in parts),
        first_at=min(part.first_at for part in parts),
        last_at=max(part.last_at for part in parts),
        authorities=_sorted(part.authority for part in parts),
        kinds=_sorted(part.kind for part in parts),
        example=parts[0].example,
    )


def _sorted(values: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(sorted({value for value in values if value is not None}))


def _outcome_of_message(connection: Connection, id_: MessageUuid) -> Outcome:
    message = message_by_id(connection, id_)
    if message is None or message.state is State.DEAD:
        return "died_again"
    if message.state is State.DISCARDED:
        return "discarded"
    return "passed" if message.state in _ARRIVED else "under_way"
