"""Says what a report of pip-audit means, and ends with 0, 1 or 3; see `scripts/audit`.

pip-audit itself finds "no known vulnerabilities", with exit code 0, also where it could look up
nothing at all: a mirror of PyPI commonly has the packages, but not what is known of them.
"""

import json
import sys
from pathlib import Path
from typing import Final

NONE_KNOWN: Final = 0
SOME_KNOWN: Final = 1
NOT_FOUND_OUT: Final = 3


def main(report: Path) -> int:
    """Print what is known, or that it could not be found out."""
    try:
        dependencies = json.loads(report.read_text("utf-8"))["dependencies"]
    except ValueError:
        dependencies = []
    known = {each["name"]: each["vulns"] for each in dependencies if each.get("vulns")}
    for name, weaknesses in sorted(known.items()):
        for each in weaknesses:
            fixed = ", ".join(each["fix_versions"]) or "no version yet"
            print(f"{name}: {each['id']}, mended in {fixed}")
    unknown = [each["name"] for each in dependencies if "skip_reason" in each]
    if unknown or not dependencies:
        which = f"{len(unknown)} of {len(dependencies)} packages" if dependencies else "any package"
        print(
            f"Whether weaknesses are known of {which} could not be found out: pip-audit does not"
            " reach its data (PyPI's, or OSV's with `scripts/audit --vulnerability-service osv`);"
            " run it where it does.",
            file=sys.stderr,
        )
    if known:
        return SOME_KNOWN
    if unknown or not dependencies:
        return NOT_FOUND_OUT
    print(f"No weakness is known of {len(dependencies)} packages.")
    return NONE_KNOWN


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
