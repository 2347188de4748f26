"""Each command imports what it works with, and not what others do."""

import subprocess
import sys

import pytest

from hub.cli.commands import COMMANDS, imported

WEB_AND_TRANSPORTS = {"fastapi", "asyncssh", "aiohttp", "xmlschema", "hub.app"}
NEED_SOME = {"docs": {"fastapi"}, "routes": {"asyncssh", "aiohttp"}, "submit": {"aiohttp"}}
NEED_NO_STORE = ["schema", "calendar", "adapters", "demo", "faults"]


def modules(*commands: str) -> list[str]:
    return [COMMANDS[command].place.partition(":")[0] for command in commands]


@pytest.mark.parametrize("name", COMMANDS)
def test_the_line_of_a_command_is_the_first_of_its_help(name: str) -> None:
    assert imported(name).help.partition("\n\n")[0] == COMMANDS[name].line


@pytest.mark.parametrize(
    ("names", "none_of"),
    [
        (modules(*sorted(set(COMMANDS) - set(NEED_SOME))), WEB_AND_TRANSPORTS),
        *((modules(name), WEB_AND_TRANSPORTS - some) for name, some in NEED_SOME.items()),
        (modules(*NEED_NO_STORE), {"sqlalchemy", "aio_pika", "starlette"}),
        (["hub.workshop.worker"], {"xmlschema", "sqlalchemy", "structlog", "asyncio"}),
    ],
    ids=["most", *NEED_SOME, "without a store", "a process of an adapter"],
)
def test_what_is_not_needed_is_not_imported(names: list[str], none_of: set[str]) -> None:
    assert loaded(f"import {', '.join(names)}") & none_of == set()


def test_help_of_all_commands_imports_none_of_them() -> None:
    shown = "from hub.cli import main\ntry: main(['--help'])\nexcept SystemExit: pass"
    commands_and_model = {*modules(*COMMANDS), "pydantic", "hub.model.failure"}
    assert loaded(shown) & commands_and_model == set()


def loaded(code: str) -> set[str]:
    """The modules that a process has which ran it."""
    told = f"{code}\nimport sys\nprint(*sys.modules, file=sys.stderr)"
    done = subprocess.run(  # noqa: S603 - imports of our own
        [sys.executable, "-c", told], capture_output=True, text=True, check=True
    )
    return set(done.stderr.split())
