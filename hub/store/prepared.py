"""Statements that are carried out for every message: made once, then given to the driver as text.

SQLAlchemy says what they are and how values stand in columns, on both databases. To carry one out
through it costs some 25 µs more than the database needs: with a dozen of them for each message that
was a good part of all that a message cost. What fails is told in SQLAlchemy's errors all the same.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Connection, Dialect, Insert, Select, Update
from sqlalchemy.exc import DBAPIError

__all__ = ["Prepared", "Row"]

T = TypeVar("T")
Row = tuple[Any, ...]
_Conversion = Callable[[Any], Any]


class Prepared:
    """One statement, with a value to come for each of its parameters. For any thread."""

    def __init__(self, statement: Select[Any] | Insert | Update) -> None:
        self._statement = statement
        self._made: dict[str, _Made] = {}

    def rows(self, connection: Connection, parameters: Mapping[str, Any]) -> list[Row]:
        """Carry it out; gives what it selects or returns."""
        made = self._for(connection)
        text, values = made.text, made.values(parameters)
        found = _driven(connection, lambda driver: driver.execute(text, values).fetchall())
        return [made.row(each) for each in found]

    def row(self, connection: Connection, parameters: Mapping[str, Any]) -> Row | None:
        """The same, where there is one row at most."""
        return next(iter(self.rows(connection, parameters)), None)

    def count(self, connection: Connection, parameters: Mapping[str, Any]) -> int:
        """Carry it out; says how many rows it changed."""
        made = self._for(connection)
        text, values = made.text, made.values(parameters)
        changed: int = _driven(connection, lambda driver: driver.execute(text, values).rowcount)
        return changed

    def each(self, connection: Connection, rows: Iterable[Mapping[str, Any]]) -> None:
        """Carry it out for each of these."""
        made = self._for(connection)
        text, values = made.text, [made.values(each) for each in rows]
        _driven(connection, lambda driver: driver.cursor().executemany(text, values))

    def _for(self, connection: Connection) -> "_Made":
        dialect = connection.dialect
        made = self._made.get(dialect.name)
        if made is None:
            made = self._made[dialect.name] = _make(self._statement, dialect)
        return made


@dataclass(frozen=True, slots=True)
class _Made:
    """A statement for one database: its text, and how values go in and come out.

    `order`: of the parameters, each as often as it stands in the text; None where it names them.
    """

    text: str
    parameters: tuple[tuple[str, _Conversion | None], ...]
    constants: Mapping[str, Any]
    order: tuple[str, ...] | None
    columns: tuple[tuple[int, _Conversion], ...]

    def values(self, given: Mapping[str, Any]) -> Mapping[str, Any] | tuple[Any, ...]:
        values = dict(self.constants)
        for name, convert in self.parameters:
            values[name] = given[name] if convert is None else convert(given[name])
        return values if self.order is None else tuple([values[name] for name in self.order])

    def row(self, found: Iterable[Any]) -> Row:
        values = list(found)
        for column, convert in self.columns:
            values[column] = convert(values[column])
        return tuple(values)


def _make(statement: Select[Any] | Insert | Update, dialect: Dialect) -> _Made:
    # Of one row SQLAlchemy would ask PostgreSQL for its number first.
    compiled = statement.compile(dialect=dialect, for_executemany=isinstance(statement, Insert))
    to_come, constants = [], {}
    for name, bind in compiled.binds.items():
        convert = bind.type.dialect_impl(dialect).bind_processor(dialect)
        if bind.required:
            to_come.append((name, convert))
        else:
            constants[name] = bind.value if convert is None else convert(bind.value)
    columns = [
        column.type.dialect_impl(dialect).result_processor(dialect, None)
        for column in statement.exported_columns
    ]
    return _Made(
        str(compiled),
        tuple(to_come),
        constants,
        tuple(compiled.positiontup or ()) if compiled.positional else None,
        tuple((number, each) for number, each in enumerate(columns) if each is not None),
    )


def _driven(connection: Connection, work: Callable[[Any], T]) -> T:
    if not connection.in_transaction():
        connection.begin()  # as SQLAlchemy does with the first statement
    dialect, driver = connection.dialect, connection.connection.dbapi_connection
    try:
        return work(driver)
    except dialect.loaded_dbapi.Error as error:
        lost = dialect.is_disconnect(error, driver, None)
        if lost:
            connection.invalidate(error)
        raise DBAPIError.instance(
            None,
            None,
            error,
            dialect.loaded_dbapi.Error,
            hide_parameters=True,
            connection_invalidated=lost,
            dialect=dialect,
        ) from error
