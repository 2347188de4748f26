"""From a message of the hub to Isar: one document with a list of records.

Its documents travel beside it; the XML names them with their hashes. Pure: the same message
and context always give the same parcel, and no document is loaded before it is sent.
"""

from typing import assert_never

from adapters.isar.cases import add_case, case_name, case_values
from adapters.isar.documents import add_documents, attachments, refer, refer_each
from adapters.isar.elements import Values, add, add_text, root
from adapters.isar.lost import left_out
from adapters.isar.people import add_contacts, address
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


def write(message: Downward, context: Context) -> Parcel:
    """Translate one message to the authority.

    Raises:
        PermanentFailure: Isar has no word for one of its codes.
    """
    name = _name(message)
    document = root(name, _values(message, context))
    sender = context.sender
    origin = add(
        document, "Sender", {"key": sender.key, "name": sender.name, **address(sender.address)}
    )
    add_contacts(origin, sender.contacts)
    add(document, "Recipient", {"key": context.authority.key, "name": context.authority.name})
    add_documents(document, message.documents)
    _fill(document, message)
    return Parcel(
        (XmlMessage(context.message, name, document),),
        attachments(message.documents, context),
        left_out(message),
    )


def _name(message: Downward) -> str:
    match message:
        case Submission():
            return case_name(message)
        case Reply():
            return "Answer"
        case Withdrawal():
            return "Withdrawal"
        case AgreementReply():
            return "SignedAgreement"
        case ReceiptConfirmation():
            return "ReceiptConfirmation"
        case _:
            assert_never(message)


def _values(message: Downward, context: Context) -> Values:
    values: Values = {
        "id": str(context.message),
        "created": context.created_at,
        "test": context.test,
        "application": context.application_id,
        "backChannel": context.back_channel,
    }
    match message:
        case Submission():
            return values | case_values(message)
        case Withdrawal():
            return values
        case _:
            return values | {"inReplyTo": str(message.answers)}


def _fill(document: Element, message: Downward) -> None:
    match message:
        case Submission():
            add_case(document, message)
        case Reply():
            add_text(document, "Text", message.text)
            refer_each(document, "Attached", (each.id for each in message.documents))
        case AgreementReply() | ReceiptConfirmation():
            refer(document, "Signed", message.documents[0].id)
        case Withdrawal():
            pass
