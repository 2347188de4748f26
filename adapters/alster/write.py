"""From a message of the hub to Alster's XML, in the version that the dialect names.

Pure: the same message and context always give the same parcel. One XML message, however many
documents: they travel beside it and are named in it with size and hash.
"""

from functools import partial
from typing import Final, assert_never

from adapters.alster.application import add_application
from adapters.alster.dialect import Dialect
from adapters.alster.fitting import fit, fit_text
from adapters.alster.parts import add_address, add_contacts
from adapters.alster.sheet import Sheet, file_name
from hub.adapter import Attachment, Change, Context, Parcel, XmlMessage
from hub.model.details import Details, SkilledWorkersDetails, SponsorshipDeclaration
from hub.model.downward import (
    AgreementReply,
    Downward,
    Party,
    ReceiptConfirmation,
    Reply,
    Submission,
    Withdrawal,
)
from hub.model.identifiers import MessageUuid

__all__ = ["ENCODING", "write"]

ENCODING: Final = "ISO-8859-1"

_PARTY_NAME: Final = 120
_NOT_FITTED: Final = frozenset({"sender", "mailbox"})
"""The sender is written from the context; the mailbox is not written at all."""


def write(message: Downward, context: Context, dialect: Dialect) -> Parcel:
    """Translate one message to the authority.

    Raises:
        PermanentFailure: a text has a character that nothing in ISO-8859-1 stands for.
    """
    changes = _left_out(message, dialect)
    fitted = fit(message, changes, without=_NOT_FITTED)
    sheet = Sheet(dialect, dialect.root("Sendung"), fitted.documents)
    _head(sheet, context, _answered(message), changes)
    _body(sheet, fitted)
    given = {document.id: document for document in message.documents}
    return Parcel(
        (XmlMessage(context.message, _name(message), sheet.root, ENCODING),),
        tuple(
            Attachment(file_name(used), given[used.id], partial(context.load, given[used.id]))
            for used in sheet.used
        ),
        tuple(changes),
    )


def _body(sheet: Sheet, message: Downward) -> None:
    match message:
        case Submission():
            add_application(sheet, message)
        case Reply():
            body = sheet.dialect.add(sheet.root, "Nachreichung")
            sheet.dialect.optional(body, "Text", message.text)
            for document in message.documents:
                sheet.document(document.id, "ANTWORT")
        case Withdrawal():
            sheet.dialect.add(sheet.root, "Ruecknahme")
        case AgreementReply():
            sheet.dialect.add(sheet.root, "Vereinbarung")
            sheet.document(message.documents[0].id, "VEREINBARUNG")
        case ReceiptConfirmation():
            sheet.dialect.add(sheet.root, "Empfangsbestaetigung")
            sheet.document(message.documents[0].id, "EMPFANGSBESTAETIGUNG")
        case _:
            assert_never(message)


def _head(
    sheet: Sheet, context: Context, answered: MessageUuid | None, changes: list[Change]
) -> None:
    dialect = sheet.dialect
    head = dialect.add(sheet.root, "Kopf")
    dialect.add(head, "Sendungsnummer", str(context.message))
    dialect.add(head, "Aktenzeichen", context.application_id)
    dialect.optional(head, "Bezug", None if answered is None else str(answered))
    dialect.add(head, "Erstellt", context.created_at)
    name = fit_text(context.authority.name, "authority.name", _PARTY_NAME, changes)
    dialect.add(head, "Behoerde", name, kennung=context.authority.key)
    sender: Party = fit(context.sender, changes, under="sender", without=frozenset())
    portal = dialect.add(head, "Portal", kennung=sender.key)
    dialect.add(portal, "Name", sender.name)
    add_address(sheet, portal, sender.address)
    add_contacts(sheet, portal, sender.contacts)
    dialect.add(head, "Rueckkanal", context.back_channel)
    dialect.add(head, "Probelauf", context.test)


def _answered(message: Downward) -> MessageUuid | None:
    return None if isinstance(message, Submission | Withdrawal) else message.answers


def _name(message: Downward) -> str:
    return message.service if isinstance(message, Submission) else message.type


def _left_out(message: Downward, dialect: Dialect) -> list[Change]:
    """What the message has and this version has no element for."""
    if not isinstance(message, Submission):
        return []
    left = ["mailbox"] if message.mailbox is not None else []
    if not dialect.has_procedure:
        left += ["language"] if message.language != "de" else []
        left += ["leika"] if message.leika is not None else []
    if not dialect.has_trust:
        left += _trust_of(message.details)
    rule = f"left out: Alster {dialect.version} has no element for it"
    return [Change(field, rule) for field in left]


def _trust_of(details: Details) -> list[str]:
    levels: dict[str, object]
    match details:
        case SkilledWorkersDetails():
            levels = {"worker": details.worker.trust}
            for at, member in enumerate(details.family):
                levels[f"family[{at}]"] = member.trust
        case SponsorshipDeclaration():
            levels = {"host": details.host.trust}
        case _:
            levels = {"person": details.person.trust}
            if details.representative is not None:
                levels["representative"] = details.representative.trust
    return [f"details.{holder}.trust" for holder, level in levels.items() if level is not None]
