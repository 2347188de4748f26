"""Documents as the system would send them, in either version: heads by default."""

import base64
from uuid import UUID

from adapters.alster.dialect import Dialect
from hub.adapter import ReadContext
from hub.model.upward import Upward
from hub.xml import Element, serialise
from tests.adapters.alster.formats import DIALECTS, FORMATS, on_the_other_side
from tests.builders import an_authority, an_id

PDF = b"%PDF-1.7\nsynthetic\n%%EOF\n"
JPEG = b"\xff\xd8\xff\xe0\x00\x02\xff\xda\x00\x02synthetic\xff\xd9"
MOMENTS = {"3": "02.11.2026 09:15:00", "4": "2026-11-02T09:15:00+01:00"}

Child = tuple[str, "str | list[Child]"]
File = tuple[str, str, bytes]
"""Role, format, content."""


def read(version: str, document: Element) -> Upward:
    """As the hub does: parsed from bytes, found valid, then read."""
    format_ = FORMATS[version]
    arrived = on_the_other_side(format_, serialise(document, "ISO-8859-1"))
    format_.schemas.check(arrived)
    (message,) = format_.read(arrived, ReadContext(an_authority()))
    return message


def a_document_of_the_system(
    version: str,
    kind: str,
    *body: Child,
    files: tuple[File, ...] = (),
    answers: UUID | None = None,
    test: bool = False,
    created: str | None = None,
) -> Element:
    dialect = DIALECTS[version]
    root = dialect.root("Rueckmeldung")
    head: list[Child] = [
        ("Sendungsnummer", str(an_id(f"update-{kind}"))),
        ("Aktenzeichen", "AT-2026-000001"),
        ("Bezug", str(answers or an_id("submission-employment"))),
        ("Erstellt", created or MOMENTS[version]),
        ("Probelauf", dialect.yes if test else dialect.no),
    ]
    append(dialect, root, ("Kopf", head), (kind, list(body)))
    for role, format_, content in files:
        text = base64.encodebytes(content).decode()
        dialect.add(root, "Datei", text, rolle=role, format=format_)
    return root


def append(dialect: Dialect, parent: Element, *children: Child) -> None:
    for name, body in children:
        if isinstance(body, str):
            dialect.add(parent, name, body)
        else:
            append(dialect, dialect.add(parent, name), *body)
