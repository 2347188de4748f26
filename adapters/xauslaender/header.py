"""What every message to the authority begins with: attributes, header, author's address, case.

XAusländer 26.11, `Nachricht.G2G.XA` and `OZG.BasisnachrichtAnAbh`: who writes to whom, under
which UUID, about which application, and whether anything may come back.
"""

from typing import Final
from zoneinfo import ZoneInfo

from adapters.xauslaender.elements import code, qualified, root, unqualified
from adapters.xauslaender.parts import address, contact
from hub.adapter import Context
from hub.model.codes import code_list
from hub.model.identifiers import MessageUuid
from hub.xml import Element

__all__ = ["PRODUCT", "VERSION", "begin", "begin_message"]

VERSION: Final = "26.11"

PRODUCT: Final = {
    "produkt": "residence-hub",
    "produkthersteller": "residence-hub",
    "produktversion": "0.1.0",
    "standard": "XAusländer",
    "version": VERSION,
}

_BERLIN: Final = ZoneInfo("Europe/Berlin")


def begin_message(number: str, context: Context, answers: MessageUuid | None = None) -> Element:
    """Begin a message of chapter OZG; `answers` only where its base type is `…AnAbh.Antwort`."""
    message = begin(number, context.message, context)
    qualified(message, "antragsidentifikation", context.application_id)
    qualified(message, "rueckkanalVorhanden", context.back_channel)
    if answers is not None:
        qualified(message, "ausloeserUUID", str(answers))
    return message


def begin(number: str, uuid: MessageUuid, context: Context) -> Element:
    """Begin any message: the root with its attributes, the header, the author's address."""
    # A message that is no test carries no such attribute: absent means false.
    attributes = PRODUCT | {"test": "true"} if context.test else PRODUCT
    message = root(code_list("message_type").codes[number], attributes)
    head = unqualified(message, "nachrichtenkopf.g2g")
    _identification(head, number, uuid, context)
    _party(head, "leser", f"azr:{context.authority.key}", context.authority.name)
    author = _party(head, "autor", context.sender.key, context.sender.name)
    for way in context.sender.contacts:
        contact(unqualified(author, "erreichbarkeit"), way)
    address(unqualified(message, "anschrift.autor"), context.sender.address)
    return message


def _identification(head: Element, number: str, uuid: MessageUuid, context: Context) -> None:
    identification = unqualified(head, "identifikation.nachricht")
    unqualified(identification, "nachrichtenUUID", str(uuid))
    code(unqualified(identification, "nachrichtentyp"), "message_type", number)
    created = context.created_at.astimezone(_BERLIN).isoformat(timespec="milliseconds")
    unqualified(identification, "erstellungszeitpunkt", created)


def _party(head: Element, role: str, key: str, name: str) -> Element:
    party = unqualified(head, role)
    code(unqualified(party, "verzeichnisdienst"), "directory_service", "DVDV")
    unqualified(party, "kennung", key)
    unqualified(party, "name", name)
    return party
