"""The table of docs/case.md, as the code would write it."""

from pathlib import Path
from typing import Final

from hub.model.transitions import TABLE, Cell, Kind, Outcome, Phase

DOC: Final = Path(__file__).parents[2] / "docs" / "case.md"

NUMBERS: Final[dict[Kind, str]] = {
    "submission": "130101, 130201, 130301, 130401",
    "reply": "130103",
    "agreement_reply": "130404",
    "receipt_confirmation": "130406",
    "withdrawal": "130111",
    "status": "130104",
    "question": "130102",
    "appointment": "130105",
    "withdrawal_answer": "130107",
    "not_competent": "130109",
    "intended_refusal": "130110",
    "ending": "130402",
    "agreement": "130403",
    "recognition_decision": "130405",
    "preliminary_approval": "130407",
    "receipt": "the system's own",
    "refusal": "0010",
}
_SAID: Final = {
    Outcome.PASSED_ON: "passed on",
    Outcome.PROVIDED: "letter",
    Outcome.MARKED: "letter, marked",
    Outcome.NOTED: "noted",
}


def in_words(phase: Phase, cell: Cell) -> str:
    if cell.cause is not None:
        return f"refused: `{cell.cause}`"
    moves = f" → {spelt(cell.next)}" if cell.next is not phase else ""
    return f"{_SAID[cell.outcome]}{moves}; {cell.acts}"


def spelt(phase: Phase) -> str:
    return phase.replace("_", " ")


def rows() -> list[str]:
    """Every row of the table, head included, as Markdown."""
    heads = ["message", *(spelt(phase) for phase in Phase)]
    lines = [heads, ["---"] * len(heads)]
    for kind, number in NUMBERS.items():
        cells = (in_words(phase, TABLE[phase, kind]) for phase in Phase)
        lines.append([f"`{kind}` ({number})", *cells])
    return [f"| {' | '.join(line)} |" for line in lines]
