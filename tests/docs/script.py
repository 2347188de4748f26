"""A page as one script for bash, so that what is exported in one block holds in the next."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from shlex import quote
from typing import Final

from tests.docs.pages import Block

__all__ = ["Shown", "script", "shown"]

_HEAD: Final = """set -eE
trap 'echo "$BLOCK: $BASH_COMMAND" >&2' ERR
"""
"""As a reader's own shell, but for that it ends at the first command that fails, and names it."""
_ANY: Final = (
    re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"),
    re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d(\.\d+)?)?"),
    re.compile(r"\d\d:\d\d:\d\d(\.\d+)?"),
)
"""Ids and times: another one each time."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A command of a `console` block, and what the page says that it prints."""

    place: str
    command: str
    expected: str

    def is_what(self, printed: str) -> bool:
        """Whether that was printed; `…` stands for anything, and spaces do not count."""
        parts = map(re.escape, _plain(self.expected).split("…"))
        return re.fullmatch(".*".join(parts), _plain(printed), re.S) is not None


def shown(blocks: Iterable[Block]) -> list[Shown]:
    """The commands of all `console` blocks, in order."""
    return [each for block in blocks if block.kind == "console" for each in _shown(block)]


def script(blocks: Sequence[Block], outputs: Path) -> str:
    """What bash is to run; the n-th command that is shown prints to the file n in `outputs`."""
    return _HEAD + "".join(_lines(blocks, outputs))


def _lines(blocks: Sequence[Block], outputs: Path) -> Iterator[str]:
    number = 0
    for block in blocks:
        yield f"BLOCK={quote(block.place)}\n"
        if block.kind == "sh" and not block.rest:
            yield block.text
        elif block.kind == "yaml" and block.rest:
            yield f"cat > {quote(block.rest)} <<'THE END'\n{block.text}THE END\n"
        elif block.kind == "console":
            for each in _shown(block):
                yield f"{{ {each.command}\n}} >{quote(str(outputs / str(number)))} 2>&1 || true\n"
                number += 1


def _shown(block: Block) -> Iterator[Shown]:
    for part in re.split(r"^\$ ", block.text, flags=re.M)[1:]:
        command, _, expected = part.partition("\n")
        yield Shown(block.place, command, expected)


def _plain(text: str) -> str:
    for pattern in _ANY:
        text = pattern.sub("<any>", text)
    return "".join(text.split())
