"""Documents as Spree would send them: head by default, the rest said by the test."""

import base64
from uuid import UUID

from lxml import etree

from adapters.spree import adapter
from adapters.spree.elements import NAMESPACE
from hub.adapter import ReadContext
from hub.model.upward import Upward
from hub.xml import Element, parse, serialise
from tests.builders import an_authority, an_id

PDF = b"%PDF-1.7\nsynthetic\n%%EOF\n"
JPEG = b"\xff\xd8\xff\xe0\x00\x02\xff\xda\x00\x02synthetic\xff\xd9"
PLACE = "<Hausanschrift strasse='Musterstraße' hausnummer='1' plz='00000' ort='Musterstadt'/>"

FORMAT = adapter.formats["1"]
CONTEXT = ReadContext(an_authority())


def read(document: Element) -> Upward:
    """As the hub does: parsed from bytes, found valid, then read."""
    arrived = parse(serialise(document))
    FORMAT.schemas.check(arrived)
    (message,) = FORMAT.read(arrived, CONTEXT)
    return message


def a_document_of_the_system(
    kind: str,
    section: str,
    *documents: bytes,
    uuid: UUID | None = None,
    answers: UUID | None = None,
    application_id: str | None = "AT-2026-000001",
    probe: str | None = None,
    created: str = "02.11.2026 09:15:00 +0100",
) -> Element:
    """`section` is XML; documents are numbered from 1 in their order."""
    test = f' probe="{probe}"' if probe else ""
    token = f"<Aktenzeichen>{application_id}</Aktenzeichen>" if application_id else ""
    return etree.fromstring(
        f"""<Vorgang xmlns="{NAMESPACE}" art="{kind}" kennung="{uuid or an_id(f"update-{kind}")}"
        erstellt="{created}"{test}><Kopf>{token}
        <Absender kennung="990001"><Name>Ausländerbehörde Musterstadt</Name></Absender>
        <Empfaenger kennung="alp:000000"><Name>Eingabeverfahren Muster</Name></Empfaenger>
        <Bezug>{answers or an_id("submission-employment")}</Bezug></Kopf>
        {section}{_enclosed(documents)}</Vorgang>""",
        etree.XMLParser(remove_blank_text=True),
    )


def _enclosed(documents: tuple[bytes, ...]) -> str:
    each = "".join(
        f'<Anlage nr="{number}" format="{"PDF" if content.startswith(b"%PDF") else "JPG"}">'
        f"{base64.b64encode(content).decode()}</Anlage>"
        for number, content in enumerate(documents, start=1)
    )
    return f"<Anlagen>{each}</Anlagen>" if documents else ""
