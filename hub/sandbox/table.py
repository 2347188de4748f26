"""How the demo shows its result: a line per submission, the conversations, then what was wrong."""

from datetime import datetime
from typing import Final

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from hub.routing import RoutingTable
from hub.sandbox.conversations import Conversation
from hub.sandbox.verdict import Row, Verdict

__all__ = ["show"]

_SHORT: Final = {
    "not_competent": "not competent",
    "intended_refusal": "intended refusal",
    "withdrawal_answer": "withdrawal answered",
    "recognition_decision": "recognition decision",
    "preliminary_approval": "preliminary approval",
}


def show(console: Console, verdict: Verdict, routes: RoutingTable, seconds: float) -> None:
    """Print the table, the counts and the problems."""
    console.print(_table(verdict, routes))
    console.print(_conversations(verdict))
    console.print(_summary(verdict, seconds))
    for problem in verdict.problems:
        console.print(Text(f"  {problem}", style="red"))


def _table(verdict: Verdict, routes: RoutingTable) -> RenderableType:
    table = Table(caption="after the broker's confirmation, times are in seconds", box=None)
    for heading in ("submission", "service", "authority", "system", "format"):
        table.add_column(heading, no_wrap=True)
    for heading in ("confirmed", "handed over", "accepted", "first letter"):
        table.add_column(heading, justify="right")
    table.add_column("letters")
    for row in verdict.rows:
        table.add_row(*_cells(row, routes))
    return table


def _conversations(verdict: Verdict) -> RenderableType:
    table = Table(caption="conversations, by adapter and format", box=None)
    table.add_column("", no_wrap=True)
    for conversation in Conversation:
        table.add_column(conversation, no_wrap=True)
    for line in sorted({row.sample.line for row in verdict.rows}):
        table.add_row(line, *(_held(verdict, line, each) for each in Conversation))
    return table


def _held(verdict: Verdict, line: str, conversation: Conversation) -> Text:
    cases = [
        each for each in verdict.held if (each.line, each.conversation) == (line, conversation)
    ]
    if not cases:
        return Text("not sent", style="dim")
    if all(each.complete for each in cases):
        return Text("✓ complete", style="green")
    return Text("✗ incomplete", style="red")


def _cells(row: Row, routes: RoutingTable) -> tuple[RenderableType, ...]:
    entry = routes.authorities[row.sample.authority]
    version = ", ".join(dated.version for dated in routes.systems[entry.system].formats)
    state = Text(row.in_hub.state if row.in_hub else "missing", style="red")
    letters = ", ".join(_SHORT.get(kind, kind) for kind in row.letters)
    complete = row.letters == row.sample.course.letters
    return (
        Group(row.sample.submission.application_id, Text(row.sample.story, style="dim")),
        row.sample.submission.service,
        entry.key,
        entry.system,
        f"{routes.systems[entry.system].adapter} {version}",
        f"{row.confirmed.at.astimezone():%H:%M:%S}" if row.confirmed else "–",
        _after(row, row.in_hub.handed_over_at if row.in_hub else None),
        _after(row, row.accepted_at) if row.accepted else state,
        _after(row, row.first_letter_at),
        Text(letters or "none expected" if complete else f"{letters} … incomplete",
             style="" if complete else "red"),
    )  # fmt: skip


def _after(row: Row, at: datetime | None) -> str:
    if at is None or row.confirmed is None:
        return "–"
    return f"+{max((at - row.confirmed.at).total_seconds(), 0):.1f}"


def _summary(verdict: Verdict, seconds: float) -> Text:
    sentence = (
        f"{verdict.accepted} of {len(verdict.rows)} submissions accepted, "
        f"{verdict.letters} letters, {verdict.replies} replies, "
        f"{verdict.conversations} conversations, {verdict.dead} dead letters, "
        f"the ledger {'balances' if verdict.balanced else 'does not balance'}, {seconds:.1f} s"
    )
    return Text(("All is well: " if verdict.good else "Not well: ") + sentence, style="bold")
