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

__all__ = ["is_up_to_date", "migrate"]

_LOCK: Final = 0x6875_6273  # "hubs": of the advisory locks of a PostgreSQL database, ours


def migrate(engine: Engine) -> None:
    """Apply every revision not yet applied, in one transaction.

    Processes that start at the same time wait for each other: SQLite through its write lock,
    PostgreSQL through an advisory lock that ends with the transaction.
    """
    config = _config()
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def is_up_to_date(connection: Connection) -> bool:
    """Whether every revision was applied and none that is not known here; nothing is written."""
    applied = set(MigrationContext.configure(connection).get_current_heads())
    return applied == set(ScriptDirectory.from_config(_config()).get_heads())


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    return config
