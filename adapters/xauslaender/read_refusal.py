"""`rueckweisung.asynchron.0010`: the system took a message over and refused it later.

The refused message lies inside as base64; it alone says which message was refused. It is
parsed like anything from outside.
"""

from typing import Final

from lxml import etree

from adapters.xauslaender.elements import NAMESPACE
from adapters.xauslaender.enclosed import decoded
from adapters.xauslaender.reading import (
    application_id,
    code,
    find,
    find_all,
    moment,
    need,
    optional,
    text,
    truth,
    unqualified,
    uuid,
)
from hub.model.identifiers import MessageUuid
from hub.model.upward import Refusal, RefusalReason
from hub.xml import Element, Limits, parse

__all__ = ["REFUSAL", "read_refusal"]

REFUSAL: Final = f"{{{NAMESPACE}}}rueckweisung.asynchron.0010"

# The refused message is one that the hub built, with documents beyond what libxml2 takes
# as one text by default (FACTS: 9 MiB); its size and depth stay bounded.
_LIMITS: Final = Limits(huge_text=True)

_PACKET: Final = "Administration.Dokumentenlieferung.Paket.000040"


def read_refusal(document: Element) -> Refusal:
    """Translate a refusal; `answers` is the message that the hub knows as sent."""
    identification = unqualified(document, "nachrichtenkopf.g2g/identifikation.nachricht")
    refused = parse(decoded(need(document, "nachricht")), _LIMITS)
    return Refusal(
        id=uuid(unqualified(identification, "nachrichtenUUID")),
        application_id=optional(find(refused, "antragsidentifikation"), application_id),
        answers=_answers(refused),
        created_at=moment(unqualified(identification, "erstellungszeitpunkt")),
        test=truth(document.get("test")),
        reasons=tuple(_reason(element) for element in find_all(document, "fehler")),
    )


def _answers(refused: Element) -> MessageUuid:
    # A packet belongs to its head message, under whose UUID the parcel was sent.
    if etree.QName(refused).localname == _PACKET:
        return uuid(need(refused, "ausloeserUUID"))
    return uuid(
        unqualified(refused, "nachrichtenkopf.g2g/identifikation.nachricht/nachrichtenUUID")
    )


def _reason(element: Element) -> RefusalReason:
    words = optional(find(element, "text"), text)
    return RefusalReason(code=code(need(element, "fehlercode")), text=words)
