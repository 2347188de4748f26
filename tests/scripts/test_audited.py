"""What a report of pip-audit means. Its exit code alone would call everything well."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

SCRIPT = Path(__file__).parents[2] / "scripts" / "audited.py"
GOOD: dict[str, Any] = {"name": "good", "version": "1", "vulns": []}
WEAK: dict[str, Any] = {
    "name": "weak",
    "version": "1",
    "vulns": [{"id": "PYSEC-0000-0", "fix_versions": ["2"], "aliases": [], "description": ""}],
}
SKIPPED = {"name": "skipped", "skip_reason": "Dependency not found on PyPI"}


@pytest.mark.parametrize(
    ("dependencies", "code", "out", "err"),
    [
        ([GOOD], 0, "No weakness is known of 1 packages.", ""),
        ([GOOD, WEAK], 1, "weak: PYSEC-0000-0, mended in 2", ""),
        ([GOOD, SKIPPED], 3, "", "known of 1 of 2 packages could not be found out"),
        ([WEAK, SKIPPED], 1, "weak: PYSEC", "could not be found out"),
        ([], 3, "", "any package could not be found out"),
        (None, 3, "", "any package could not be found out"),
    ],
)
def test_what_was_not_looked_up_is_not_called_well(
    tmp_path: Path, dependencies: list[dict[str, Any]] | None, code: int, out: str, err: str
) -> None:
    report = tmp_path / "report.json"
    report.write_text("" if dependencies is None else json.dumps({"dependencies": dependencies}))
    ended = subprocess.run(  # noqa: S603 - our own script
        [sys.executable, SCRIPT, report], capture_output=True, text=True, check=False
    )
    assert ended.returncode == code
    assert (out in ended.stdout, bool(ended.stdout)) == (True, bool(out))
    assert (err in ended.stderr, bool(ended.stderr)) == (True, bool(err))
