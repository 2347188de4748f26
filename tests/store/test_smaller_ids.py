"""Ids become bytes in SQLite: every one of them, and nothing else changes."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import IntegrityError

from hub.store import migrations
from hub.store.connect import connect
from hub.store.migrations import migrate

NAMESPACE = UUID(int=1)
VALUES: dict[str, Any] = {"BLOB": b"\x00\xff", "BOOLEAN": True, "DATE": date(2026, 11, 27)}
Rows = list[tuple[Any, ...]]


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """A store as it was before, with a full and an almost empty row in each table."""
    engines = connect(f"sqlite:///{tmp_path}/hub.db")
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    with engines.writing.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0011")
        for table in tables_of(connection):
            for number in (1, 2):
                full = {each.name: a_value(each, number) for each in table.columns}
                known = {each.name for each in table.columns if number == 1 or not each.nullable}
                connection.execute(sa.insert(table).values({name: full[name] for name in known}))
    yield engines.writing
    engines.dispose()


def tables_of(connection: Connection) -> list[sa.Table]:
    """Those that refer to others are behind these."""
    metadata = sa.MetaData()
    metadata.reflect(connection)
    return [each for each in metadata.sorted_tables if each.name != "alembic_version"]


def a_value(column: sa.Column[Any], number: int) -> Any:
    kind = str(column.type)
    if kind == "VARCHAR(36)":
        of_the_case = column.name == "case_id" or column.table.name == "cases"
        return str(uuid5(NAMESPACE, f"{number}" if of_the_case else f"{column} {number}"))
    return number if "INT" in kind else VALUES.get(kind, f"{column} {number}")


def rows_of(connection: Connection) -> dict[str, tuple[list[str], Rows]]:
    """By table: the types of its columns, and what SQLite itself says is in its rows."""
    found = {}
    for table in tables_of(connection):
        rows = connection.exec_driver_sql(f"SELECT * FROM {table.name} ORDER BY rowid")  # noqa: S608 - of this store
        found[table.name] = [str(each.type) for each in table.columns], [tuple(row) for row in rows]
    return found


def test_every_id_becomes_its_bytes_and_all_else_stays(engine: Engine) -> None:
    with engine.connect() as connection:
        before = rows_of(connection)
    migrate(engine)
    with engine.connect() as connection:
        after = rows_of(connection)

    assert before.keys() == after.keys()
    ids = 0
    for table, (kinds, rows) in before.items():
        new_kinds, new_rows = after[table]
        assert "VARCHAR(36)" not in new_kinds
        assert new_rows == [
            tuple(
                UUID(value).bytes if kind == "VARCHAR(36)" and value is not None else value
                for kind, value in zip(kinds, row, strict=True)
            )
            for row in rows
        ]
        ids += kinds.count("VARCHAR(36)")
    assert ids == 20


def test_what_refers_to_a_case_still_does(engine: Engine) -> None:
    migrate(engine)
    with engine.begin() as connection:
        assert not connection.exec_driver_sql("PRAGMA foreign_key_check").all()
        assert not connection.exec_driver_sql(
            "SELECT name FROM sqlite_master WHERE sql LIKE '%anew%'"
        ).all()
    with engine.begin() as connection, pytest.raises(IntegrityError):
        connection.exec_driver_sql("DELETE FROM cases")


def test_a_migration_that_breaks_off_leaves_everything_as_it_was(engine: Engine) -> None:
    with engine.begin() as connection:
        before = rows_of(connection)
        connection.exec_driver_sql("UPDATE letters SET id = 'no id' WHERE rowid = 2")
    with pytest.raises(sa.exc.DBAPIError):
        migrate(engine)
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE letters SET id = ? WHERE rowid = 2", (before["letters"][1][1][0],)
        )
        assert rows_of(connection) == before
