"""docs/security.md names readers and tests that there are."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "security.md").read_text("utf-8")
ROWS = PAGE.partition("## Readers")[2].partition("**ZIP.**")[0].splitlines()[4:]
NAMED = sorted(set(re.findall(r"`((?:hub|adapters|tests|scripts|xsd)/[^`< ]*)`", PAGE)))


@pytest.mark.parametrize("path", NAMED)
def test_what_it_names_is_there(path: str) -> None:
    assert list(ROOT.glob(path.rstrip("/"))), f"docs/security.md names {path}, which is not there"


def test_every_reader_has_a_test_and_a_bound() -> None:
    rows = [line for line in ROWS if line.startswith("|")]
    assert len(rows) > 10
    for row in rows:
        _, what, _, reader, bounds, tests, _ = row.split("|")
        assert "`hub/" in reader, what
        assert bounds.strip(), what
        found = re.findall(r"`(tests/[^`]+\.py)`", tests)
        assert found, what
        for path in found:
            assert "def test_" in (ROOT / path).read_text("utf-8"), path
