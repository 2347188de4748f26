"""Every place in the tables where something lies sealed, and under which key it lies there.

To rotate keys means to read what an older key has sealed, a few values at a time, and to put it
back sealed by the newest. A value is only replaced by what says the same: one that somebody has
written, corrected or deleted meanwhile stays as they left it.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    Column,
    Connection,
    LargeBinary,
    Table,
    bindparam,
    case,
    func,
    literal,
    select,
    update,
)

from hub.store import tables
from hub.store.sealer import Sealer

__all__ = [
    "SEALED_PLACES",
    "SealedPlace",
    "SealedValue",
    "keys_used",
    "put_resealed",
    "sealed_by_others",
]


@dataclass(frozen=True, slots=True)
class SealedPlace:
    """One column. A value in it is about `<about>:<id of its row>`."""

    table: Table
    column: str
    about: str

    @property
    def name(self) -> str:
        """Of the table, which has no other sealed column."""
        return self.table.name


@dataclass(frozen=True, slots=True)
class SealedValue:
    """A value as it lies there."""

    row: UUID
    sealed: bytes


SEALED_PLACES: Final = (
    SealedPlace(tables.cases, "profile", "case"),
    SealedPlace(tables.messages, "content", "message"),
    SealedPlace(tables.dead_letters, "content", "dead"),
    SealedPlace(tables.edits, "content", "edit"),
    SealedPlace(tables.letters, "sealed", "letter"),
)


def keys_used(connection: Connection, place: SealedPlace, known: Sequence[str]) -> Counter[str]:
    """How many values lie under which key; those that are not `known` are found, too."""
    ids, column = list(known), _column(place)
    while True:
        begins = [_begins(column, Sealer.beginning(key_id)) for key_id in ids]
        counted = connection.execute(
            select(*(func.sum(case((each, 1), else_=0)) for each in begins)).where(
                _is_sealed(column)
            )
        ).one()
        other = select(func.substr(column, 1, _LONGEST_BEGINNING, type_=LargeBinary)).where(
            _is_sealed(column), *(~each for each in begins)
        )
        found = connection.execute(other.limit(1)).scalar_one_or_none()
        if found is None:
            return Counter({key_id: n for key_id, n in zip(ids, counted, strict=True) if n})
        ids.append(Sealer.key_id_of(found))


def sealed_by_others(
    connection: Connection, place: SealedPlace, key_id: str, after: UUID | None, limit: int
) -> list[SealedValue]:
    """Up to `limit` values that another key than this one has sealed, in rows behind `after`."""
    column = _column(place)
    query = (
        select(place.table.c.id, column)
        .where(_is_sealed(column), ~_begins(column, Sealer.beginning(key_id)))
        .order_by(place.table.c.id)
        .limit(limit)
    )
    if after is not None:
        query = query.where(place.table.c.id > after)
    return [SealedValue(*row) for row in connection.execute(query)]


def put_resealed(
    connection: Connection,
    place: SealedPlace,
    value: SealedValue,
    sealed: bytes,
    **with_it: str,
) -> bool:
    """Put `sealed` in the place of `value`; False if it is not as it was any more.

    `with_it`: columns of the row that depend on the key as well.
    """
    column = _column(place)
    statement = (
        update(place.table)
        .where(place.table.c.id == bindparam("row"), column == bindparam("was", type_=LargeBinary))
        .values({column: bindparam("new_sealed", type_=LargeBinary), **with_it})
    )
    parameters = {"row": value.row, "was": value.sealed, "new_sealed": sealed}
    return connection.execute(statement, parameters).rowcount == 1


_LONGEST_BEGINNING: Final = 33
"""Bytes: the length of a key's id, and the id."""


def _column(place: SealedPlace) -> Column[Any]:
    return place.table.c[place.column]


def _is_sealed(column: Column[Any]) -> Any:
    return column.is_not(None) & (func.length(column) > 0)


def _begins(column: Column[Any], beginning: bytes) -> Any:
    return func.substr(column, 1, len(beginning), type_=LargeBinary) == literal(
        beginning, LargeBinary
    )
