"""The report as a page: Markdown for a repository, HTML for who decides about an adapter."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import timedelta
from importlib.resources import files

from jinja2 import Environment

from hub.proof.report import PROMISES, Outcome, Property, Report, Row

__all__ = ["counted", "html", "markdown", "milliseconds", "note"]


def markdown(reports: Iterable[Report]) -> str:
    """The reports as one Markdown document."""
    return "\n".join(line for report in reports for line in _lines(report))


def html(reports: Iterable[Report]) -> str:
    """The reports as one HTML document, complete in itself."""
    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    environment.filters |= {"counted": counted, "milliseconds": milliseconds, "note": note}
    source = files("hub.proof").joinpath("report.html.jinja").read_text("utf-8")
    page: str = environment.from_string(source).render(reports=list(reports), promises=PROMISES)
    return page


def counted(report: Report) -> str:
    """How many fields are carried, changed and lost."""
    outcomes = Counter(row.outcome for row in report.rows)
    told = ", ".join(f"{outcomes[outcome]} {outcome}" for outcome in Outcome)
    return f"{len(report.rows)} fields: {told}"


def milliseconds(duration: timedelta) -> str:
    """A short duration, as people compare it."""
    return f"{duration / timedelta(milliseconds=1):.2f} ms"


def note(row: Row) -> str:
    """Why a field is lost or changed; and where it is, if it is not so everywhere."""
    if row.outcome is Outcome.LOST and row.carried_by:
        partly = set(row.carried_by) - set(row.lost_by)
        also = f"carried with {', '.join(sorted(partly))}" if partly else "carried in other places"
        return f"{row.reason or 'not declared'} ({also})"
    return row.reason or ""


def _lines(report: Report) -> Iterator[str]:
    yield f"# {report.adapter} {report.version}\n"
    verdict = "Everything holds." if report.holds else f"{len(report.faults)} faults."
    yield f"{verdict} {counted(report)}.\n"
    yield "| | what has to hold | tried | faults |"
    yield "|---|---|---:|---:|"
    for property_ in Property:
        faults = report.faults_of(property_)
        word = "no" if faults else "yes"
        tried = report.checked.get(property_, 0)
        yield f"| {word} | {PROMISES[property_]} | {tried} | {len(faults)} |"
    yield from _faults(report)
    yield "\n## Fields\n"
    yield "| field | outcome | stands in | note |"
    yield "|---|---|---|---|"
    for row in report.rows:
        places = "<br>".join(f"`{place}`" for place in row.places)
        yield f"| `{row.field}` | {row.outcome} | {places} | {_cell(note(row))} |"
    yield from _refusals(report)
    yield from _timings(report)


def _faults(report: Report) -> Iterator[str]:
    if report.faults:
        yield "\n## Faults\n"
    for fault in report.faults:
        yield f"- **{fault.property}**: " + str(fault).replace("\n", "\n  ")
        if fault.example and "\n" in fault.example:
            yield "\n  ```json\n  " + fault.example.replace("\n", "\n  ") + "\n  ```\n"


def _refusals(report: Report) -> Iterator[str]:
    if report.refusals:
        yield "\n## Refused\n"
        yield "What the model allows and the format refuses to write.\n"
        yield "| with | field | cause | sentence |"
        yield "|---|---|---|---|"
    for each in report.refusals:
        yield f"| {each.subject} | `{each.field}` | {each.cause} | {_cell(each.sentence)} |"


def _timings(report: Report) -> Iterator[str]:
    yield "\n## Time\n"
    yield "| function | with | documents | median | slowest | which |"
    yield "|---|---|---:|---:|---:|---|"
    for each in report.timings:
        what = f"{each.function} | {each.subject} | {each.documents}"
        times = f"{milliseconds(each.median)} | {milliseconds(each.slowest)}"
        yield f"| {what} | {times} | {each.slowest_example} |"
    yield ""


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
