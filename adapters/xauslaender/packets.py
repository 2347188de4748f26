"""Documents that are too large for their message: one ZIP, cut by bytes into messages 000040.

XAusländer 26.11, `Administration.Dokumentenlieferung.Paket.000040`: the head message names
its documents by UUID and says how many packets follow and how large the archive is. The same
documents always make the same archive, so a message that is sent again is the same again.
"""

import base64
import io
import zipfile
from collections.abc import Iterable
from typing import Final
from uuid import uuid5

from adapters.xauslaender.documents import Documents, base64_length
from adapters.xauslaender.elements import qualified
from adapters.xauslaender.header import begin
from hub.adapter import Context, XmlMessage
from hub.model.document import Document
from hub.model.failure import PermanentFailure
from hub.model.identifiers import MessageUuid
from hub.xml import Element, serialise

__all__ = ["MAX_MESSAGE_BYTES", "SENDS_PACKETS", "with_documents"]

MAX_MESSAGE_BYTES: Final = 50 * 1000 * 1000
"""A message with its documents has at most 50 MB. The standard does not say which megabyte;
this is the smaller one, measured on the serialised message with its base64."""

SENDS_PACKETS: Final = frozenset({"130101", "130103", "130301", "130401"})
"""The only messages whose documents may follow in packets."""

_PACKET: Final = "000040"
_SUFFIXES: Final = {"application/pdf": "pdf", "image/jpeg": "jpg"}
_TIMESTAMP: Final = (1980, 1, 1, 0, 0, 0)
_WIDEST_NUMBER: Final = 999_999


def with_documents(
    number: str, message: Element, documents: Documents, context: Context
) -> tuple[XmlMessage, ...]:
    """The finished message, followed by its packets if its documents do not fit into it.

    Raises:
        PermanentFailure: `document.too_large_for_format`, where they neither fit nor may follow.
    """
    packets: tuple[XmlMessage, ...] = ()
    if documents.size_within(message) > MAX_MESSAGE_BYTES:
        referred = documents.refer() if number in SENDS_PACKETS else ()
        if documents.size_within(message) > MAX_MESSAGE_BYTES:
            raise _too_large(number)
        archive = _archive(referred, context)
        packets = _packets(archive, context)
        delivery = qualified(message, "angabenDokumentenlieferung")
        qualified(delivery, "anzahlDerPakete", len(packets))
        qualified(delivery, "archivgroesse", len(archive))
    documents.fill_places(context)
    return (XmlMessage(context.message, number, message), *packets)


def _archive(documents: Iterable[Document], context: Context) -> bytes:
    # Not compressed: PDF and JPEG already are, and no compressor's version can change the bytes.
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for document in documents:
            entry = zipfile.ZipInfo(f"{document.id}.{_SUFFIXES[document.media_type]}", _TIMESTAMP)
            entry.create_system = 0  # otherwise the archive would depend on the machine
            archive.writestr(entry, context.load(document))
    return buffer.getvalue()


def _packets(archive: bytes, context: Context) -> tuple[XmlMessage, ...]:
    size = _bytes_per_packet(context)
    return tuple(
        _packet(number, archive[start : start + size], context)
        for number, start in enumerate(range(0, len(archive), size), start=1)
    )


def _bytes_per_packet(context: Context) -> int:
    """How much of the archive fits into a packet, between its tags and as base64."""
    empty = len(serialise(_packet(_WIDEST_NUMBER, b"", context).root))
    return (MAX_MESSAGE_BYTES - empty) // base64_length(3) * 3


def _packet(number: int, content: bytes, context: Context) -> XmlMessage:
    uuid = MessageUuid(uuid5(context.message, f"{_PACKET}-{number}"))
    packet = begin(_PACKET, uuid, context)
    qualified(packet, "antragsidentifikation", context.application_id)
    qualified(packet, "ausloeserUUID", str(context.message))
    qualified(packet, "paketnummer", number)
    qualified(packet, "paket").text = base64.b64encode(content)
    return XmlMessage(uuid, _PACKET, packet)


def _too_large(number: str) -> PermanentFailure:
    reason = (
        "what must be embedded alone is larger"
        if number in SENDS_PACKETS
        else "this message may not send them separately"
    )
    return PermanentFailure(
        "document.too_large_for_format",
        f"Message {number} of XAusländer may have 50 MB with its documents; {reason}.",
        location="documents",
    )
