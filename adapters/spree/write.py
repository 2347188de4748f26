"""From a message of the hub to Spree: one document `Vorgang` for whatever it is.

The head is the same for all, then follows the one section that `art` names, then the
documents. Pure: the same message and context always give the same parcel.
"""

from typing import Final, assert_never

from adapters.spree.application import add_application
from adapters.spree.documents import Documents
from adapters.spree.elements import add, add_text, root
from adapters.spree.lost import left_out
from adapters.spree.people import add_address, add_contacts
from hub.adapter import Context, Parcel, XmlMessage
from hub.model.downward import (
    AgreementReply,
    Downward,
    ReceiptConfirmation,
    Reply,
    Submission,
    Withdrawal,
)
from hub.xml import Element

__all__ = ["write"]

_KINDS: Final = {
    "submission": "ANTRAG",
    "reply": "ANTWORT",
    "withdrawal": "RUECKNAHME",
    "agreement_reply": "VEREINBARUNG_ZURUECK",
    "receipt_confirmation": "EMPFANG_BESTAETIGT",
}


def write(message: Downward, context: Context) -> Parcel:
    """Translate one message to the authority.

    Raises:
        PermanentFailure: with its documents it is more than a queue takes, or they are not as
            announced; or Spree has no word for one of its codes.
    """
    documents = Documents(message.documents)
    kind = _KINDS[message.type]
    document = root(
        "Vorgang",
        art=kind,
        kennung=str(context.message),
        erstellt=context.created_at,
        probe=True if context.test else None,
    )
    _head(document, message, context)
    _section(document, message, documents)
    documents.enclose(document, context)
    return Parcel((XmlMessage(context.message, kind, document),), changes=left_out(message))


def _head(document: Element, message: Downward, context: Context) -> None:
    head = add(document, "Kopf", rueckkanal=context.back_channel)
    add(head, "Aktenzeichen", context.application_id)
    sender = add(head, "Absender", kennung=context.sender.key)
    add(sender, "Name", context.sender.name)
    add_address(sender, context.sender.address)
    add_contacts(sender, context.sender.contacts)
    reader = add(head, "Empfaenger", kennung=context.authority.key)
    add(reader, "Name", context.authority.name)
    if isinstance(message, Reply | AgreementReply | ReceiptConfirmation):
        add(head, "Bezug", str(message.answers))


def _section(document: Element, message: Downward, documents: Documents) -> None:
    match message:
        case Submission():
            add_application(document, message, documents)
        case Reply():
            section = add(document, "Antwort")
            add_text(section, "Text", message.text)
            documents.refer_each(section, "Unterlage", (each.id for each in message.documents))
        case Withdrawal():
            add(document, "Ruecknahme")
        case AgreementReply():
            documents.refer(document, "VereinbarungZurueck", message.documents[0].id)
        case ReceiptConfirmation():
            documents.refer(document, "EmpfangBestaetigt", message.documents[0].id)
        case _:
            assert_never(message)
