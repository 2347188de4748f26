"""Messages to the authority, and the context in which a format writes them."""

from typing import Any, get_args

from hub.adapter import Authority, Context
from hub.model.codes import ForeignCode
from hub.model.details import (
    Employer,
    EmployerRepresentative,
    Service,
    SkilledWorker,
)
from hub.model.document import Document, Evidence
from hub.model.downward import (
    AgreementReply,
    Downward,
    MailboxAddress,
    ReceiptConfirmation,
    Reply,
    Submission,
    Withdrawal,
)
from hub.model.person import Name
from hub.model.sponsor import Guest, PrivateHost, ShortStay
from hub.proof.situation import AUTHORITY, CASE, context_of
from tests.builders.parts import (
    NOW,
    a_building,
    a_document,
    a_party,
    a_person,
    an_id,
    person_values,
)

SERVICES: tuple[Service, ...] = get_args(Service)

_CODES: dict[str, dict[str, str]] = {
    "employment": {"application_reason": "01"},
    "family": {"application_reason": "01"},
    "education": {"application_reason": "02"},
    "protection": {"application_reason": "01"},
    "conditions": {"residence_reason": "03"},
    "settlement": {"residence_reason": "05"},
    "work_permission": {"application_reason": "05", "residence_reason": "04"},
}


def an_authority() -> Authority:
    return AUTHORITY


def a_submission(
    *,
    service: Service = "employment",
    documents: int = 2,
    documents_given: tuple[Document, ...] | None = None,
    **given: Any,
) -> Submission:
    """A submission with that many documents in all: at least 1 for sponsorship, 2 for § 81a."""
    listed = documents_given
    if listed is None:
        listed = tuple(
            a_document(f"{service}-{number}", file_name=f"nachweis-{number}.pdf")
            for number in range(1, documents + 1)
        )
    values: dict[str, Any] = {
        "id": an_id(f"submission-{service}"),
        "created_at": NOW,
        "application_id": "AT-2026-000001",
        "authority": "990001",
        "sender": a_party(),
        "back_channel": True,
        "mailbox": MailboxAddress(provider="local", account="muster-1"),
        "documents": listed,
    }
    if "details" not in given:
        values["details"] = a_details(service, listed)
    return Submission(**values | given)


def a_reply(
    *, documents: int = 1, documents_given: tuple[Document, ...] | None = None, **given: Any
) -> Reply:
    values = _following("reply") | {
        "answers": an_id("question"),
        "text": "Den Arbeitsvertrag finden Sie anbei.",
        "documents": documents_given
        or tuple(a_document(f"reply-{number}") for number in range(1, documents + 1)),
    }
    return Reply(**values | given)


def a_withdrawal(**given: Any) -> Withdrawal:
    return Withdrawal(**_following("withdrawal") | given)


def an_agreement_reply(**given: Any) -> AgreementReply:
    values = _following("agreement-reply") | {
        "answers": an_id("agreement"),
        "documents": (a_document("signed-agreement"),),
    }
    return AgreementReply(**values | given)


def a_receipt_confirmation(**given: Any) -> ReceiptConfirmation:
    values = _following("receipt-confirmation") | {
        "answers": an_id("recognition-decision"),
        "documents": (a_document("signed-confirmation"),),
    }
    return ReceiptConfirmation(**values | given)


def a_context(message: Downward, /, **given: Any) -> Context:
    """The context for `message`; its documents are loaded from their inline content."""
    return context_of(message, **given)


def _following(name: str) -> dict[str, Any]:
    return {
        "id": an_id(name),
        "case": CASE,
        "created_at": NOW,
    }


def a_details(service: Service, documents: tuple[Document, ...]) -> dict[str, Any]:
    """Details as JSON would have them, with each of the documents as evidence."""
    evidence = tuple(
        Evidence(document=document.id, title=f"Nachweis {number}")
        for number, document in enumerate(documents, start=1)
    )
    if service == "sponsorship":
        return _sponsorship(evidence)
    if service == "skilled_workers":
        return _skilled_workers(evidence)
    values = {
        "service": service,
        "application_date": NOW.date(),
        "person": a_person(),
        "evidence": evidence,
    }
    if service == "free_movement":
        codes = {"application_reason": "01", "notification_reason": "02"}
        return values | codes | {"entry": NOW.date()}
    return values | _CODES[service]


def _skilled_workers(evidence: tuple[Evidence, ...]) -> dict[str, Any]:
    representative = EmployerRepresentative(
        first_name=Name(text="Max"),
        family_name=Name(text="Beispiel"),
        gender="m",
        authorisations=evidence[:1],
    )
    return {
        "service": "skilled_workers",
        "application_date": NOW.date(),
        "reason": "02",
        "employer": Employer(
            company="Beispiel GmbH", address=a_building(), representative=representative
        ),
        "worker": SkilledWorker(**person_values()),
        "evidence": evidence[1:],
    }


def _sponsorship(evidence: tuple[Evidence, ...]) -> dict[str, Any]:
    stay = ShortStay(
        kind="c_visa",
        code=ForeignCode(list_uri="urn:example:stay", list_version="1", code="00"),
    )
    return {
        "service": "sponsorship",
        "host": PrivateHost(
            first_name=Name(text="Max"),
            family_name=Name(text="Beispiel"),
            gender="m",
            evidence=evidence[1:],
        ),
        "guest": Guest(stay=stay, gender="x"),
        "summary": evidence[0].document,
    }
