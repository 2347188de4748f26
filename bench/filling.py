"""Fills a store with cases in bulk: finished ones, some that are owed, dead letters, acts.

Written in SQL, which makes a million in minutes; what the rows say is what the stages would have
written, so that the ledger balances over them. The later half is written one by one into the
indexes: those made at once have full pages, each of which is split when it is touched first, and no
store that has grown is like that.
"""

import hashlib
import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import Connection, Engine, create_engine, event, func, select, text

from hub.store import tables

__all__ = ["AUTHORITIES", "Filled", "fill"]

AUTHORITIES: Final = 400
_CAUSES: Final = 200
_SERVICES: Final = (
    "employment", "family", "education", "protection", "conditions",
    "settlement", "work_permission", "free_movement", "sponsorship", "skilled_workers",
)  # fmt: skip
_SPAN: Final = timedelta(days=365)
_OWED_EVERY: Final = 500
"""One case of so many has a message that is due tomorrow."""
_INTO_INDEXES: Final = 2
"""One case of so many comes when the indexes are there: then pages are as full as by growing."""
_CACHE_KILOBYTES: Final = 2 * 1024 * 1024
"""Of SQLite's pages while it is filled, at most: indexes of random ids go all over the store."""

# Ids look like random ones to an index. The multiplier is odd, so that no two are the same.
_ID: Final = {
    "sqlite": "stored_id(printf('%08x-{kind}-4000-8000-%012x', (n * 2654435761) & 4294967295, n))",
    "postgresql": "lpad(to_hex((n * 2654435761) & 4294967295), 8, '0') || '-{kind}-4000-8000-'"
    " || lpad(to_hex(n), 12, '0')",
}
_NUMBERS: Final = {
    "sqlite": "WITH RECURSIVE numbers(n) AS"
    " (SELECT :after + 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < :count) ",
    "postgresql": "WITH numbers(n) AS"
    " (SELECT generate_series(CAST(:after AS bigint) + 1, CAST(:count AS bigint))) ",
}
_AUTHORITY: Final = {
    "sqlite": "printf('98%04d', n % :authorities)",
    "postgresql": "'98' || lpad((n % :authorities)::text, 4, '0')",
}
_BLOB: Final = {"sqlite": "x'00'", "postgresql": "'\\x00'::bytea"}
_TRUE: Final = {"sqlite": ("1", "0"), "postgresql": ("true", "false")}


class Filled:
    """What can be looked for: ids of the case in the middle, and of one dead letter."""

    def __init__(self, connection: Connection, count: int) -> None:
        self.application = f"AT-{count // 2}"
        case, wire = connection.execute(
            select(tables.messages.c.case_id, tables.messages.c.wire)
            .join(tables.cases, tables.cases.c.id == tables.messages.c.case_id)
            .where(
                tables.cases.c.application_id == self.application,
                tables.messages.c.direction == "up",
            )
        ).one()
        letter = connection.execute(select(func.max(tables.dead_letters.c.id))).scalar_one()
        self.case, self.wire, self.letter = str(case), str(wire), str(letter)


def fill(url: str, cases: int, letters: int, acts: int) -> Filled:
    """Fill the migrated store at `url`, unless there are cases in it already."""
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _know_ids)
    try:
        with engine.connect() as connection:
            if there := connection.execute(text("SELECT count(*) FROM cases")).scalar_one():
                return Filled(connection, there)
        at_once = cases - cases // _INTO_INDEXES
        with _without_indexes(engine), engine.begin() as connection:
            _write(connection, 0, at_once, cases)
            _write_dead_letters(connection, letters)
            _append_acts(connection, acts)
        with engine.begin() as connection:
            if engine.dialect.name == "sqlite":
                connection.exec_driver_sql(f"PRAGMA cache_size=-{_CACHE_KILOBYTES}")
            if at_once < cases:
                _write(connection, at_once, cases, cases)
            if engine.dialect.name == "postgresql":
                connection.exec_driver_sql("ANALYZE")
        with engine.connect() as connection:
            return Filled(connection, cases)
    finally:
        engine.dispose()


def _know_ids(driver: sqlite3.Connection, _record: object) -> None:
    driver.create_function("stored_id", 1, lambda text: UUID(text).bytes, deterministic=True)


def _write(connection: Connection, after: int, count: int, cases: int) -> None:
    """The cases from `after` to `count`, of so many, with all that belongs to them."""
    parameters = {"after": after, "count": count} | _parameters(cases)
    for statement in _statements(connection.dialect.name):
        connection.execute(text(statement), parameters)


def _parameters(cases: int) -> dict[str, int]:
    now = datetime.now(UTC)
    return {
        "authorities": AUTHORITIES,
        "owed_every": _OWED_EVERY,
        "began": int((now - _SPAN).timestamp() * 1_000_000),
        "step": int(_SPAN.total_seconds() * 1_000_000 / max(cases, 1)),
        "tomorrow": int((now + timedelta(days=1)).timestamp() * 1_000_000),
    }


