"""Whether a migration only adds, so that hubs of the version before go on working beside it.

They read columns by name and write those that they know. So no table, column or type may go that
they know; what is added to a table they write may be left empty or has a default; nothing that
they write may be forbidden; and no value may be replaced by one that they do not know.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, inspect

__all__ = ["Schema", "breaks", "rewrites", "schema_of"]

_UPDATE: Final = re.compile(r"\s*UPDATE\s+\"?(\w+)\"?\s+SET\s+(.*?)(?:\bWHERE\b|\Z)", re.I | re.S)
_SET: Final = re.compile(r"(?:\A|,)\s*\"?(\w+)\"?\s*=")
_DELETE: Final = re.compile(r"\s*(?:DELETE\s+FROM|TRUNCATE(?:\s+TABLE)?)\s+\"?(\w+)\"?", re.I)


@dataclass(frozen=True)
class Schema:
    """By table: its columns by name, and which of them together exist once only."""

    columns: dict[str, dict[str, Any]]
    unique: dict[str, set[tuple[str, ...]]]


def schema_of(connection: Connection) -> Schema:
    found = inspect(connection)
    tables = [name for name in found.get_table_names() if name != "alembic_version"]
    return Schema(
        {name: {each["name"]: each for each in found.get_columns(name)} for name in tables},
        {name: set(_unique(found, name)) for name in tables},
    )


def breaks(before: Schema, after: Schema) -> Iterator[str]:
    """What a hub that knows `before` would stumble over, in words."""
    for table, columns in before.columns.items():
        if table not in after.columns:
            yield f"table {table} is gone"
            continue
        now = after.columns[table]
        for name, column in columns.items():
            if name not in now:
                yield f"column {table}.{name} is gone"
            elif str(now[name]["type"]) != str(column["type"]):
                yield f"column {table}.{name} has another type"
            elif column["nullable"] and not now[name]["nullable"]:
                yield f"column {table}.{name} may be empty no more"
        for name in now.keys() - columns.keys():
            if not now[name]["nullable"] and now[name]["default"] is None:
                yield f"column {table}.{name} has to be filled by who does not know it"
        for together in after.unique[table] - before.unique[table]:
            if set(together) <= columns.keys():
                yield f"{table} ({', '.join(together)}) may exist once only"


def rewrites(before: Schema, statement: str) -> Iterator[str]:
    """What a statement changes of values that a hub which knows `before` has written."""
    if (found := _UPDATE.match(statement)) and found[1] in before.columns:
        for name in _SET.findall(found[2]):
            if name in before.columns[found[1]]:
                yield f"column {found[1]}.{name} gets other values"
    if (found := _DELETE.match(statement)) and found[1] in before.columns:
        yield f"rows of {found[1]} are deleted"


def _unique(found: Any, table: str) -> Iterator[tuple[str, ...]]:
    for index in found.get_indexes(table):
        if index["unique"]:
            yield tuple(index["column_names"])
    for constraint in found.get_unique_constraints(table):
        yield tuple(constraint["column_names"])
