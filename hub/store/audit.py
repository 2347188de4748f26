"""The acts of people and systems: who did or opened what, in a chain that shows every change.

Each act is hashed together with the hash of the one before it, so that one that was changed,
removed or put in between breaks the chain from there on. The chain has no key: whoever can write
to the database could make all of it anew, or cut off its end. Who wants to notice that as well
keeps number and hash of the last act elsewhere.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import BigInteger, Connection, Row, bindparam, func, insert, select, type_coerce

from hub.store import tables
from hub.store.columns import UtcMicroseconds

__all__ = ["Act", "AuditedAct", "acts", "audit", "last_act", "last_act_of", "verify_acts"]


@dataclass(frozen=True, slots=True)
class Act:
    """Something that a person or a system did. Ids, codes and reasons; no personal data.

    `actor` is a name such as `cli:<unix user>`, `token:<name>`, `system:<broker user>` or `hub`;
    `action` is a word for what was done such as `dead.replay`, `subject` what it was done to.
    """

    at: datetime
    actor: str
    action: str
    subject: str
    detail: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AuditedAct:
    """An act as it stands in the chain."""

    number: int
    hash: str
    act: Act


def audit(connection: Connection, act: Act) -> None:
    """Append an act. It is committed with the unit, and so with what it tells of."""
    if connection.dialect.name == "postgresql":
        # Until the transaction ends, no other may append. SQLite has one writer anyway.
        connection.execute(_LOCK)
    last = connection.execute(_LAST).one_or_none()
    number, before = (last.number + 1, last.hash) if last is not None else (1, _BEGINNING)
    at = UtcMicroseconds().process_bind_param(act.at, connection.dialect)
    detail = json.dumps(dict(act.detail), sort_keys=True)
    row = (number, at, act.actor, act.action, act.subject, detail)
    values = dict(zip(_WRITTEN, row, strict=True))
    connection.execute(_APPEND, values | {"hash": _chained(before, row)})


def acts(connection: Connection, *, after: int = 0, limit: int = 1000) -> list[AuditedAct]:
    """Up to `limit` acts that follow number `after`, in their order."""
    return [_read(row) for row in connection.execute(_ACTS, {"after": after, "most": limit})]


def last_act(connection: Connection) -> AuditedAct | None:
    """The act at the end of the chain, if there is any."""
    row = connection.execute(_LAST).one_or_none()
    return None if row is None else _read(row)


def last_act_of(connection: Connection, action: str, subject: str) -> Act | None:
    """The latest act of that kind on that subject, if there is any."""
    row = connection.execute(_LAST_OF, {"action": action, "subject": subject}).one_or_none()
    return None if row is None else _read(row).act


def verify_acts(connection: Connection) -> int | None:
    """The number of the first act that is not what was written, None if all are.

    Of one that was removed it is the number that is missing.
    """
    before, expected = _BEGINNING, 1
    with connection.execution_options(yield_per=_AT_ONCE).execute(_AS_WRITTEN) as rows:
        for row in rows:
            number: int = row.number
            if number != expected:
                return min(number, expected)
            if row.hash != _chained(before, row[:-1]):
                return expected
            before, expected = row.hash, expected + 1
    return None


_TABLE: Final = tables.acts
_BEGINNING: Final = ""
"""What stands for the hash before the first act."""
_AT_ONCE: Final = 1000
_ADVISORY_LOCK: Final = 0x6163_7473  # "acts": of the advisory locks of a PostgreSQL database, ours

# As they stand, so that not a space can be changed without notice.
_WRITTEN: Final = ("number", "at", "actor", "action", "subject", "detail")
_LOCK: Final = select(func.pg_advisory_xact_lock(_ADVISORY_LOCK))
_COLUMNS: Final = (*(_TABLE.c[name] for name in _WRITTEN), _TABLE.c.hash)
_LAST: Final = select(*_COLUMNS).order_by(_TABLE.c.number.desc()).limit(1)
_LAST_OF: Final = _LAST.where(
    _TABLE.c.action == bindparam("action"), _TABLE.c.subject == bindparam("subject")
)
_APPEND: Final = insert(_TABLE).values({"at": bindparam("at", type_=BigInteger)})
_ACTS: Final = (
    select(*_COLUMNS)
    .where(_TABLE.c.number > bindparam("after"))
    .order_by(_TABLE.c.number)
    .limit(bindparam("most"))
)
_AS_WRITTEN: Final = select(
    *(
        type_coerce(_TABLE.c[name], BigInteger) if name == "at" else _TABLE.c[name]
        for name in _WRITTEN
    ),
    _TABLE.c.hash,
).order_by(_TABLE.c.number)


def _read(row: Row[*tuple[Any, ...]]) -> AuditedAct:
    number, at, actor, action, subject, detail, hash_ = row
    return AuditedAct(number, hash_, Act(at, actor, action, subject, json.loads(detail)))


def _chained(before: str, row: Sequence[Any]) -> str:
    canonical = json.dumps(list(row), ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(f"{before}{canonical}".encode()).hexdigest()
