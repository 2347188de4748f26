"""An adapter that embeds documents, in the way that the message's application id says."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import get_args

from lxml import etree

from hub.adapter import Adapter, Capability, Context, Parcel, ReadContext, XmlMessage
from hub.model.details import Service
from hub.model.document import Document
from hub.model.downward import Downward
from hub.model.upward import Upward
from hub.xml import Element, SchemaSet

__all__ = ["adapter"]

XSI = "http://www.w3.org/2001/XMLSchema-instance"


def put(root: Element, context: Context, document: Document, name: str = "file") -> Element:
    element = etree.SubElement(root, name)
    context.embed(element, document)
    return element


@dataclass(frozen=True)
class Embedder:
    schemas: SchemaSet = field(
        default_factory=lambda: SchemaSet(Path(__file__).parent / "embedder.xsd")
    )
    encodings: frozenset[str] = frozenset({"UTF-8"})
    carries: frozenset[Capability] = frozenset(get_args(Service))
    lost: Mapping[str, str] = field(default_factory=dict)

    def write(self, message: Downward, context: Context) -> Parcel:
        root = etree.Element("message")
        encoding = "UTF-8"
        for document in message.documents:
            etree.SubElement(root, "text").text = "before ü"
            match context.application_id:
                case "embed":
                    put(root, context, document)
                case "twice":
                    put(root, context, document)
                    put(root, context, document)
                case "latin":
                    encoding = "ISO-8859-1"
                    put(root, context, document)
                case "wide":
                    encoding = "UTF-16"
                    put(root, context, document)
                case "restricted":
                    put(root, context, document, "small")
                case "typed":
                    put(root, context, document).set(f"{{{XSI}}}type", "Small")
                case "copied":
                    element = put(root, context, document)
                    etree.SubElement(root, "text").text = element.text
                case "wrapped":
                    element = put(root, context, document)
                    element.text = f"\n{element.text}\n"
                case "dropped":
                    context.embed(etree.Element("file"), document)
                case "loaded":
                    put(root, context, document)
                    etree.SubElement(root, "text").text = str(len(context.load(document)))
        return Parcel((XmlMessage(context.message, "message", root, encoding),))

    def read(self, document: Element, context: ReadContext) -> list[Upward]:
        raise NotImplementedError


adapter = Adapter("embedder", {"1": Embedder()})
