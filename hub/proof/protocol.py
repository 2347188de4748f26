"""What the proof and the examined adapter say to each other over a pipe: calls and answers.

The adapter runs in a process of its own, so that it may hang, eat memory or end there.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Final, Literal

from pydantic import BeforeValidator, Discriminator, PlainSerializer, TypeAdapter

from hub.adapter import Change
from hub.xml import Explanation

__all__ = [
    "ANSWER",
    "CALL",
    "Answer",
    "Call",
    "Died",
    "Exhausted",
    "Finding",
    "Hung",
    "Raised",
    "Read",
    "ReadCall",
    "Ready",
    "Refused",
    "WriteCall",
    "Written",
    "WrittenXml",
]

_Bytes = Annotated[
    bytes,
    BeforeValidator(lambda value: base64.b64decode(value) if isinstance(value, str) else value),
    PlainSerializer(lambda value: base64.b64encode(value).decode(), when_used="json"),
]


@dataclass(frozen=True, slots=True)
class WriteCall:
    """Write a message, given in its JSON form."""

    message: Any
    function: Literal["write"] = "write"


@dataclass(frozen=True, slots=True)
class ReadCall:
    """Read a document as it comes from a system."""

    document: _Bytes
    function: Literal["read"] = "read"


Call = WriteCall | ReadCall


@dataclass(frozen=True, slots=True)
class Finding:
    """Where a document breaks its schema, and the line that does, if it has one."""

    explanation: Explanation
    text: str | None = None


@dataclass(frozen=True, slots=True)
class WrittenXml:
    """One XML message of a parcel as it would be sent; valid if there are no findings."""

    uuid: str
    name: str
    xml: _Bytes
    encoding: str
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Written:
    """A parcel. `attachments` are names and hashes; `seconds` are of processor time."""

    messages: tuple[WrittenXml, ...]
    attachments: tuple[tuple[str, str], ...]
    changes: tuple[Change, ...]
    seconds: float = field(compare=False)
    answer: Literal["written"] = "written"


@dataclass(frozen=True, slots=True)
class Read:
    """Messages of the hub, in their JSON form."""

    messages: tuple[str, ...]
    seconds: float = field(compare=False)
    answer: Literal["read"] = "read"


@dataclass(frozen=True, slots=True)
class Refused:
    """A failure with a meaning. `kind` is the name of its class."""

    kind: str
    cause: str
    sentence: str
    location: str | None
    seconds: float = field(compare=False)
    findings: tuple[Finding, ...] = ()
    answer: Literal["refused"] = "refused"


@dataclass(frozen=True, slots=True)
class Raised:
    """An exception without a meaning; `place` is the line of the adapter where it came up."""

    error: str
    place: str
    answer: Literal["raised"] = "raised"


@dataclass(frozen=True, slots=True)
class Exhausted:
    """The memory that it may have was not enough."""

    megabytes: int
    answer: Literal["exhausted"] = "exhausted"


@dataclass(frozen=True, slots=True)
class Hung:
    """No answer came in time."""

    seconds: float
    answer: Literal["hung"] = "hung"


@dataclass(frozen=True, slots=True)
class Died:
    """The process ended."""

    how: str
    answer: Literal["died"] = "died"


@dataclass(frozen=True, slots=True)
class Ready:
    """The adapter is loaded, and what its format says of itself."""

    adapter: str
    carries: tuple[str, ...]
    lost: Mapping[str, str]
    encodings: tuple[str, ...]
    package: str
    answer: Literal["ready"] = "ready"


Answer = Written | Read | Refused | Raised | Exhausted | Hung | Died | Ready

CALL: Final[TypeAdapter[Call]] = TypeAdapter(Annotated[Call, Discriminator("function")])
ANSWER: Final[TypeAdapter[Answer]] = TypeAdapter(Annotated[Answer, Discriminator("answer")])
