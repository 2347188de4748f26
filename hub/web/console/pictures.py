"""Pictures of the pulse: bars of what happened in each step of time, as SVG made on the server.

Whoever cannot see them gets the same in words: a picture's title says what it shows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from lxml import etree

__all__ = ["Series", "bars", "in_words"]

_WIDTH: Final = 600
_HEIGHT: Final = 120
_GAP: Final = 0.15
"""Part of a step that stays empty between two bars."""


@dataclass(frozen=True, slots=True)
class Series:
    """Counts to draw, and the class of the stylesheet that colours them."""

    name: str
    style: str
    counts: Sequence[int]


def bars(title: str, series: Sequence[Series]) -> str:
    """Series above each other, one bar for each step; the tallest fills the height."""
    tallest = max((sum(step) for step in zip(*(s.counts for s in series), strict=True)), default=0)
    svg = etree.Element(
        "svg",
        {
            "class": "picture",
            "viewBox": f"0 0 {_WIDTH} {_HEIGHT}",
            "preserveAspectRatio": "none",
            "role": "img",
        },
    )
    etree.SubElement(svg, "title").text = f"{title}: {in_words(series)}"
    steps = len(series[0].counts) if series else 0
    for step in range(steps):
        _bar(svg, step, _WIDTH / steps, series, max(tallest, 1))
    return etree.tostring(svg, encoding="unicode")


def _bar(
    svg: etree._Element, step: int, width: float, series: Sequence[Series], tallest: int
) -> None:
    top = float(_HEIGHT)
    for each in series:
        height = each.counts[step] / tallest * _HEIGHT
        top -= height
        if height:
            etree.SubElement(
                svg,
                "rect",
                {
                    "class": each.style,
                    "x": f"{step * width + width * _GAP / 2:.2f}",
                    "y": f"{top:.2f}",
                    "width": f"{width * (1 - _GAP):.2f}",
                    "height": f"{height:.2f}",
                },
            )


def in_words(series: Sequence[Series]) -> str:
    """How many of each there were in all; what did not happen is not named."""
    return ", ".join(f"{sum(each.counts)} {each.name}" for each in series if any(each.counts))
