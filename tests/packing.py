"""Parcels as transports get them, packed without a process of the adapter."""

from uuid import uuid4

from hub.adapter import Parcel
from hub.model.identifiers import MessageUuid
from hub.workshop.packed import Packed, PackedXml
from hub.xml import Element, serialise


def packed(parcel: Parcel) -> Packed:
    messages = (
        PackedXml(each.uuid, each.name, serialise(each.root, each.encoding), each.encoding)
        for each in parcel.messages
    )
    return Packed(tuple(messages), parcel.attachments, parcel.changes)


def a_packed_xml(root: Element, name: str = "130101", encoding: str = "UTF-8") -> PackedXml:
    return PackedXml(MessageUuid(uuid4()), name, serialise(root, encoding), encoding)
