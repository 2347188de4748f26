"""`hub adapters`: which are installed, is one right and what does it lose, how to begin one."""

import os
import traceback
from collections.abc import Iterable, Mapping
from concurrent.futures import ProcessPoolExecutor
from importlib.util import find_spec
from itertools import repeat
from multiprocessing import get_context
from pathlib import Path
from typing import Annotated, Final

import typer

from hub.adapter import Adapter, adapters
from hub.cli.failures import CommandFailure
from hub.cli.output import show_json, show_table
from hub.proof import PROMISES, Property, Report, prove
from hub.proof.golden import package_of, write_examples
from hub.proof.pages import counted, html, markdown, milliseconds, note
from hub.proof.scaffolding import scaffold
from hub.xml import Invalid

__all__ = ["app"]

app: Final = typer.Typer(help="The vendors' adapters.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The adapter's name.")]


@app.command("list")
def list_() -> None:
    """Show the adapters that are installed here, and what each can carry."""
    rows = [
        (name, version, len(format_.carries), len(format_.lost))
        for name, adapter in sorted(_installed().items())
        for version, format_ in sorted(adapter.formats.items())
    ]
    show_table(("adapter", "version", "#carries", "#declared lost"), rows)


@app.command()
def check(
    name: Name,
    version: Annotated[
        str | None, typer.Option(help="One version of its format; all if not given.")
    ] = None,
    markdown_file: Annotated[
        Path | None, typer.Option("--markdown", help="Write the report as Markdown, too.")
    ] = None,
    html_file: Annotated[
        Path | None, typer.Option("--html", help="Write the report as HTML, too.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> int:
    """Prove an adapter: is it right, and which data does it lose? Nothing is sent."""
    if find_spec("hypothesis") is None:
        raise CommandFailure("the check needs one package more: pip install 'residence-hub[check]'")
    reports = _reports(_adapter(name), _versions(name, version))
    if markdown_file is not None:
        markdown_file.write_text(markdown(reports), "utf-8")
    if html_file is not None:
        html_file.write_text(html(reports), "utf-8")
    if json:
        show_json(list[Report], reports)
    else:
        for report in reports:
            _show(report)
    return 0 if all(report.holds for report in reports) else 1


@app.command()
def examples(name: Name) -> None:
    """Write an adapter's golden examples anew, and name those that changed: read the diff."""
    adapter = _adapter(name)
    try:
        changed = [
            path
            for format_ in adapter.formats.values()
            for path in write_examples(format_, package_of(format_))
        ]
    except Invalid as failure:
        raise CommandFailure(*(each.text for each in failure.explanations)) from None
    print("\n".join(map(str, changed)) if changed else f"{name}: every example is as it was.")


@app.command()
def new(
    name: Annotated[str, typer.Argument(help="A short name: a-z, 0-9 and _.")],
    folder: Annotated[
        Path | None, typer.Option(help="Where to write the package; ./NAME if not given.")
    ] = None,
) -> None:
    """Begin an adapter: a package of its own that works for one service, with tests."""
    try:
        written = scaffold(name, folder or Path(name))
    except ValueError as error:
        raise CommandFailure(str(error)) from None
    print("\n".join(map(str, written)))
    print(f"\nNext: pip install -e {folder or name} && hub adapters check {name}")


def _installed() -> Mapping[str, Adapter]:
    try:
        return adapters()
    except Exception as error:  # the vendor's own code, imported: anything may come
        at = traceback.extract_tb(error.__traceback__)[-1]
        raise CommandFailure(
            "an adapter that is installed here cannot be loaded: "
            f"{type(error).__name__}: {error} ({at.filename}, line {at.lineno})"
        ) from error


def _adapter(name: str) -> Adapter:
    known = _installed()
    if name not in known:
        there = ", ".join(sorted(known)) or "none"
        raise CommandFailure(f"no adapter {name!r} is installed here; there are: {there}")
    return known[name]


def _versions(name: str, version: str | None) -> list[str]:
    known = sorted(_adapter(name).formats)
    if version is not None and version not in known:
        raise CommandFailure(f"{name} has no version {version!r}; there are: {', '.join(known)}")
    return known if version is None else [version]


def _reports(adapter: Adapter, versions: list[str]) -> list[Report]:
    """One for each version, examined side by side as far as there are processors."""
    if len(versions) == 1:
        return [prove(adapter, versions[0])]
    # Not forked: the adapter's modules may have begun something by being imported.
    spawn = get_context("spawn")
    with ProcessPoolExecutor(min(len(versions), os.cpu_count() or 1), spawn) as processes:
        return list(processes.map(_report, repeat(adapter.name), versions))


def _report(name: str, version: str) -> Report:
    return prove(_adapter(name), version)


def _show(report: Report) -> None:
    print(f"{report.adapter} {report.version}\n")
    rows = [(row.field, row.outcome, _few(row.places), note(row)) for row in report.rows]
    show_table(("field", "outcome", "stands in", "note"), rows)
    _show_refusals(report)
    _show_timings(report)
    print()
    promised = [
        (_word(report, each), PROMISES[each], report.checked.get(each, 0)) for each in Property
    ]
    show_table(("", "what has to hold", "#tried"), promised)
    for fault in report.faults:
        print(f"\n{fault.property}: {fault}")
    verdict = "everything holds" if report.holds else f"{len(report.faults)} faults"
    print(f"\n{counted(report)}; {verdict}; {report.duration.total_seconds():.0f} s.\n")


def _word(report: Report, property_: Property) -> str:
    if report.faults_of(property_):
        return "✗ no"
    return "✓ yes" if report.checked.get(property_) else "– not tried"


def _show_refusals(report: Report) -> None:
    if report.refusals:
        print("\nRefused, though the model allows it:")
        rows = [(each.subject, each.field, each.cause, each.sentence) for each in report.refusals]
        show_table(("with", "field", "cause", "sentence"), rows)


def _show_timings(report: Report) -> None:
    print()
    rows = [
        (
            *(each.function, each.subject, each.documents),
            *(milliseconds(each.median), milliseconds(each.slowest), each.slowest_example),
        )
        for each in report.timings
    ]
    columns = ("function", "with", "#documents", "#median", "#slowest", "which was the slowest")
    show_table(columns, rows)


_MOST_PLACES: Final = 2


def _few(places: Iterable[str]) -> str:
    known = list(places)
    more = f"\n… {len(known) - _MOST_PLACES} more" if len(known) > _MOST_PLACES else ""
    return "\n".join(known[:_MOST_PLACES]) + more
