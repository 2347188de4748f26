"""A parcel as bytes: how it leaves the child that wrote it, and what transports send."""

from dataclasses import dataclass

from hub.adapter import Attachment, Change
from hub.model.identifiers import MessageUuid

__all__ = ["Packed", "PackedXml"]


@dataclass(frozen=True, slots=True)
class PackedXml:
    """One XML document of a parcel, valid and serialised; `data` declares its `encoding`."""

    uuid: MessageUuid
    name: str
    data: bytes
    encoding: str = "UTF-8"


@dataclass(frozen=True, slots=True)
class Packed:
    """The messages in the order in which they are sent, and the documents beside them."""

    messages: tuple[PackedXml, ...]
    attachments: tuple[Attachment, ...] = ()
    changes: tuple[Change, ...] = ()
