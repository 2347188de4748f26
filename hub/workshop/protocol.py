"""What the hub and its children say to each other: the JSON in front of every frame.

What a child says is checked here like anything else from outside. The parts behind the JSON
are, in their order: of `Write` the message as JSON, of `Read` the document; of `Written` the
pieces of its XML documents, one more for each than documents are embedded in it; of `WasRead` the
messages as JSON; of `Loaded` the bytes.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final, Literal, Self

from pydantic import Discriminator, StringConstraints, TypeAdapter

from hub.adapter import Authority, Change, Context
from hub.model.details import Service
from hub.model.document import Document
from hub.model.downward import Party
from hub.model.identifiers import ApplicationId, DocumentId, MessageUuid
from hub.workshop.embedding import Embedding, EmbeddingContext
from hub.workshop.failures import Failed, Raised

__all__ = [
    "ANSWER",
    "CALL",
    "Answer",
    "Call",
    "Exhausted",
    "Known",
    "Load",
    "Loaded",
    "NotLoaded",
    "Read",
    "Ready",
    "WasRead",
    "Write",
    "Written",
    "WrittenXml",
]


@dataclass(frozen=True, slots=True)
class Known:
    """A `Context`, without its way to documents."""

    authority: Authority
    message: MessageUuid
    created_at: datetime
    application_id: ApplicationId
    service: Service
    sender: Party
    back_channel: bool
    test: bool

    @classmethod
    def of(cls, context: Context) -> Self:
        """What of a context can be told to another process."""
        return cls(**{name: getattr(context, name) for name in cls.__slots__})

    def context(self, load: Callable[[Document], bytes]) -> Context:
        """The context again, over there."""
        return Context(**self._values(), load=load)

    def embedding_context(
        self, load: Callable[[Document], bytes], embedding: Embedding
    ) -> EmbeddingContext:
        """The same, with marks for what is embedded."""
        return EmbeddingContext(**self._values(), load=load, embedding=embedding)

    def _values(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Write:
    """Write a message in this version, prove it valid, serialise it."""

    version: str
    known: Known
    call: Literal["write"] = "write"


@dataclass(frozen=True, slots=True)
class Read:
    """Read a document in the first of these versions against which it is valid."""

    versions: tuple[str, ...]
    authority: Authority
    call: Literal["read"] = "read"


@dataclass(frozen=True, slots=True)
class Loaded:
    """The document that was asked for."""

    call: Literal["loaded"] = "loaded"


@dataclass(frozen=True, slots=True)
class NotLoaded:
    """The document that was asked for cannot be had: the call comes to nothing."""

    call: Literal["not loaded"] = "not loaded"


@dataclass(frozen=True, slots=True)
class Ready:
    """The adapter is loaded and its schema sets are compiled."""

    answer: Literal["ready"] = "ready"


@dataclass(frozen=True, slots=True)
class Load:
    """A document is needed before the call can go on."""

    document: DocumentId
    answer: Literal["load"] = "load"


@dataclass(frozen=True, slots=True)
class WrittenXml:
    """One XML document of a parcel, without its bytes.

    `embedded`: the documents of the message that belong, in base64, between its pieces.
    """

    uuid: MessageUuid
    name: Annotated[str, StringConstraints(max_length=200)]
    encoding: Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9._-]{0,39}$")]
    embedded: tuple[DocumentId, ...] = ()


@dataclass(frozen=True, slots=True)
class Written:
    """A parcel. `attachments`: under which name a document of the message lies beside it."""

    messages: tuple[WrittenXml, ...]
    attachments: tuple[tuple[str, DocumentId], ...]
    changes: tuple[Change, ...]
    answer: Literal["written"] = "written"


@dataclass(frozen=True, slots=True)
class WasRead:
    """Messages of the hub."""

    answer: Literal["read"] = "read"


@dataclass(frozen=True, slots=True)
class Exhausted:
    """The memory that it may have was not enough."""

    answer: Literal["exhausted"] = "exhausted"


Call = Write | Read | Loaded | NotLoaded
Answer = Ready | Load | Written | WasRead | Failed | Raised | Exhausted

CALL: Final[TypeAdapter[Call]] = TypeAdapter(Annotated[Call, Discriminator("call")])
ANSWER: Final[TypeAdapter[Answer]] = TypeAdapter(Annotated[Answer, Discriminator("answer")])
