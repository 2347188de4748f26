"""A page of the documentation, taken apart into what a reader could type.

Fenced blocks are told by their info string: `sh` is typed as it stands, `sh not-run: <reason>` is
not, `console` shows commands after `$` with what they print, `yaml name.yaml` is a file to write.
A comment `<!-- given …` holds commands that bring about what the page speaks of.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

__all__ = ["PAGES", "ROOT", "Block", "blocks", "given", "inline"]

ROOT: Final = Path(__file__).parents[2]
PAGES: Final = (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")))

_FENCE: Final = re.compile(r"^( *)```([^\n`]*)\n(.*?)^ *```$", re.M | re.S)
_GIVEN: Final = re.compile(r"^<!-- given\n(.*?)^-->$", re.M | re.S)
_INLINE: Final = re.compile(r"(?<!`)`([^`]+)`(?!`)")


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: `kind` and `rest` are its info string, `place` is page and line."""

    place: str
    kind: str
    rest: str
    text: str


def blocks(page: Path) -> list[Block]:
    """The page's blocks, in order."""
    return list(_blocks(page.read_text("utf-8"), str(page.relative_to(ROOT))))


def given(page: Path) -> str:
    """What has to be typed before the page holds."""
    return "".join(_GIVEN.findall(page.read_text("utf-8")))


def inline(page: Path) -> list[str]:
    """What stands between single backticks, outside of blocks."""
    prose = _FENCE.sub("", page.read_text("utf-8"))
    return [" ".join(code.split()) for code in _INLINE.findall(prose)]


def _blocks(text: str, name: str) -> Iterator[Block]:
    for found in _FENCE.finditer(text):
        kind, _, rest = found[2].strip().partition(" ")
        line = text.count("\n", 0, found.start()) + 1
        unindented = re.sub(rf"^{found[1]}", "", found[3], flags=re.M)
        yield Block(f"{name}:{line}", kind, rest.strip(), unindented)
