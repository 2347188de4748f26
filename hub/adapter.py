"""The contract that a vendor implements, and how the hub finds what was implemented.

An adapter is a name and its formats, one per version of the vendor's XML. A format is two
pure, synchronous functions: `write` turns a message of the hub into a parcel, `read` turns
a document of the system into messages of the hub. Neither opens files, sockets or clocks:
everything they need stands in their arguments, so that the same input gives the same output.

Ship it as a package with one entry point of the group `hub.adapters` that names an `Adapter`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from importlib.metadata import entry_points
from typing import Protocol

import pybase64

from hub.model.details import Service
from hub.model.document import Document
from hub.model.downward import Downward, DownwardKind, Party
from hub.model.failure import EndpointDown, PermanentFailure, Refused, TransientFailure
from hub.model.identifiers import ApplicationId, AuthorityKey, MessageUuid
from hub.model.upward import Upward, UpwardKind
from hub.xml import Element, SchemaSet

__all__ = [
    "Adapter",
    "Attachment",
    "Authority",
    "Capability",
    "Change",
    "Context",
    "EndpointDown",
    "Format",
    "Parcel",
    "PermanentFailure",
    "ReadContext",
    "Refused",
    "TransientFailure",
    "XmlMessage",
    "adapters",
]

Capability = Service | DownwardKind | UpwardKind
"""What a format can carry: `employment` (a submission of that service), `reply`, `question` …"""


@dataclass(frozen=True, slots=True)
class Authority:
    """The authority as reader of messages."""

    key: AuthorityKey
    name: str


@dataclass(frozen=True, slots=True)
class Context:
    """What a format may know besides the message itself.

    `message` is the UUID under which the message is sent, again and again until it is
    accepted; `created_at` is when the hub took it in. Both stay the same over all attempts.
    `load` gives a document's bytes: as many as it says, and checked against its hash.
    """

    authority: Authority
    message: MessageUuid
    created_at: datetime
    application_id: ApplicationId
    service: Service
    sender: Party
    back_channel: bool
    test: bool
    load: Callable[[Document], bytes]

    def embed(self, element: Element, document: Document) -> None:
        """Give the element the document as its text, in base64 (RFC 4648), in one line.

        Better than to `load` it: within the hub, the element holds a mark until it is serialised,
        and the document goes from where it is kept into the bytes that are sent.
        """
        # As bytes: lxml takes megabytes of them in two thirds of the time.
        element.text = pybase64.b64encode(self.load(document))


@dataclass(frozen=True, slots=True)
class XmlMessage:
    """One XML document of a parcel. `name` is the vendor's word for it, such as `130101`."""

    uuid: MessageUuid
    name: str
    root: Element
    encoding: str = "UTF-8"


@dataclass(frozen=True, slots=True)
class Attachment:
    """A document of the message that travels beside the XML under `name`.

    `load` gives its bytes, and blocks. The hub sends the bytes that it has kept itself: what a
    format's own `load` would make of them is not sent.
    """

    name: str
    document: Document
    load: Callable[[], bytes]


@dataclass(frozen=True, slots=True)
class Change:
    """What a format could not carry as it is: transliterated, cut or left out, and where."""

    field: str
    rule: str


@dataclass(frozen=True, slots=True)
class Parcel:
    """One or more XML messages, in the order in which they are sent, and their documents."""

    messages: tuple[XmlMessage, ...]
    attachments: tuple[Attachment, ...] = ()
    changes: tuple[Change, ...] = ()


class Format(Protocol):
    """One version of one vendor's XML."""

    @property
    def schemas(self) -> SchemaSet:
        """The schema set that every written and every read document must satisfy."""

    @property
    def encodings(self) -> frozenset[str]:
        """The encodings in which the system writes; `UTF-8` for most."""

    @property
    def carries(self) -> frozenset[Capability]:
        """Services and message kinds it can carry, each way."""

    @property
    def lost(self) -> Mapping[str, str]:
        """What its XML cannot carry: field of the model → why.

        Fields are dotted paths such as `submission.azr_number` or `reply.documents.*.file_name`;
        `*` stands for any one step, a final `**` for all that is below. A field that is lost and
        not named here fails `hub adapters check`, and so does one named here that is carried.
        """

    def write(self, message: Downward, context: Context) -> Parcel:
        """Translate; raise PermanentFailure where the format cannot express the message."""

    def read(self, document: Element, context: "ReadContext") -> list[Upward]:
        """Translate a document that is valid against `schemas`."""


@dataclass(frozen=True, slots=True)
class ReadContext:
    """What is known of a document from a system before it is read."""

    authority: Authority


@dataclass(frozen=True, slots=True)
class Adapter:
    """One vendor: a name, and its formats by version."""

    name: str
    formats: Mapping[str, Format] = field(default_factory=dict)


@cache
def adapters() -> Mapping[str, Adapter]:
    """Every adapter installed in this environment, by name.

    Raises:
        TypeError: an entry point does not name an `Adapter`.
        RuntimeError: two installed packages bring adapters of one name.
    """
    found: dict[str, Adapter] = {}
    for point in entry_points(group="hub.adapters"):
        adapter = point.load()
        if not isinstance(adapter, Adapter):
            raise TypeError(f"entry point {point.value} is not a hub.adapter.Adapter")
        if adapter.name in found:
            raise RuntimeError(f"two installed packages both bring the adapter {adapter.name!r}")
        found[adapter.name] = adapter
    return found
