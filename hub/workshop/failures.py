"""How a failure crosses from a child to the hub and stays what it is.

A failure with a meaning keeps it: class, cause, sentence, location, codes, explanations. An
exception without one becomes code places, from which a fingerprint is made; its words may
quote an applicant and stay behind.
"""

import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Final, Literal

from pydantic import StringConstraints

from hub.model.failure import (
    AdapterFailed,
    EndpointDown,
    HubFailure,
    PermanentFailure,
    Refused,
    TransientFailure,
)
from hub.xml import Explanation, Invalid

__all__ = ["Failed", "Raised", "failed", "raised"]

_MOST_FRAMES: Final = 30

Kind = Literal["Invalid", "Refused", "Permanent", "EndpointDown", "Transient", "Other"]
_KINDS: Final[Mapping[Kind, type[HubFailure]]] = {
    "Invalid": Invalid,
    "Refused": Refused,
    "Permanent": PermanentFailure,
    "EndpointDown": EndpointDown,
    "Transient": TransientFailure,
    "Other": HubFailure,
}
"""Each before those it is one of."""

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_<][A-Za-z0-9_.<>]{0,99}$")]
"""Of a class or a function: nothing that could hold what somebody wrote."""


@dataclass(frozen=True, slots=True)
class Failed:
    """A failure with a meaning; `kind` is the class of the failure tree."""

    kind: Kind
    cause: str
    sentence: str
    location: str | None = None
    retry_after: timedelta | None = None
    in_doubt: bool = False
    codes: tuple[str, ...] = ()
    explanations: tuple[Explanation, ...] = ()
    answer: Literal["failed"] = "failed"

    def failure(self) -> HubFailure:
        """The failure again, on this side."""
        match self.kind:
            case "Invalid" if self.explanations:
                return Invalid(self.explanations)
            case "Refused":
                return Refused(
                    self.sentence, codes=self.codes, cause=self.cause, location=self.location
                )
            case "Permanent" | "Invalid":
                return PermanentFailure(self.cause, self.sentence, location=self.location)
            case "EndpointDown":
                return EndpointDown(self.cause, self.sentence)
            case "Transient":
                return TransientFailure(
                    self.cause, self.sentence, retry_after=self.retry_after, in_doubt=self.in_doubt
                )
            case "Other":
                return HubFailure(self.cause, self.sentence)


@dataclass(frozen=True, slots=True)
class Raised:
    """An exception without a meaning: its class, and the lines of code that led to it."""

    error: Name
    function: Name
    line: int
    trail: tuple[str, ...]
    answer: Literal["raised"] = "raised"

    def failure(self, adapter: str) -> AdapterFailed:
        """The failure that the hub makes of it."""
        return AdapterFailed(
            "unexpected",
            f"Adapter {adapter} met an error it did not expect ({self.error}).",
            location=f"{self.function}, line {self.line}",
            trail="|".join((self.error, *self.trail)),
        )


def failed(failure: HubFailure) -> Failed:
    """What of a failure with a meaning crosses; a vendor's subclass as the class of the tree."""
    return Failed(
        kind=next(kind for kind, each in _KINDS.items() if isinstance(failure, each)),
        cause=str(failure.cause),
        sentence=str(failure.sentence),
        location=getattr(failure, "location", None),
        retry_after=getattr(failure, "retry_after", None),
        in_doubt=getattr(failure, "in_doubt", False),
        codes=getattr(failure, "codes", ()),
        explanations=getattr(failure, "explanations", ()),
    )


def raised(error: BaseException) -> Raised:
    """What of an unexpected exception crosses."""
    frames = traceback.extract_tb(error.__traceback__)[-_MOST_FRAMES:]
    return Raised(
        error=type(error).__name__,
        function=frames[-1].name,
        line=frames[-1].lineno or 0,
        trail=tuple(f"{frame.name}:{frame.line}" for frame in frames),
    )
