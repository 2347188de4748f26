"""How commands show results: tables for people, JSON for programs."""

import sys
from collections.abc import Iterable
from typing import Any, Final

from pydantic import TypeAdapter
from rich.console import Console
from rich.table import Table
from rich.text import Text

__all__ = ["show_json", "show_table"]

_WIDTH_OF_A_FILE: Final = 160
"""Columns where the output is not a terminal: wide enough that no row wraps."""


def show_json(kind: Any, value: object) -> None:
    """Print `value`, which is of type `kind`, as indented JSON."""
    print(TypeAdapter(kind).dump_json(value, indent=2).decode())


def show_table(columns: Iterable[str], rows: Iterable[Iterable[object]]) -> None:
    """Print rows under columns; names that begin with `#` are numbers, aligned to the right."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(
            column.removeprefix("#"),
            justify="right" if column.startswith("#") else "left",
            overflow="fold",
        )
    for row in rows:
        table.add_row(*(Text(str(cell)) for cell in row))
    console = Console(width=None if sys.stdout.isatty() else _WIDTH_OF_A_FILE)
    console.print(table)
