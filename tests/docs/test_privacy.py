"""The table of docs/privacy.md has a line for every table and for both folders, and no other."""

import re
from pathlib import Path

from hub.settings import Settings
from hub.store.sealed import SEALED_PLACES
from hub.store.tables import metadata

PAGE = (Path(__file__).parents[2] / "docs" / "privacy.md").read_text("utf-8")
LINES = {
    name: line for line in PAGE.splitlines() for name in re.findall(r"^\| `([a-z_]+)` \|", line)
}


def test_every_table_of_the_store_has_its_line() -> None:
    assert sorted(LINES) == sorted(metadata.tables)


def test_both_folders_of_documents_have_their_lines() -> None:
    assert "| `<documents>/<xx>/<case>/` |" in PAGE
    assert "| `<documents>/staged/<sender>/` |" in PAGE


def test_what_lies_sealed_is_said_to() -> None:
    assert {name for name, line in LINES.items() if ", sealed" in line} == {
        place.name for place in SEALED_PLACES
    }


def test_the_settings_are_there_with_their_defaults() -> None:
    named = dict(re.findall(r"`HUB_([A-Z]+_DAYS)` \((\d+)\)", PAGE))
    assert set(named) == {"RETENTION_DAYS", "LETTER_DAYS", "JOURNAL_DAYS"}
    for name, days in named.items():
        assert Settings.model_fields[name.lower()].default == int(days)
