"""Every `hub …` that a page names is a command that there is, with options that it has."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.core import TyperCommand, TyperGroup

from hub.cli.commands import COMMANDS, imported
from tests.docs.pages import PAGES, ROOT, blocks, inline

Command = TyperCommand | TyperGroup

HUB = TyperGroup(name="hub", commands={name: imported(name) for name in COMMANDS})
CALL = re.compile(r"(?:^|[|;&(]\s*|\b(?:if|until|while|!)\s)(?:\w+=\S+ )*(?:\.venv/bin/)?hub (.*)")
END = re.compile(r"\s(?:[|;&>#)]|\d>|&&).*|\).*|;.*")
SOME = re.compile(r"(?:^|\s)`?(?:hub|scripts/\w+|\$) \w", re.M)


def calls(page: Path) -> Iterator[str]:
    """What follows `hub` wherever the page calls it, also where that is not run."""
    for block in blocks(page):
        if block.kind in {"sh", "console"}:
            for line in block.text.replace("\\\n", " ").splitlines():
                if found := CALL.search(line.removeprefix("$ ")):
                    yield END.sub("", found[1])
    yield from (code.removeprefix("hub ") for code in inline(page) if code.startswith("hub "))


def wrong(call: str) -> str | None:
    """What is not there of a call such as `dead list|show --json`."""
    command: Command = HUB
    for word in shlex.split(call.replace("\\|", "|")):
        if word.startswith("-"):
            if word.partition("=")[0] not in options(command):
                return f"hub {call}: {command.name} has no option {word}"
        elif isinstance(command, TyperGroup):
            names = word.strip("[]").split("|")
            if unknown := [name for name in names if name not in command.commands]:
                return None if word == "…" else f"hub {call}: there is no command {unknown[0]}"
            command = command.commands[names[0]]
    return None


def options(command: Command) -> set[str]:
    given = {name for each in command.params for name in (*each.opts, *each.secondary_opts)}
    return given | {"--help"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_and_options_are_those_that_there_are(page: Path) -> None:
    assert [said for call in calls(page) if (said := wrong(call))] == []


def test_every_command_is_in_the_table_of_commands() -> None:
    table = "\n".join(in_the_table())
    for name, command in HUB.commands.items():
        assert re.search(rf"^hub (\S*\|)?{name}\b", table, re.M), name
        for below in command.commands if isinstance(command, TyperGroup) else ():
            assert re.search(rf"^hub {name} \S*\b{below}\b", table, re.M), f"{name} {below}"


def in_the_table() -> list[str]:
    return [code.replace("\\", "") for code in inline(ROOT / "docs" / "commands.md")]


def test_a_command_and_an_option_that_are_not_there_are_found() -> None:
    assert wrong("dead list --cause x") is None
    assert wrong("dead list|bury") == "hub dead list|bury: there is no command bury"
    assert wrong("status --loud") == "hub status --loud: status has no option --loud"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_block_with_commands_is_marked(page: Path) -> None:
    for block in blocks(page):
        if block.kind == "sh":
            assert re.fullmatch(r"|not-run: \S.*", block.rest), block.place
        elif block.kind in {"", "text", "bash", "shell"}:
            assert not SOME.search(block.text), f"{block.place}: what is typed is a block `sh`"
    assert not re.search(r"^    hub \w", page.read_text("utf-8"), re.M), "fence what is typed"
