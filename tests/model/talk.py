"""Builders: what was said in a case, line by line."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final, get_args
from uuid import NAMESPACE_OID, UUID, uuid5

from hub.model.conversation import Said
from hub.model.downward import DownwardKind
from hub.model.identifiers import MessageUuid
from hub.model.transitions import Kind, Phase

BEGIN: Final = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
FIRST: Final = "990001"
SECOND: Final = "990002"
DOWN: Final[tuple[DownwardKind, ...]] = get_args(DownwardKind)


def an_id(name: str) -> MessageUuid:
    return MessageUuid(uuid5(NAMESPACE_OID, name))


def a_said(kind: Kind, minute: int = 0, *, name: str | None = None, **given: Any) -> Said:
    """One message; its ids are made from `name`, or from its kind and minute."""
    wire: UUID = an_id(name or f"{kind} {minute}")
    values: dict[str, Any] = {
        "id": wire,
        "direction": "down" if kind in DOWN else "up",
        "kind": kind,
        "authority": FIRST,
        "wire": wire,
        "answers": None,
        "at": BEGIN + timedelta(minutes=minute),
        "deadline": None,
        "alive": True,
    }
    return Said(**values | given)


def a_talk(*kinds: Kind) -> list[Said]:
    """What was said one minute after the other; named by kind, a second one by its minute."""
    talk: list[Said] = []
    for minute, kind in enumerate(kinds):
        is_first = kind not in kinds[:minute]
        talk.append(a_said(kind, minute, name=kind if is_first else None))
    return talk


ASKED: Final[tuple[Kind, ...]] = (
    "submission",
    "question",
    "agreement",
    "recognition_decision",
)
TALKS: Final[dict[Phase, Sequence[Said]]] = {
    Phase.UNSENT: a_talk(),
    Phase.SUBMITTED: a_talk("submission"),
    Phase.IN_PROGRESS: a_talk(*ASKED),
    Phase.NOT_COMPETENT: a_talk(*ASKED, "not_competent"),
    Phase.WITHDRAWING: a_talk(*ASKED, "withdrawal"),
    Phase.WITHDRAWN: a_talk(*ASKED, "withdrawal", "withdrawal_answer"),
    Phase.ENDED: a_talk(*ASKED, "ending"),
}
"""A talk that leads into each phase; whatever can be asked has been asked in the later ones."""

DEADLINE: Final = date(2026, 11, 20)