def _statements(dialect: str) -> Iterator[str]:
    numbers, blob = _NUMBERS[dialect], _BLOB[dialect]
    true, false = _TRUE[dialect]
    case, up = (_ID[dialect].format(kind=kind) for kind in ("0000", "0001"))
    authority = _AUTHORITY[dialect]
    at = "(:began + n * :step)"
    service = "CASE n % 10 " + " ".join(
        f"WHEN {number} THEN '{name}'" for number, name in enumerate(_SERVICES)
    ) + " END"  # fmt: skip
    is_owed = "n % :owed_every = 0"
    digest = f"'{'0' * 64}'"
    yield (
        "INSERT INTO cases (id, application_id, service, authority, sender, provider, back_channel,"
        f" test, created_at, state, profile) {numbers}"
        f"SELECT {case}, 'AT-' || n, {service}, {authority}, 'alp:000001', 'local', {true},"
        f" {false}, {at}, CASE n % 3 WHEN 0 THEN 'ended' WHEN 1 THEN 'submitted'"
        f" ELSE 'in_progress' END, {blob} FROM numbers"
    )
    columns = (
        "id, case_id, direction, kind, position, authority, wire, answers, state, owes, provider,"
        " attempts, unexpected, due_at, queued, owed_since, begun, digest, created_at,"
        " handed_over_at, accepted_at, concluded_at"
    )
    yield (
        f"INSERT INTO messages ({columns}) {numbers}"
        f"SELECT {case}, {case}, 'down', 'submission', 1, {authority}, {case}, NULL, 'accepted',"
        f" 'deliver', NULL, 1, 0, NULL, {false}, {at}, 0, {digest}, {at},"
        f" {at} + 1000, {at} + 2000, {at} + 2000 FROM numbers"
    )
    yield (
        f"INSERT INTO messages ({columns}) {numbers}"
        f"SELECT {up}, {case}, 'up', 'status', 1, {authority}, {up}, {case},"
        f" CASE WHEN {is_owed} THEN 'owed' ELSE 'provided' END, 'mail', 'local', 1, 0,"
        f" CASE WHEN {is_owed} THEN :tomorrow ELSE NULL END, {false}, {at} + 5000, 0, {digest},"
        f" {at} + 5000, NULL, NULL, CASE WHEN {is_owed} THEN NULL ELSE {at} + 6000 END"
        " FROM numbers"
    )
    for name, stage, message, after, condition in (
        ("received", "intake", case, 0, ""),
        ("attempt", "deliver", case, 1000, ""),
        ("accepted", "deliver", case, 2000, ""),
        ("interpreted", "interpret", up, 5000, ""),
        ("provided", "mailbox", up, 6000, f" WHERE NOT {is_owed}"),
    ):
        yield (
            "INSERT INTO events (case_id, message, at, name, stage, authority, attempt, detail)"
            f" {numbers}SELECT {case}, {message}, {at} + {after}, '{name}', '{stage}', {authority},"
            f" 1, '{{}}' FROM numbers{condition}"
        )


def _write_dead_letters(connection: Connection, count: int) -> None:
    dialect = connection.dialect.name
    letter, authority = _ID[dialect].format(kind="0002"), _AUTHORITY[dialect]
    connection.execute(
        text(
            "INSERT INTO dead_letters (id, authority, stage, cause, sentence, location,"
            f" fingerprint, at, origin, state, refusal_attempts, kind, replays) {_NUMBERS[dialect]}"
            f"SELECT {letter}, {authority}, 'intake', 'bench.cause-' || (n % :causes),"
            " 'It was made for a benchmark.', 'line 3', 'f-' || (n % :causes), :began + n * 1000,"
            " '{}', 'open', 0, 'submission', 0 FROM numbers"
        ),
        {"after": 0, "count": count, "causes": _CAUSES} | _parameters(count),
    )


@contextmanager
def _without_indexes(engine: Engine) -> Iterator[None]:
    """Indexes are made afterwards, at once: ten times faster."""
    catalogue = {
        "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL",
        "postgresql": "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"
        " AND indexname NOT LIKE '%\\_pkey' AND indexname NOT LIKE 'alembic%'",
    }[engine.dialect.name]
    with engine.begin() as connection:
        indexes = (
            connection.exec_driver_sql(catalogue.replace("%", "%%")).all()
            if (engine.dialect.name == "postgresql")
            else connection.exec_driver_sql(catalogue).all()
        )
        for name, _ in indexes:
            connection.exec_driver_sql(f'DROP INDEX "{name}"')
    yield
    with engine.begin() as connection:
        for _, definition in indexes:
            connection.exec_driver_sql(definition)


def _append_acts(connection: Connection, count: int) -> None:
    """A chain as `hub.store.audit` makes it."""
    before, rows = "", []
    at = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp() * 1_000_000)
    insert = text(
        "INSERT INTO acts (number, at, actor, action, subject, detail, hash)"
        " VALUES (:number, :at, :actor, :action, :subject, :detail, :hash)"
    )
    names = ("number", "at", "actor", "action", "subject", "detail")
    for number in range(1, count + 1):
        row = (number, at + number, "token:bench", "dead.replay", str(number), "{}")
        canonical = json.dumps(list(row), ensure_ascii=False, separators=(",", ":"))
        before = hashlib.sha256(f"{before}{canonical}".encode()).hexdigest()
        rows.append(dict(zip(names, row, strict=True)) | {"hash": before})
        if len(rows) == 10_000 or number == count:
            connection.execute(insert, rows)
            rows.clear()
