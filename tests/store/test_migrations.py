import asyncio
from pathlib import Path
from uuid import uuid4

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, inspect, text

from hub.store import migrations
from hub.store.connect import connect
from hub.store.migrations import migrate
from hub.store.tables import metadata
from tests.postgresql import PostgresqlServer

CASE = str(uuid4())


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


@pytest.mark.parametrize(
    ("state", "kinds", "phase"),
    [
        ("open", (), "submitted"),
        ("open", ("receipt",), "submitted"),
        ("open", ("status",), "in_progress"),
        ("open", ("status", "not_competent"), "not_competent"),
        ("withdrawn", ("status",), "withdrawing"),
        ("withdrawn", ("withdrawal_answer",), "withdrawn"),
        ("ended", ("ending",), "ended"),
    ],
)
def test_the_state_of_a_case_becomes_its_phase(
    url: str, state: str, kinds: tuple[str, ...], phase: str
) -> None:
    engine = connect(url)
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    with engine.writing.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.execute(
            text(
                "INSERT INTO cases (id, application_id, service, authority, sender, back_channel,"
                " test, created_at, state, profile) VALUES (:id, 'A', 'family', '990001', 's',"
                " true, false, 0, :state, :profile)"
            ),
            {"id": CASE, "state": state, "profile": b""},
        )
        for position, kind in enumerate(kinds):
            connection.execute(
                text(
                    "INSERT INTO messages (id, case_id, direction, kind, position, authority, wire,"
                    " state, attempts, unexpected, queued, begun, digest, created_at) VALUES"
                    " (:id, :case, 'up', :kind, :position, '990001', :id, 'provided', 0, 0, false,"
                    " 0, '', 0)"
                ),
                {"id": str(uuid4()), "case": CASE, "kind": kind, "position": position},
            )
    migrate(engine.writing)
    with engine.writing.connect() as connection:
        assert connection.execute(text("SELECT state FROM cases")).scalar_one() == phase
    engine.dispose()
