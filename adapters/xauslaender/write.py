"""From a message of the hub to XAusländer 26.11: which message it becomes, and what is lost.

One function per kind of message; what all of them share stands in `header` (beginning) and
`packets` (documents). Pure: the same message and context always give the same parcel.
"""

from typing import Final, assert_never

from adapters.xauslaender.documents import Documents
from adapters.xauslaender.elements import optional, qualified
from adapters.xauslaender.free_movement import fill_free_movement
from adapters.xauslaender.header import begin_message
from adapters.xauslaender.packets import with_documents
from adapters.xauslaender.skilled_workers import fill_skilled_workers
from adapters.xauslaender.sponsorship import fill_sponsorship
from adapters.xauslaender.title import fill_title
from hub.adapter import Change, Context, Parcel
from hub.model.details import (
    FreeMovementDetails,
    SkilledWorkersDetails,
    SponsorshipDeclaration,
)
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

_LEFT_OUT: Final = {
    "leika": "left out: XAusländer has no element for the key of the service",
    "mailbox": "left out: the mailbox stays with the hub, which brings the answers there",
    "azr_number": "left out: chapter OZG has no element for the AZR number",
}


def write(message: Downward, context: Context) -> Parcel:
    """Translate one message to the authority.

    Raises:
        PermanentFailure: its documents are too large for the message, or not as announced.
    """
    documents = Documents(message.documents)
    number, root = _build(message, documents, context)
    messages = with_documents(number, root, documents, context)
    return Parcel(messages, changes=_left_out(message) + documents.changes)


def _build(message: Downward, documents: Documents, context: Context) -> tuple[str, Element]:
    match message:
        case Submission():
            return _submission(message, documents, context)
        case Reply():
            return "130103", _reply(message, documents, context)
        case Withdrawal():
            return "130111", begin_message("130111", context)
        case AgreementReply():
            return "130404", _one_document("130404", "vereinbarung", message, documents, context)
        case ReceiptConfirmation():
            return "130406", _one_document(
                "130406", "empfangsbestaetigung", message, documents, context
            )
    assert_never(message)


def _submission(message: Submission, documents: Documents, context: Context) -> tuple[str, Element]:
    details = message.details
    if isinstance(details, SponsorshipDeclaration):
        number, root = "130201", begin_message("130201", context)
        fill_sponsorship(root, details, documents)
    elif isinstance(details, FreeMovementDetails):
        number, root = "130301", begin_message("130301", context)
        fill_free_movement(root, details, documents)
    elif isinstance(details, SkilledWorkersDetails):
        number, root = "130401", begin_message("130401", context)
        fill_skilled_workers(root, details, documents)
    else:
        number, root = "130101", begin_message("130101", context)
        fill_title(root, details, documents)
    return number, root


def _reply(message: Reply, documents: Documents, context: Context) -> Element:
    root = begin_message("130103", context, answers=message.answers)
    for document in message.documents:
        documents.embed_or_refer(qualified(root, "unterlage"), document.id)
    optional(root, "antworttext", message.text)
    return root


def _one_document(
    number: str,
    name: str,
    message: AgreementReply | ReceiptConfirmation,
    documents: Documents,
    context: Context,
) -> Element:
    root = begin_message(number, context, answers=message.answers)
    documents.embed(qualified(root, name), message.documents[0].id)
    return root


def _left_out(message: Downward) -> tuple[Change, ...]:
    """What the submission has and XAusländer has no element for."""
    if not isinstance(message, Submission):
        return ()
    lost = [
        Change(field, rule)
        for field, rule in _LEFT_OUT.items()
        if getattr(message, field) is not None
    ]
    if message.language != "de":
        lost.append(Change("language", "left out: XAusländer has no element for the language"))
    return tuple(lost)
