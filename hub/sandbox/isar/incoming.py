"""What the simulated Isar understands of its own XML.

Messages get the numbers of XAusländer, by which the script and the books of the sandbox tell
them apart; documents that follow by calls of their own are announced, as packets would be.
"""

from typing import Final
from uuid import UUID

from lxml import etree

from hub.sandbox.xauslaender import Announced, Incoming
from hub.xml import Element

__all__ = ["NAMESPACE", "read"]

NAMESPACE: Final = "urn:example:isar:2.1"

_NUMBERS: Final = {
    "TitleCase": "130101",
    "FreeMovementCase": "130301",
    "SkilledWorkerCase": "130401",
    "SponsorshipCase": "130201",
    "Answer": "130103",
    "Withdrawal": "130111",
    "SignedAgreement": "130404",
    "ReceiptConfirmation": "130406",
}
_ENDINGS: Final = {"PDF": "pdf", "JPEG": "jpg"}


def read(root: Element) -> Incoming:
    """Read a document that is valid against the schema set."""
    documents = root.findall(f"{{{NAMESPACE}}}Document")
    return Incoming(
        uuid=UUID(root.get("id")),
        number=_NUMBERS.get(str(etree.QName(root).localname), ""),
        reader=_attribute(root, "Recipient", "key"),
        reader_name=_attribute(root, "Recipient", "name"),
        author=_attribute(root, "Sender", "key"),
        author_name=_attribute(root, "Sender", "name"),
        application_id=root.get("application", ""),
        back_channel=root.get("backChannel") in ("true", "1"),
        test=root.get("test") in ("true", "1"),
        documents=0,
        announced=Announced(
            len(documents),
            sum(int(each.get("bytes", "0")) for each in documents),
            tuple(_name(each) for each in documents),
        ),
        packet=None,
        problem=None if etree.QName(root).localname in _NUMBERS else "no message to an authority",
    )


def _name(document: Element) -> str:
    """Under which name it will come, and with which hash."""
    ending = _ENDINGS[document.get("content", "")]
    return f"{document.get('id')}.{ending} {document.get('sha256')}"


def _attribute(root: Element, path: str, name: str) -> str:
    element = root.find(f"{{{NAMESPACE}}}{path}")
    return "" if element is None else element.get(name, "")
