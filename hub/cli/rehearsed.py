"""A rehearsal for people: one block for each group of authorities, at its end the verdict."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from hub.cli.output import show_table
from hub.rehearsal import Count, Failure, Group, Report, Side, XmlPlace

__all__ = ["show"]

_MOST_ROWS: Final = 12
"""Of one table: what comes after it is counted; `--json` has all."""


def show(report: Report) -> None:
    """Print it."""
    for group in report.groups:
        _show_group(group)
    if report.unchanged:
        print(f"Nothing changes for {_authorities(report.unchanged)}.\n")
    print(_owed(report.opened))
    wrong = sum(not group.holds for group in report.groups)
    if report.holds:
        print("Nothing newly fails, nothing is newly lost. Nothing was sent.")
    else:
        print(f"{wrong} of {len(report.groups)} groups newly fail or lose. Nothing was sent.")


def _show_group(group: Group) -> None:
    print(_authorities(group.authorities))
    print(f"    from  {_side(group.old)}\n    to    {_side(group.new)}")
    print(f"    compared: {_many(group.compared)}\n")
    _show_failures("Newly fails", group.fails)
    if group.lost:
        print("Newly lost:")
        lost = [
            (each.field, each.reason, "always" if each.declared else "", *_cells(each.count))
            for each in group.lost
        ]
        _show_some(("field", "why", "declared", *_COUNTED), lost)
    _show_failures("Newly possible", group.possible)
    _show_xml(group)


def _show_failures(title: str, failures: Sequence[Failure]) -> None:
    if failures:
        print(f"{title}:")
        rows = [
            (_few(each.kinds), each.cause, each.sentence, each.location or "", *_cells(each.count))
            for each in failures
        ]
        _show_some(("with", "cause", "sentence", "where", *_COUNTED), rows)


def _show_xml(group: Group) -> None:
    rows: list[tuple[str, str, str, str]] = [
        *_places("+ appears", group.appear),
        *_places("- vanishes", group.vanish),
    ]
    shown: set[str] = set()
    for each in group.reshaped:
        if each.path not in shown:  # of a path, one example says enough
            shown.add(each.path)
            rows.append(("~ written", f"{each.path}: {each.old} → {each.new}", *_cells(each.count)))
    if rows:
        print("The XML (letters are shown as x, digits as 9):")
        _show_some(("", "element or attribute", *_COUNTED), rows, most=3 * _MOST_ROWS)
    else:
        print("The XML is the same.\n")


def _places(word: str, places: Sequence[XmlPlace]) -> Iterator[tuple[str, str, str, str]]:
    """What is below something that appears or vanishes itself is counted there."""
    paths = {each.path for each in places}
    for each in places:
        if not any(parent in paths for parent in _parents(each.path)):
            below = sum(path.startswith(f"{each.path}/") for path in paths)
            more = f" and {below} below it" if below else ""
            yield (word, f"{each.path}{more}", *_cells(each.count))


def _parents(path: str) -> Iterator[str]:
    while (path := path.rpartition("/")[0]) not in ("", "/"):
        yield path


def _show_some(
    columns: Iterable[str], rows: Sequence[tuple[str, ...]], most: int = _MOST_ROWS
) -> None:
    show_table(columns, rows[:most])
    print(f"… {len(rows) - most} more, see --json\n" if len(rows) > most else "")


def _side(side: Side) -> str:
    system = side.system or "no system"
    return f"{side.format or 'no format'} of {system} on {side.on}"


def _authorities(keys: Sequence[str]) -> str:
    word = "Authority" if len(keys) == 1 else f"{len(keys)} authorities"
    return f"{word} {_few(keys)}"


def _few(words: Sequence[str]) -> str:
    more = f" and {len(words) - _FEW} more" if len(words) > _FEW else ""
    return ", ".join(words[:_FEW]) + more


_FEW: Final = 8
_COUNTED: Final = ("#owed", "#made up")


def _cells(count: Count) -> tuple[str, str]:
    return str(count.owed), str(count.generated)


def _many(count: Count) -> str:
    return f"{count.owed} owed messages, {count.generated} made up"


def _owed(opened: int | None) -> str:
    if opened is None:
        return "What is owed was not looked at: there is no HUB_CONTENT_KEY."
    return f"Owed messages opened in memory, and not shown: {opened}."
