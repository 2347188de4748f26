"""Which messages follow the submissions to an authority, so that its format has to carry them."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from hub.adapter import Capability
from hub.model.details import Service
from hub.model.downward import DownwardKind
from hub.model.upward import UpwardKind
from hub.routing.entries import System

__all__ = ["follows"]

_ANSWERED_BY: Final[Mapping[UpwardKind, DownwardKind]] = {
    "question": "reply",
    "agreement": "agreement_reply",
    "recognition_decision": "receipt_confirmation",
}
"""What asks the applicant for something, and with what they answer (XAusländer, chapter OZG)."""

_OF_SKILLED_WORKERS: Final = frozenset({"agreement", "recognition_decision"})


def follows(
    services: Iterable[Service], system: System, *, back_channel: bool
) -> Iterator[Capability]:
    """Withdrawals always; answers to whatever the system may ask, in any of its formats.

    A question asked in the format before may be answered after the cut-over.
    """
    yield "withdrawal"
    if not back_channel:
        return
    asked = frozenset().union(*(dated.format.carries for dated in system.formats))
    for question, answer in _ANSWERED_BY.items():
        special = question in _OF_SKILLED_WORKERS and "skilled_workers" not in services
        if question in asked and not special:
            yield answer
