"""Every `.po` file of the hub says all that the German one says, and fills in the same values."""

from pathlib import Path
from typing import get_args

import pytest

from hub.model.downward import Language
from tests.language.domains import DOMAINS, faults, placeholders, read

FILES = [file for domain in DOMAINS for file in sorted(domain.glob("*.po"))]
GERMAN = """
msgid "greeting"
msgstr "Guten Tag, {name}"

msgid "deadline"
msgstr "Frist: {deadline}"
"""


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.parent.name}-{file.stem}")
def test_a_catalogue_has_no_faults(file: Path) -> None:
    assert faults(file) == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.parent.name}-{file.stem}")
def test_a_catalogue_is_of_the_language_that_it_is_named_after(file: Path) -> None:
    assert file.stem in get_args(Language)
    assert str(read(file).locale) == file.stem


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.parent.name}-{file.stem}")
def test_sentences_name_values_and_do_nothing_with_them(file: Path) -> None:
    for message in read(file):
        assert all(name.isidentifier() for name in placeholders(message)), message.id


@pytest.mark.parametrize(
    ("written", "fault"),
    [
        ('msgid "greeting"\nmsgstr "Hello, {name}"', "deadline: is missing"),
        (
            'msgid "greeting"\nmsgstr "Hello"\n\nmsgid "deadline"\nmsgstr "By {deadline}"',
            "greeting: fills in [], German ['name']",
        ),
        (
            'msgid "greeting"\nmsgstr "{name}"\n\nmsgid "deadline"\nmsgstr ""',
            "deadline: is empty",
        ),
        (
            '#, fuzzy\nmsgid "greeting"\nmsgstr "{name}"\n\nmsgid "deadline"\nmsgstr "{deadline}"',
            "greeting: is marked fuzzy; read it, then remove the mark",
        ),
        (
            GERMAN + '\nmsgid "more"\nmsgstr "More"',
            "more: German has no such sentence",
        ),
    ],
)
def test_faults_are_found(tmp_path: Path, written: str, fault: str) -> None:
    (tmp_path / "de.po").write_text(GERMAN, "utf-8")
    (tmp_path / "en.po").write_text(written, "utf-8")
    assert fault in faults(tmp_path / "en.po")
