"""What a campaign found: a line for each kind of fault; every problem with its fault and seed."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from hub.sandbox.faults.judging import Problem

__all__ = ["Fault", "Finding", "Report", "show"]


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault that was provoked.

    Attributes:
        kind: its name.
        seed: what its random choices were drawn from.
        began: when; `ended`: when everything could be whole again.
        in_flight: messages that one party had sent and the other not yet got when it began.
        repeats: messages that came to a system again until the next fault.
        resent: messages that senders sent again until the next fault.
        missed: whether the step at which it was to happen was never reached.
    """

    kind: str
    seed: str
    began: datetime
    ended: datetime
    in_flight: int
    repeats: int = 0
    resent: int = 0
    missed: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem, the fault around which it happened, and the folder in which all is kept."""

    problem: Problem
    fault: Fault | None
    folder: Path

    def __str__(self) -> str:
        around = f"around {self.fault.kind}, seed {self.fault.seed}" if self.fault else "no fault"
        problem = self.problem
        return (
            f"{problem.application}: {problem.what}: {problem.sentence} ({around}; {self.folder})"
        )


@dataclass(slots=True)
class Report:
    """All of one campaign."""

    seed: int
    faults: list[Fault] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    submissions: int = 0
    messages: int = 0
    letters: int = 0
    seconds: float = 0.0

    @property
    def good(self) -> bool:
        """Whether nothing was found."""
        return not self.findings

    def count(self, what: str, kind: str | None = None) -> int:
        """How many problems of that sort there are, in all or around faults of one kind."""
        return sum(
            each.problem.what == what
            and (kind is None or (each.fault is not None and each.fault.kind == kind))
            for each in self.findings
        )

    def as_json(self) -> dict[str, object]:
        """Everything that a script may ask."""
        return {
            "seed": self.seed,
            "runs": len(self.faults),
            "submissions": self.submissions,
            "messages": self.messages,
            "letters": self.letters,
            "repeats": sum(fault.repeats for fault in self.faults),
            "resent": sum(fault.resent for fault in self.faults),
            "missed": sum(fault.missed for fault in self.faults),
            "lost": self.count("lost"),
            "doubled": self.count("doubled"),
            "out_of_order": self.count("out of order"),
            "wrong": self.count("wrong"),
            "seconds": round(self.seconds, 1),
            "kinds": [asdict(line) for line in self.lines()],
            "problems": [str(finding) for finding in self.findings],
        }

    def lines(self) -> list["Line"]:
        """A line for each kind that was provoked."""
        names = sorted({fault.kind for fault in self.faults})
        return [self._line(name, [f for f in self.faults if f.kind == name]) for name in names]

    def _line(self, name: str, faults: Sequence[Fault]) -> "Line":
        return Line(
            kind=name,
            runs=len(faults),
            missed=sum(fault.missed for fault in faults),
            in_flight=sum(fault.in_flight for fault in faults),
            repeats=sum(fault.repeats for fault in faults),
            resent=sum(fault.resent for fault in faults),
            lost=self.count("lost", name),
            doubled=self.count("doubled", name),
            out_of_order=self.count("out of order", name),
            wrong=self.count("wrong", name),
        )


@dataclass(frozen=True, slots=True)
class Line:
    """One kind of fault in numbers, over all its runs."""

    kind: str
    runs: int
    missed: int
    in_flight: int
    repeats: int
    resent: int
    lost: int
    doubled: int
    out_of_order: int
    wrong: int


_HEADS = ("runs", "missed", "in flight", "repeats", "resent", "lost", "doubled", "order", "wrong")


def show(console: Console, report: Report) -> None:
    """Print the table, what is wrong, and one line that sums it up."""
    table = Table("fault", title=f"faults, seed {report.seed}", title_justify="left")
    for head in _HEADS:
        table.add_column(head, justify="right")
    for line in report.lines():
        name, *numbers = asdict(line).values()
        table.add_row(name, *map(str, numbers))
    console.print(table)
    for finding in report.findings:
        console.print(str(finding), style="red", markup=False, soft_wrap=True)
    console.print(
        f"{len(report.faults)} faults, {report.submissions} submissions with "
        f"{report.messages - report.submissions} answers, {report.letters} letters: "
        f"{report.count('lost')} lost, {report.count('doubled')} doubled, "
        f"{report.count('out of order')} out of order, {report.count('wrong')} otherwise wrong; "
        f"{sum(f.repeats for f in report.faults)} repeats in doubt, all recognised unless said; "
        f"{sum(f.resent for f in report.faults)} resent; {report.seconds:.0f} s",
        style="green" if report.good else "red",
        markup=False,
        soft_wrap=True,
    )
