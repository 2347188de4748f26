import asyncio

import pytest
from sqlalchemy import Connection, Engine, inspect, text

from hub.store.connect import connect
from hub.store.migrations import migrate
from hub.store.tables import metadata
from tests.postgresql import PostgresqlServer


def schema(engine: Engine) -> dict[str, object]:
    """Everything the database says of its tables, indexes with their conditions included."""
    with engine.connect() as connection:
        tables = inspect(connection)
        return {
            name: (
                [{**column, "type": str(column["type"])} for column in tables.get_columns(name)],
                tables.get_pk_constraint(name),
                tables.get_foreign_keys(name),
                _indexes(connection, name),
            )
            for name in tables.get_table_names()
            if name != "alembic_version"
        }


def _indexes(connection: Connection, table: str) -> list[str]:
    if connection.dialect.name == "sqlite":
        query = "SELECT sql FROM sqlite_master WHERE tbl_name = :table AND type = 'index'"
    else:
        query = "SELECT indexdef FROM pg_indexes WHERE tablename = :table"
    return sorted(str(row[0]) for row in connection.execute(text(query), {"table": table}))


@pytest.fixture
def other_url(url: str, request: pytest.FixtureRequest) -> str:
    """A second empty database of the same kind."""
    if url.startswith("sqlite"):
        return url.replace("hub.db", "other.db")
    server: PostgresqlServer = request.getfixturevalue("postgresql")
    return server.new_database()


def test_the_migrations_make_exactly_the_tables(url: str, other_url: str) -> None:
    migrated, declared = connect(url), connect(other_url)
    migrate(migrated.writing)
    migrate(migrated.writing)
    with declared.writing.begin() as connection:
        metadata.create_all(connection)

    assert schema(migrated.writing) == schema(declared.writing)
    assert schema(migrated.writing).keys() == metadata.tables.keys()
    migrated.dispose()
    declared.dispose()


async def test_processes_that_start_together_migrate_once(url: str) -> None:
    engines = [connect(url) for _ in range(3)]
    await asyncio.gather(*(asyncio.to_thread(migrate, one.writing) for one in engines))
    for one in engines:
        one.dispose()
