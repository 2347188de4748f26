"""What the simulated system understands of XAusländer 26.11, read on its own.

Written apart from the adapter on purpose: two readings of the standard that agree prove more
than one that agrees with itself.
"""

import base64
import io
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from hub.xml import Element

__all__ = ["NAMESPACE", "VERSION", "Announced", "Incoming", "Packet", "archive_problem", "read"]

NAMESPACE: Final = "http://www.osci.de/xauslaender2611"
VERSION: Final = "26.11"

_X: Final = {"x": NAMESPACE}
_HEAD: Final = "nachrichtenkopf.g2g/"
_ENDINGS: Final[Mapping[str, str]] = {"1": "pdf", "2": "jpg"}  # list dokumentformat, version 2
_BEGINNINGS: Final[Mapping[str, bytes]] = {"pdf": b"%PDF-", "jpg": b"\xff\xd8\xff"}


@dataclass(frozen=True, slots=True)
class Announced:
    """Documents that follow in packets 000040: how many, how large, under which names."""

    packets: int
    size: int
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Packet:
    """One piece of an archive, and the message whose documents it holds."""

    of: UUID
    number: int
    content: bytes


@dataclass(frozen=True, slots=True)
class Incoming:
    """A valid message to the authority. `documents` counts those inside it."""

    uuid: UUID
    number: str
    reader: str
    reader_name: str
    author: str
    author_name: str
    application_id: str
    back_channel: bool
    test: bool
    documents: int
    announced: Announced | None
    packet: Packet | None
    problem: str | None


def read(root: Element) -> Incoming:
    """Read a document that is valid against the schema set."""
    number = _text(root, f"{_HEAD}identifikation.nachricht/nachrichtentyp/code")
    embedded = list(root.iterfind(".//x:dokument", _X))
    return Incoming(
        uuid=UUID(_text(root, f"{_HEAD}identifikation.nachricht/nachrichtenUUID")),
        number=number,
        reader=_text(root, f"{_HEAD}leser/kennung"),
        reader_name=_text(root, f"{_HEAD}leser/name"),
        author=_text(root, f"{_HEAD}autor/kennung"),
        author_name=_text(root, f"{_HEAD}autor/name"),
        application_id=_text(root, "x:antragsidentifikation"),
        back_channel=_text(root, "x:rueckkanalVorhanden") in ("true", "1"),
        test=root.get("test") in ("true", "1"),
        documents=len(embedded),
        announced=_announced(root),
        packet=_packet(root),
        problem=_problem(root, number, embedded),
    )


def archive_problem(archive: bytes, announced: Announced) -> str | None:
    """Say what is wrong with the joined packets, if anything."""
    if len(archive) != announced.size:
        return f"the archive has {len(archive)} bytes, announced were {announced.size}"
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as opened:
            return _content_problem(opened, announced.names)
    except zipfile.BadZipFile:
        return "the joined packets are not a ZIP"


def _content_problem(opened: zipfile.ZipFile, names: tuple[str, ...]) -> str | None:
    if sorted(opened.namelist()) != sorted(names):
        return "the archive does not hold exactly the documents that the message names"
    if (broken := opened.testzip()) is not None:
        return f"{broken} is damaged"
    for name in names:
        begin = _BEGINNINGS[name.rpartition(".")[2]]
        with opened.open(name) as file:
            if file.read(len(begin)) != begin:
                return f"{name} is not what its ending says"
    return None


def _text(root: Element, path: str) -> str:
    return root.findtext(path, default="", namespaces=_X).strip()


def _announced(root: Element) -> Announced | None:
    if (said := root.find("x:angabenDokumentenlieferung", _X)) is None:
        return None
    size, packets = _text(said, "x:archivgroesse"), _text(said, "x:anzahlDerPakete")
    return Announced(packets=int(packets), size=int(size), names=tuple(_named(root)))


def _named(root: Element) -> Iterator[str]:
    for uuid in root.iterfind(".//x:dokumentuuid", _X):
        yield f"{(uuid.text or '').strip()}.{_ending(uuid)}"


def _packet(root: Element) -> Packet | None:
    if (content := root.findtext("x:paket", namespaces=_X)) is None:
        return None
    return Packet(
        of=UUID(_text(root, "x:ausloeserUUID")),
        number=int(_text(root, "x:paketnummer")),
        content=base64.b64decode(content),
    )


def _problem(root: Element, number: str, embedded: list[Element]) -> str | None:
    if not str(root.tag).endswith(f".{number}"):
        return "the header names another kind of message than the document is"
    for document in embedded:
        begin = _BEGINNINGS[_ending(document)]
        if not base64.b64decode((document.text or "").strip()[:16]).startswith(begin):
            return "a document is not what its dokumententyp says"
    if root.find(".//x:dokumentuuid", _X) is not None and _announced(root) is None:
        return "documents are named, but no packets are announced"
    return None


def _ending(place: Element) -> str:
    """Of `dokument` or `dokumentuuid`; a `dokumentOderReferenz` may lie around them."""
    parent = place.getparent()
    while parent is not None:
        if code := parent.findtext("x:dokumententyp/code", namespaces=_X):
            return _ENDINGS[code]
        parent = parent.getparent()
    raise ValueError("a document without dokumententyp is not valid")
