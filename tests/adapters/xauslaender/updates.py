"""Documents as a system would send them: header by default, the rest said by the test."""

import base64
from uuid import UUID

from lxml import etree

from adapters.xauslaender import adapter
from adapters.xauslaender.elements import NAMESPACE, root
from adapters.xauslaender.header import PRODUCT
from hub.adapter import ReadContext
from hub.model.codes import code_list
from hub.model.upward import Upward
from hub.xml import Element, parse, serialise
from tests.builders import an_authority, an_id

PDF = b"%PDF-1.7\nsynthetic\n%%EOF\n"
JPEG = b"\xff\xd8\xff\xe0\x00\x02\xff\xda\x00\x02synthetic\xff\xd9"

Body = str | bytes | list["Child"] | Element
Child = tuple[str, Body]
"""An element by name and content. A name that begins with `.` is unqualified."""

PLACE: list[Child] = [
    (".hausnummer", "1"),
    (".postleitzahl", "00000"),
    (".strasse", "Musterstraße"),
    (".wohnort", "Musterstadt"),
]

FORMAT = adapter.formats["26.11"]
CONTEXT = ReadContext(an_authority())

NAMES = code_list("message_type").codes | {"0010": "rueckweisung.asynchron.0010"}


def read(document: Element) -> Upward:
    """As the hub does: parsed from bytes, found valid, then read."""
    arrived = parse(serialise(document))
    FORMAT.schemas.check(arrived)
    (message,) = FORMAT.read(arrived, CONTEXT)
    return message


def a_document_of_the_system(
    number: str,
    *body: Child,
    uuid: UUID | None = None,
    answers: UUID | None = None,
    application_id: str | None = "AT-2026-000001",
    test: str | None = None,
    created: str = "2026-11-02T09:15:00.000+01:00",
) -> Element:
    document = root(NAMES[number], PRODUCT | ({"test": test} if test else {}))
    _header(document, number, uuid or an_id(f"update-{number}"), created)
    if application_id is not None:
        append(document, ("antragsidentifikation", application_id))
    if number != "0010":
        append(document, ("ausloeserUUID", str(answers or an_id("submission-employment"))))
    append(document, *body)
    return document


def a_refusal(
    refused: bytes, *codes: str, words: str | None = None, test: str | None = None
) -> Element:
    said: list[Child] = [] if words is None else [("text", words)]
    faults: list[Child] = [
        ("fehler", [("fehlercode", code("error_code", value)), *said]) for value in codes
    ]
    return a_document_of_the_system(
        "0010", *faults, ("nachricht", refused), application_id=None, test=test
    )


def enclosed(content: bytes = PDF, format_code: str = "1") -> list[Child]:
    """`OZG.Dokument`."""
    return [("dokument", content), ("dokumententyp", code("document_format", format_code))]


def code(list_name: str, value: str) -> Element:
    known = code_list(list_name)
    element = etree.Element("code-of-a-list", listURI=known.uri, listVersionID=known.version)
    append(element, (".code", value))
    return element


def append(parent: Element, *children: Child) -> None:
    for name, body in children:
        qualified = f"{{{NAMESPACE}}}{name}"
        element = etree.SubElement(parent, name[1:] if name.startswith(".") else qualified)
        if isinstance(body, str):
            element.text = body
        elif isinstance(body, bytes):
            element.text = base64.b64encode(body).decode()
        elif isinstance(body, list):
            append(element, *body)
        else:
            element.attrib.update(body.attrib)
            element.extend(list(body))


def _header(document: Element, number: str, uuid: UUID, created: str) -> None:
    directory = code("directory_service", "DVDV")
    reader: list[Child] = [
        (".verzeichnisdienst", directory),
        (".kennung", "alp:000000"),
        (".name", "Eingabeverfahren Muster"),
    ]
    author: list[Child] = [
        (".verzeichnisdienst", code("directory_service", "DVDV")),
        (".kennung", "azr:990001"),
        (".name", "Ausländerbehörde Musterstadt"),
    ]
    kind = code("message_type", number)
    identification: list[Child] = [
        (".nachrichtenUUID", str(uuid)),
        (".nachrichtentyp", kind),
        (".erstellungszeitpunkt", created),
    ]
    head: list[Child] = [
        (".identifikation.nachricht", identification),
        (".leser", reader),
        (".autor", author),
    ]
    append(document, (".nachrichtenkopf.g2g", head))
