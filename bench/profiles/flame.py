"""A flame graph of what py-spy collected, without the time in which threads only waited.

`py-spy record --format raw --output hub.raw --pid N` beside a benchmark, then
`python -m bench.profiles.flame hub.raw hub.svg`; with `--stage deliver` only what that stage does,
on the event loop and, as units of the store, in the thread that writes. Frames narrower than half a
per cent are left out, so that a picture stays small enough to be kept beside the code.
"""

import re
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Annotated, Final

import typer

__all__ = ["Frame", "draw", "read"]

_WAITING: Final = re.compile(
    r"(^_worker \(concurrent/futures|^Writer\._next_group|^Process\._wait|^read_frame|\.select) ?"
)
_WIDTH: Final = 1200
_ROW: Final = 16
_NARROWEST: Final = 0.005
_LETTER: Final = 6.6
_STARTING: Final = re.compile(r"(click|typer|asyncio|threading|concurrent|cli|<frozen runpy>)\b")


@dataclass(slots=True)
class Frame:
    """A function as it was called from the frames above it; samples of it and all below it."""

    name: str = ""
    samples: int = 0
    below: dict[str, "Frame"] = field(default_factory=dict)

    def add(self, names: list[str], samples: int) -> None:
        """Count a stack."""
        self.samples += samples
        if names:
            self.below.setdefault(names[0], Frame(names[0])).add(names[1:], samples)


def read(text: str, stage: str | None = None) -> Frame:
    """Add up the stacks of a raw file, of which each line is `frame;frame;… samples`.

    With a stage only those in which its file is at work, from there on.
    """
    whole = Frame(stage or "all")
    for line in text.splitlines():
        stack, _, samples = line.rpartition(" ")
        frames = [re.sub(r":\d+\)$", ")", each) for each in stack.split(";")]
        if stage is not None:
            frames = frames[_first_of(stage, frames) :]
        if frames and not _WAITING.search(frames[-1]):
            while len(frames) > 1 and _STARTING.search(frames[0].partition("(")[2]):
                del frames[0]  # how threads and loops begin is the same everywhere
            whole.add(frames, int(samples))
    return whole


def _first_of(stage: str, frames: list[str]) -> int:
    file = f"(hub/stages/{stage}.py)"
    return next((at for at, frame in enumerate(frames) if file in frame), len(frames))


def draw(whole: Frame) -> str:
    """As SVG. What is wide took long; the exact share is in each title."""
    boxes: list[str] = []
    depth = _boxes(whole, whole.samples, 0.0, 0, boxes)
    height = (depth + 1) * _ROW
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}"'
        ' font-family="ui-monospace, monospace" font-size="11">\n' + "\n".join(boxes) + "\n</svg>\n"
    )


def _boxes(frame: Frame, total: int, left: float, depth: int, boxes: list[str]) -> int:
    width = frame.samples / total * _WIDTH
    share = f"{frame.samples / total:.1%}"
    room = int(width / _LETTER)
    label = frame.name if len(frame.name) <= room else frame.name[: max(room - 1, 0)]
    hue = 20 + sum(map(ord, frame.name)) % 40
    boxes.append(
        f"<g><title>{escape(frame.name)} {share}</title>"
        f'<rect x="{left:.1f}" y="{depth * _ROW}" width="{width:.1f}" height="{_ROW - 1}"'
        f' fill="hsl({hue} 70% 72%)"/>'
        f'<text x="{left + 2:.1f}" y="{depth * _ROW + 11}">{escape(label)}</text></g>'
    )
    deepest = depth
    for each in sorted(frame.below.values(), key=lambda each: each.name):
        if each.samples >= total * _NARROWEST:
            deepest = max(deepest, _boxes(each, total, left, depth + 1, boxes))
        left += each.samples / total * _WIDTH
    return deepest


def _main(
    raw: Path,
    picture: Path,
    stage: Annotated[str | None, typer.Option(help="Only what this file of a stage does.")] = None,
) -> None:
    picture.write_text(draw(read(raw.read_text("utf-8"), stage)), "utf-8")


if __name__ == "__main__":
    typer.run(_main)
