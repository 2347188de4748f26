"""`hub config`: what the hub would run with, and what is wrong with it, before it runs."""

import os
import re
from collections.abc import Iterator, Set
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Final, get_args

import typer
from pydantic import SecretStr

from hub.adapter import adapters
from hub.cli.failures import CommandFailure, sentences
from hub.cli.opened import settings
from hub.cli.output import show_json, show_table
from hub.routing import RoutingTable
from hub.settings import Settings
from hub.web.access import Access

__all__ = ["app"]

app: Final = typer.Typer(help="The settings of this environment.", no_args_is_help=True)

_PREFIX: Final = "HUB_"
_PASSWORD: Final = re.compile(r"(//[^/:@]*):[^/@]*@")
_OTHERS: Final = frozenset({"HUB_TRACEBACK"})
"""What begins like a setting and is none."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One setting; of a secret only whether it is set."""

    name: str
    value: str
    is_set: bool
    meaning: str


@app.command()
def check(json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False) -> None:
    """Show every setting, and say what is wrong or missing; exit code 1 if anything is.

    Looks at the files that settings name, and connects to nothing: that is what
    `hub routes check --connect` and `hub status` are for.
    """
    wrong = list(_wrong())
    if not wrong:
        chosen = settings()
        shown = [_shown(name, chosen) for name in Settings.model_fields]
        if json:
            show_json(list[Shown], shown)
        else:
            show_table(
                ("setting", "", "value"),
                ((each.name, "set" if each.is_set else "", each.value) for each in shown),
            )
    if wrong:
        raise CommandFailure(*wrong)


def _wrong() -> Iterator[str]:
    try:
        chosen = settings()
    except Exception as error:  # noqa: BLE001 - whatever it is, the other problems are told as well
        yield from _unknown(frozenset())
        yield from sentences(error)
        return
    yield from _missing_files(chosen)
    named: frozenset[str] = frozenset()
    try:
        table = RoutingTable.load(chosen.routing, adapters())
        named = _named_by(table)
        Access(chosen.access)
    except Exception as error:  # noqa: BLE001 - as above
        yield from sentences(error)
    yield from _unknown(named)


def _unknown(named: Set[str]) -> Iterator[str]:
    """A misspelt setting would be a default that nobody chose."""
    known = {_variable(name) for name in Settings.model_fields}
    for name in sorted(os.environ):
        if name.startswith(_PREFIX) and name not in known | _OTHERS | named:
            close = get_close_matches(name, known, n=1)
            meant = (
                f"do you mean {close[0]}?" if close else "`hub config check` shows those there are"
            )
            yield f"{name}: there is no such setting; {meant}"


def _named_by(table: RoutingTable) -> frozenset[str]:
    """The variables in which routing.yaml says that secrets are."""
    return frozenset(
        str(value)
        for system in table.systems.values()
        for name, value in system.settings.items()
        if name.endswith("_env")
    )


def _missing_files(chosen: Settings) -> Iterator[str]:
    for name in Settings.model_fields:
        path = getattr(chosen, name)
        if name.endswith("_file") and isinstance(path, Path) and not os.access(path, os.R_OK):
            yield f"{_variable(name)}: {path} is not there, or this user may not read it"


def _shown(name: str, chosen: Settings) -> Shown:
    field, value = Settings.model_fields[name], getattr(chosen, name)
    secret = SecretStr in (field.annotation, *get_args(field.annotation))
    return Shown(
        name=_variable(name),
        value=("(secret)" if value is not None else "") if secret else _text(value),
        is_set=_variable(name) in os.environ,
        meaning=field.description or "",
    )


def _text(value: object) -> str:
    return "" if value is None else _PASSWORD.sub(r"\1:***@", str(value))


def _variable(name: str) -> str:
    return f"{_PREFIX}{name.upper()}"
