"""In SQLite, ids as 16 bytes instead of 36 characters. PostgreSQL's stay as they are.

Each table that has ids is written anew, which takes some minutes for a million cases, and needs
as much room again as the store has. No older hub can be beside: SQLite has one.
"""

import re
from collections.abc import Iterable
from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0012"
down_revision: Final = "0011"
branch_labels: Final = None
depends_on: Final = None

_TABLES: Final = ("cases", "messages", "steps", "events", "dead_letters", "edits", "letters",
                  "sendings")  # fmt: skip
"""First what others refer to."""
_ID: Final = "VARCHAR(36)"


def upgrade() -> None:
    """Write them anew, each with the indexes that it had."""
    connection = op.get_bind()
    if connection.dialect.name != "sqlite":
        return
    driver = connection.connection.dbapi_connection
    assert driver is not None  # noqa: S101 - it is open
    driver.create_function("bytes_of_id", 1, _bytes_of, deterministic=True)
    for table in _TABLES:
        _copy(connection, table)
    indexes = [each for table in _TABLES for each in _indexes(connection, table)]
    for table in reversed(_TABLES):
        op.drop_table(table)
    for table in _TABLES:
        op.rename_table(f"{table}_anew", table)  # and what refers to it refers to it still
    for definition in indexes:
        connection.exec_driver_sql(definition)


def _copy(connection: sa.Connection, table: str) -> None:
    definition = connection.execute(
        sa.text("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = :table"),
        {"table": table},
    ).scalar_one()
    definition = re.sub(r"^CREATE TABLE \"?(\w+)\"?", r"CREATE TABLE \1_anew", definition)
    definition = re.sub(r"REFERENCES \"?(\w+)\"?", r"REFERENCES \1_anew", definition)
    connection.exec_driver_sql(definition.replace(_ID, "BLOB"))
    columns = sa.inspect(connection).get_columns(table)
    values = (
        f"bytes_of_id({each['name']})" if str(each["type"]) == _ID else each["name"]
        for each in columns
    )
    names = ", ".join(each["name"] for each in columns)
    connection.exec_driver_sql(
        f"INSERT INTO {table}_anew ({names}) SELECT {', '.join(values)} FROM {table}"  # noqa: S608 - our own names
    )


def _indexes(connection: sa.Connection, table: str) -> Iterable[str]:
    return connection.execute(
        sa.text(
            "SELECT sql FROM sqlite_master"
            " WHERE type = 'index' AND tbl_name = :table AND sql IS NOT NULL"
        ),
        {"table": table},
    ).scalars()


def _bytes_of(text: str | None) -> bytes | None:
    return None if text is None else bytes.fromhex(text.replace("-", ""))
