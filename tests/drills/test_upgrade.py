"""Old and new versions of the hub on one store: the rule that makes it work, and what it forbids.

Two hubs of two versions as processes, with messages flowing, are in tests/faults.
"""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.operations import BatchOperations, Operations
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, event, text

from hub.model.failure import PermanentFailure
from hub.store import Store, migrations, open_store, read_store
from hub.store.connect import connect
from hub.store.migrations import migrate
from tests.builders import a_submission
from tests.drills import newer
from tests.drills.additive import breaks, rewrites, schema_of
from tests.drills.conftest import Opener
from tests.stages.given import an_accepted_case

BREAKING = {
    "0002": "The state of a case became its phase: hubs of 0001 had to be stopped before.",
}
"""Migrations that no older hub may run beside, and why. Each needs a release of its own, whose
notes say that all hubs have to be stopped first (docs/upgrade.md)."""

ALIKE = {
    "0010": "messages.begun: an older hub asks only whether it was begun and not ended: it was.",
}
"""Migrations that put other values which an older hub takes for the same, and why."""

ALONE = {
    "0012": "Ids become bytes in SQLite only, which has one hub: there is no older one beside it.",
}
"""Migrations that change what is only in SQLite, and how."""

REVISIONS = list(
    reversed(list(ScriptDirectory(str(Path(migrations.__file__).parent)).walk_revisions()))
)


def upgraded(connection: Connection, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def found_in(connection: Connection, change: Callable[[], object]) -> list[str]:
    """What an older hub would stumble over after `change`."""
    before, said = schema_of(connection), []

    def watch(*arguments: Any) -> None:
        said.extend(rewrites(before, arguments[2]))

    event.listen(connection, "before_cursor_execute", watch)
    change()
    event.remove(connection, "before_cursor_execute", watch)
    return [*breaks(before, schema_of(connection)), *said]


@pytest.fixture
def empty() -> Iterator[Connection]:
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def test_every_migration_adds_or_is_listed_as_breaking(empty: Connection) -> None:
    found = {
        each.revision: found_in(empty, lambda each=each: upgraded(empty, each.revision))
        for each in REVISIONS
    }
    changing = {revision for revision, what in found.items() if what}
    assert changing == BREAKING.keys() | ALIKE.keys() | ALONE.keys(), found


def altered(op: Operations, change: Callable[[BatchOperations], object]) -> None:
    with op.batch_alter_table("letters") as table:
        change(table)


MUST_BE_FILLED: sa.Column[Any] = sa.Column("x", sa.Text, nullable=False)
FORBIDDEN: dict[str, tuple[Callable[[Operations], object], str]] = {
    "drop a table": (lambda op: op.drop_table("pulse"), "table pulse is gone"),
    "rename a table": (lambda op: op.rename_table("pulse", "beat"), "table pulse is gone"),
    "drop a column": (lambda op: op.drop_column("letters", "read_at"), "letters.read_at is gone"),
    "rename a column": (
        lambda op: op.alter_column("letters", "read_at", new_column_name="seen_at"),
        "letters.read_at is gone",
    ),
    "add one that must be filled": (
        lambda op: altered(op, lambda table: table.add_column(MUST_BE_FILLED)),
        "letters.x has to be filled",
    ),
    "let one be empty no more": (
        lambda op: altered(op, lambda table: table.alter_column("read_at", nullable=False)),
        "letters.read_at may be empty no more",
    ),
    "change a type": (
        lambda op: altered(op, lambda table: table.alter_column("at", type_=sa.Text)),
        "letters.at has another type",
    ),
    "change its meaning": (
        lambda op: op.execute("UPDATE messages SET owes = 'x', state = 'due'"),
        "messages.state gets other values",
    ),
    "delete rows": (lambda op: op.execute("DELETE FROM letters"), "rows of letters are deleted"),
    "forbid what was allowed": (
        lambda op: op.create_index("once", "letters", ["case_id"], unique=True),
        "letters (case_id) may exist once only",
    ),
}


@pytest.mark.parametrize("what", FORBIDDEN)
def test_what_an_older_hub_would_stumble_over_is_found(empty: Connection, what: str) -> None:
    change, said = FORBIDDEN[what]
    upgraded(empty, "head")
    operations = Operations(MigrationContext.configure(empty))
    assert [each for each in found_in(empty, lambda: change(operations)) if said in each]


@pytest.fixture
def next_version(monkeypatch: pytest.MonkeyPatch) -> Callable[[], Any]:
    """Makes of this process the next version of the hub, and back."""
    ours = migrations._config

    def switch(*, on: bool = True) -> None:
        monkeypatch.setattr(migrations, "_config", newer.config if on else ours)

    return switch


async def applied(store: Store, times: int) -> None:
    """So often that PostgreSQL keeps the plans of its statements."""
    for _ in range(times):
        case = await an_accepted_case(store, a_submission(id=uuid4()))
        assert await store.documents.hashes_of(case.id)


async def test_an_older_hub_goes_on_while_several_newer_ones_migrate_once(
    store: Store, opener: Opener, next_version: Callable[..., None]
) -> None:
    await applied(store, 10)
    working = asyncio.create_task(applied(store, 30))
    next_version()
    engines = [connect(opener.url) for _ in range(3)]
    await asyncio.gather(*(asyncio.to_thread(migrate, each.writing) for each in engines))
    for each in engines:
        each.dispose()
    next_version(on=False)
    await working
    await applied(store, 10)

    def read(connection: Connection) -> tuple[int, int, int]:
        counts = (
            "SELECT count(*) FROM cases",
            "SELECT count(region) FROM cases",
            "SELECT count(*) FROM upgrades",
        )
        cases, filled, times = (connection.execute(text(each)).scalar_one() for each in counts)
        return cases, filled, times

    cases, filled, times = await store.read(read)
    assert (cases, times) == (50, 1)
    assert 10 <= filled <= 40, "the older hub leaves empty what it does not know"


async def test_an_older_hub_does_not_start_on_a_newer_store(
    opener: Opener, next_version: Callable[..., None]
) -> None:
    next_version()
    async with opener():
        pass
    next_version(on=False)
    for open_ in (open_store, read_store):
        with pytest.raises(PermanentFailure, match="of a newer version") as refused:
            async with open_(opener.url, opener.documents, opener.sealer):
                pass
        assert refused.value.cause == "store.newer"
        assert "revision 9001" in refused.value.sentence


async def test_a_store_that_is_older_is_not_only_looked_at(
    opener: Opener, next_version: Callable[..., None]
) -> None:
    async with opener():
        pass
    next_version()
    with pytest.raises(PermanentFailure, match="brings it up to date"):
        async with read_store(opener.url, opener.documents, opener.sealer):
            pass
