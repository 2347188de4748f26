"""Pictures of what was measured, as SVG: bars of a comparison, curves of growth."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log10
from typing import Any, Final

from lxml import etree

from bench.comparing import Compared
from bench.statistics import Spread, spread

__all__ = ["Curve", "draw", "draw_curves"]

_NAMESPACE: Final = "http://www.w3.org/2000/svg"
_WIDTH: Final = 760
_MARGIN: Final = 16
_NAMES: Final = 110
_LINE: Final = 26
_HUB: Final = "#1f5f99"
_OTHER: Final = "#9aa5b1"
_INK: Final = "#222"


@dataclass(frozen=True, slots=True)
class Curve:
    """Points from the left to the right, on a logarithmic axis."""

    title: str
    unit: str
    points: Mapping[int, Spread]


def draw(compared: Sequence[Compared]) -> bytes:
    """For each case two groups of bars, CPU per submission and throughput; lines are the spread."""
    groups = [
        group
        for each in compared
        for group in (
            (f"{each.case}: CPU, ms per submission", _cpu(each)),
            (f"{each.case}: submissions per second", _rates(each)),
        )
    ]
    height = sum((len(bars) + 2) * _LINE for _, bars in groups)
    svg = _svg(height)
    top = 0
    for title, bars in groups:
        _bars(svg, top + _LINE, title, bars)
        top += (len(bars) + 2) * _LINE
    return _bytes(svg)


def draw_curves(curves: Sequence[Curve]) -> bytes:
    """One below the other, each from zero, so that what is flat looks flat."""
    each_height = 240
    svg = _svg(each_height * len(curves))
    for number, curve in enumerate(curves):
        _curve(svg, number * each_height, curve)
    return _bytes(svg)


def _cpu(compared: Compared) -> dict[str, Spread]:
    return {
        name: spread([one.cpu("itself") for one in rounds])
        for name, rounds in compared.rounds.items()
    }


def _rates(compared: Compared) -> dict[str, Spread]:
    return {name: spread([one.rate for one in rounds]) for name, rounds in compared.rounds.items()}


def _bars(svg: etree._Element, top: int, title: str, bars: Mapping[str, Spread]) -> None:
    _text(svg, 0, top, title, weight="bold")
    most = max(each.high for each in bars.values())
    room = _WIDTH - _NAMES - 150
    for number, (name, each) in enumerate(bars.items(), start=1):
        at = top + number * _LINE
        _text(svg, _NAMES - 8, at, name, anchor="end")
        long, low, high = (each.median, each.low, each.high)
        scale = room / most
        _add(
            svg, "rect", x=_NAMES, y=at - 13, width=round(long * scale, 1), height=16,
            fill=_HUB if name == "hub" else _OTHER,
        )  # fmt: skip
        _line(svg, _NAMES + low * scale, at - 5, _NAMES + high * scale, at - 5)
        _text(svg, _NAMES + high * scale + 8, at, str(each))


def _curve(svg: etree._Element, top: int, curve: Curve) -> None:
    left, right, high, low = _NAMES, _WIDTH - 90, top + 50, top + 190
    _text(svg, 0, top + 20, f"{curve.title}: {curve.unit}", weight="bold")
    _line(svg, left, low, right, low)
    first, last = (log10(edge) for edge in (min(curve.points), max(curve.points)))
    most = max(each.high for each in curve.points.values())

    def across(size: int) -> float:
        return left + (log10(size) - first) / ((last - first) or 1) * (right - left)

    def up(value: float) -> float:
        return low - value / most * (low - high)

    path = [(across(size), up(each.median)) for size, each in curve.points.items()]
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in path)
    _add(svg, "polyline", points=points, fill="none", stroke=_HUB, **{"stroke-width": 2})
    for (x, y), (size, each) in zip(path, curve.points.items(), strict=True):
        _line(svg, x, up(each.low), x, up(each.high))
        _add(svg, "circle", cx=round(x, 1), cy=round(y, 1), r=3.5, fill=_HUB)
        _text(svg, x, low + 18, f"{size:,}", anchor="middle")
        _text(
            svg,
            x,
            up(each.high) - 8,
            str(Spread(each.median, each.median, each.median)),
            anchor="middle",
        )


def _svg(height: int) -> etree._Element:
    svg = etree.Element(f"{{{_NAMESPACE}}}svg", nsmap={None: _NAMESPACE})
    width = _WIDTH + _MARGIN
    svg.set("viewBox", f"{-_MARGIN} 0 {width} {height}")
    svg.set("font-family", "system-ui, sans-serif")
    svg.set("font-size", "13")
    _add(svg, "rect", x=-_MARGIN, width=width, height=height, fill="#fff")
    return svg


def _line(svg: etree._Element, x1: float, y1: float, x2: float, y2: float) -> None:
    ends = {"x1": x1, "y1": y1, "x2": x2, "y2": y2}
    _add(svg, "line", stroke=_INK, **{name: round(value, 1) for name, value in ends.items()})


def _text(
    svg: etree._Element, x: float, y: float, words: str, *, anchor: str = "start", weight: str = ""
) -> None:
    text = _add(svg, "text", x=round(x, 1), y=round(y, 1), fill=_INK, **{"text-anchor": anchor})
    text.text = words
    if weight:
        text.set("font-weight", weight)


def _add(svg: etree._Element, tag: str, **attributes: Any) -> etree._Element:
    given = {name: str(value) for name, value in attributes.items()}
    return etree.SubElement(svg, f"{{{_NAMESPACE}}}{tag}", given)


def _bytes(svg: etree._Element) -> bytes:
    return etree.tostring(svg, pretty_print=True, xml_declaration=True, encoding="UTF-8")
