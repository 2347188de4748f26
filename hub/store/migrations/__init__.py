"""Brings the tables up to date when the store is opened.

Revisions are written by hand, with plain column types only: they must still do the same when
the code around them has changed.
"""

from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, func, select

from hub.model.failure import PermanentFailure

__all__ = ["check_up_to_date", "migrate", "refuse_newer", "revision_of"]

_LOCK: Final = 0x6875_6273  # "hubs": of the advisory locks of a PostgreSQL database, ours


def migrate(engine: Engine) -> None:
    """Apply every revision not yet applied, in one transaction.

    Processes that start at the same time wait for each other: SQLite through its write lock,
    PostgreSQL through an advisory lock that ends with the transaction.

    Raises:
        PermanentFailure: `store.newer`: a newer version of the hub has migrated it.
    """
    config = _config()
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
        refuse_newer(revision_of(connection))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def revision_of(connection: Connection) -> str | None:
    """The newest revision that was applied; None before the first. Nothing is written."""
    return MigrationContext.configure(connection).get_current_revision()


def refuse_newer(revision: str | None, what: str = "store") -> None:
    """Raise PermanentFailure `store.newer` if a revision is not known here."""
    known = {each.revision for each in ScriptDirectory.from_config(_config()).walk_revisions()}
    if revision is not None and revision not in known:
        raise PermanentFailure(
            "store.newer",
            f"The {what} is of a newer version of the hub: its tables have revision {revision},"
            f" this version knows them up to {max(known)}. Start that version or a newer one;"
            " nothing was changed.",
        )


def check_up_to_date(connection: Connection) -> None:
    """Raise PermanentFailure unless its revision is the newest one that is known here."""
    revision = revision_of(connection)
    refuse_newer(revision)
    if revision != ScriptDirectory.from_config(_config()).get_current_head():
        raise PermanentFailure(
            "store.version",
            "The store is of another version of the hub; `hub run` brings it up to date.",
        )


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    return config
