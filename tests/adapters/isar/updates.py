"""Documents as Isar would send them: the values of all by default, the rest said by the test."""

import base64
from uuid import UUID

from lxml import etree

from adapters.isar import adapter
from adapters.isar.elements import NAMESPACE
from hub.adapter import ReadContext
from hub.model.upward import Upward
from hub.xml import Element, parse, serialise
from tests.builders import an_authority, an_id

PDF = b"%PDF-1.7\nsynthetic\n%%EOF\n"
JPEG = b"\xff\xd8\xff\xe0\x00\x02\xff\xda\x00\x02synthetic\xff\xd9"
PLACE = {
    "street": "Musterstraße",
    "houseNumber": "1",
    "postcode": "00000",
    "town": "Musterstadt",
}

FORMAT = adapter.formats["2.1"]
CONTEXT = ReadContext(an_authority())

Child = tuple[str, str | bytes]
"""An element by name, with free text or as a document."""


def read(document: Element) -> Upward:
    """As the hub does: parsed from bytes, found valid, then read."""
    arrived = parse(serialise(document))
    FORMAT.schemas.check(arrived)
    (message,) = FORMAT.read(arrived, CONTEXT)
    return message


def an_update(
    name: str,
    *children: Child,
    uuid: UUID | None = None,
    application: str | None = "AT-2026-000001",
    test: str | None = None,
    created: str = "2026-11-02T09:15:00+01:00",
    **values: str,
) -> Element:
    """A trailing `_` is not part of an attribute's name: `from_`."""
    given = {"id": str(uuid or an_id(f"update-{name}")), "created": created, "test": test}
    given |= {"application": application, "inReplyTo": str(an_id("submission-employment"))}
    given |= {name.rstrip("_"): value for name, value in values.items()}
    attributes = {name: value for name, value in given.items() if value is not None}
    root = etree.Element(f"{{{NAMESPACE}}}{name}", attributes, nsmap={None: NAMESPACE})
    for child, content in children:
        element = etree.SubElement(root, f"{{{NAMESPACE}}}{child}")
        if isinstance(content, bytes):
            element.set("content", "PDF" if content.startswith(b"%PDF") else "JPEG")
            element.text = base64.b64encode(content).decode()
        else:
            element.text = content
    return root


def a_rejection(*reasons: tuple[str, str | None], **values: str | None) -> Element:
    root = an_update("CaseRejection", **values)  # type: ignore[arg-type]  # None leaves one out
    for code, words in reasons:
        etree.SubElement(root, f"{{{NAMESPACE}}}Reason", code=code).text = words
    return root
