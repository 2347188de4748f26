"""What the simulated Alster understands of a ZIP from the hub, read on its own.

Written apart from the adapter and the transport on purpose: two readings of one format that
agree prove more than one that agrees with itself.
"""

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from uuid import UUID

from hub.model.failure import PermanentFailure
from hub.sandbox.xauslaender import Incoming
from hub.xml import Element, SchemaSet, parse

__all__ = ["SCHEMAS", "unpack", "version_of"]

_VERSIONS: Final = ("3", "4")
_FOLDER: Final = Path(__file__).parents[2] / "xsd" / "alster"

SCHEMAS: Final = {version: SchemaSet(_FOLDER / version) for version in _VERSIONS}

_MANIFEST: Final = "manifest.json"
_MESSAGE: Final = "message.xml"
_LATIN_1: Final = frozenset({"ISO-8859-1"})
_BEGINNINGS: Final = {"PDF": b"%PDF-", "JPG": b"\xff\xd8\xff"}

# The same things have other names in the two versions.
_HEAD: Final = {"3": "Kopf", "4": "Nachrichtenkopf"}
_UUID: Final = {"3": "Sendungsnummer", "4": "NachrichtenId"}
_TEST: Final = {"3": "Probelauf", "4": "Test"}
_DOCUMENT: Final = {"3": "Anlagen/Anlage", "4": "Dokumente/Dokument"}
_HASH: Final = {"3": "Pruefsumme", "4": "Sha256"}
_YES: Final = {"3": "J", "4": "true"}

_NUMBERS: Final = {
    "Nachreichung": "130103",
    "Rueckfrageantwort": "130103",
    "Ruecknahme": "130111",
    "Vereinbarung": "130404",
    "Empfangsbestaetigung": "130406",
}
_APPLICATIONS: Final = {
    "FREIZUEGIGKEIT": "130301",
    "FACHKRAFT": "130401",
    "VERPFLICHTUNG": "130201",
}


def unpack(content: bytes) -> tuple[Incoming, str]:
    """Prove everything in the ZIP; the message, and the version it is written in.

    The number is that of XAusländer which means the same: the script of reactions knows those.

    Raises:
        PermanentFailure: something in it is not as the format or the manifest says.
    """
    files = _proven(content)
    root = parse(files.pop(_MESSAGE), encodings=_LATIN_1)
    version = version_of(root)
    SCHEMAS[version].check(root)
    _check_documents(root, version, files)
    return _read(root, version, len(files)), version


def version_of(root: Element) -> str:
    """The version that the root's namespace names."""
    for version in _VERSIONS:
        if str(root.tag).startswith(f"{{urn:alster:austausch:{version}}}"):
            return version
    raise PermanentFailure("V000", "Only versions 3 and 4 are served.")


def _proven(content: bytes) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as opened:
            files = {name: opened.read(name) for name in opened.namelist()}
        manifest = json.loads(files.pop(_MANIFEST))
    except (zipfile.BadZipFile, KeyError, ValueError):
        raise PermanentFailure("S999", "The file is no ZIP with a manifest.") from None
    said = {each["name"]: (each["size"], each["sha256"]) for each in manifest["files"]}
    there = {name: (len(data), _sha256(data)) for name, data in files.items()}
    if said != there or _MESSAGE not in files:
        raise PermanentFailure("S999", "The ZIP does not hold what its manifest says.")
    return files


def _check_documents(root: Element, version: str, files: Mapping[str, bytes]) -> None:
    named = root.findall("/".join(f"{{*}}{step}" for step in _DOCUMENT[version].split("/")))
    entries = {_text(entry, "Datei"): entry for entry in named}
    if entries.keys() != files.keys():
        raise PermanentFailure("S999", "The documents are not those that the message names.")
    for name, entry in entries.items():
        if _sha256(files[name]) != _text(entry, _HASH[version]):
            raise PermanentFailure("S999", "A document has another hash than the message says.")
        if not files[name].startswith(_BEGINNINGS[_text(entry, "Format")]):
            raise PermanentFailure("S999", "A document is not of the format it is said to have.")


def _read(root: Element, version: str, documents: int) -> Incoming:
    head, body = root[0], root[1]
    authority, portal = head.find("{*}Behoerde"), head.find("{*}Portal")
    assert authority is not None  # noqa: S101 - of the schema
    assert portal is not None  # noqa: S101 - of the schema
    return Incoming(
        uuid=UUID(_text(head, _UUID[version])),
        number=_number(body),
        reader=authority.get("kennung", ""),
        reader_name=authority.text or "",
        author=portal.get("kennung", ""),
        author_name=_text(portal, "Name"),
        application_id=_text(head, "Aktenzeichen"),
        back_channel=_text(head, "Rueckkanal") == _YES[version],
        test=_text(head, _TEST[version]) == _YES[version],
        documents=documents,
        announced=None,
        packet=None,
        problem=None,
    )


def _number(body: Element) -> str:
    kind = str(body.tag).rpartition("}")[2]
    if kind == "Antrag":
        return _APPLICATIONS.get(body.get("leistung", ""), "130101")
    return _NUMBERS[kind]


def _text(parent: Element, name: str) -> str:
    return parent.findtext(f"{{*}}{name}", default="").strip()


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
