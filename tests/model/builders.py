"""Messages to test with: complete, valid, of nobody in particular.

Everything is built as JSON has it; `a_submission` and its siblings then check it as intake does.
"""

import base64
import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, get_args
from uuid import NAMESPACE_URL, UUID, uuid4, uuid5

from hub.model.details import Service
from hub.model.document import Document
from hub.model.downward import Reply, Submission, downward
from hub.model.identifiers import MessageUuid
from hub.model.upward import Update, UpdateKind, embedded, upward

SERVICES: tuple[Service, ...] = get_args(Service)
UPDATE_KINDS: tuple[UpdateKind, ...] = get_args(UpdateKind)
NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)

Json = dict[str, Any]


def a_document(content: bytes = b"%PDF-1.7 synthetic", **fields: object) -> Json:
    return {
        "id": str(uuid4()),
        "media_type": "application/pdf",
        "sha256": hashlib.sha256(content).hexdigest(),
        "size": len(content),
        "content": base64.b64encode(content).decode(),
        **fields,
    }


def a_person(**fields: object) -> Json:
    return {
        "first_name": {"text": "Ọlá"},
        "family_name": {"text": "Muster"},
        "gender": "x",
        "birth": {"day": {"year": 1990}},
        "marital_status": "LD",
        "nationalities": ["232"],
        **fields,
    }


def details(service: Service, evidence: list[Json] | None = None) -> Json:
    """What `service` asks for, at its least; each document of `evidence` is named once."""
    named = [{"document": document["id"], "title": "Nachweis"} for document in evidence or []]
    if service == "sponsorship":
        return _sponsorship(named)
    if service == "skilled_workers":
        return _skilled_workers(named)
    common: Json = {"application_date": "2026-11-01", "person": a_person(), "evidence": named}
    return {"service": service, **common, **_CODES[service]}


_TITLE = {"application_reason": "01"}
_CODES: Mapping[str, Json] = {
    "employment": _TITLE,
    "family": _TITLE,
    "education": _TITLE,
    "protection": _TITLE,
    "conditions": {"residence_reason": "03"},
    "settlement": {"residence_reason": "03"},
    "work_permission": {"application_reason": "05", "residence_reason": "03"},
    "free_movement": {**_TITLE, "notification_reason": "02", "entry": "2026-10-01"},
}


def an_address() -> Json:
    return {
        "kind": "building",
        "street": "Musterstraße",
        "house_number": "1",
        "postcode": "00000",
        "town": "Musterstadt",
    }


def _sponsorship(named: list[Json]) -> Json:
    # The summary is one of the documents, the others are the host's evidence.
    host = {
        "kind": "private",
        "first_name": {"text": "Ada"},
        "family_name": {"absent": True},
        "gender": "w",
        "evidence": named[1:],
    }
    guest = {"stay": {"kind": "other", "text": "Besuch"}, "gender": "m"}
    summary = named[0]["document"] if named else str(uuid4())
    return {"service": "sponsorship", "host": host, "guest": guest, "summary": summary}


def _skilled_workers(named: list[Json]) -> Json:
    representative = {
        "first_name": {"text": "Ada"},
        "family_name": {"text": "Beispiel"},
        "gender": "w",
        "authorisations": named[:1],
    }
    return {
        "service": "skilled_workers",
        "application_date": "2026-11-01",
        "reason": "05",
        "employer": {
            "company": "Muster GmbH",
            "address": an_address(),
            "representative": representative,
        },
        "worker": a_person(),
        "evidence": named[1:],
    }


def submission_json(
    service: Service = "employment", documents: list[Json] | None = None, **fields: object
) -> Json:
    """A submission as its sender writes it."""
    if documents is None:
        documents = [a_document(), a_document(b"%PDF-1.7 another")]
    return {
        "type": "submission",
        "id": str(uuid4()),
        "created_at": NOON.isoformat(),
        "application_id": "AT-2026-000001",
        "authority": "990001",
        "sender": {"key": "alp:000000", "name": "Eingabeverfahren Muster", "address": an_address()},
        "back_channel": True,
        "mailbox": {"provider": "local", "account": "ola@example.org"},
        "documents": documents,
        "details": details(service, documents),
        **fields,
    }


def a_submission(service: Service = "employment", **fields: Any) -> Submission:
    submission = downward.validate_python(submission_json(service, **fields))
    assert isinstance(submission, Submission)
    return submission


def reply_json(case: UUID | None = None, **fields: object) -> Json:
    """A reply as its sender writes it."""
    return {
        "type": "reply",
        "id": str(uuid4()),
        "created_at": NOON.isoformat(),
        "case": str(case or uuid4()),
        "answers": str(uuid4()),
        "text": "Der Vertrag liegt bei.",
        **fields,
    }


def a_reply(**fields: Any) -> Reply:
    reply = downward.validate_python(reply_json(**fields))
    assert isinstance(reply, Reply)
    return reply


def an_update(kind: UpdateKind, **fields: object) -> Update:
    """An update of `kind` at its least; every document it has to name is there."""
    message = MessageUuid(uuid5(NAMESPACE_URL, kind))
    roles = _DOCUMENTS.get(kind, ())
    documents = {role: a_page(message, role) for role in roles}
    least = {
        "type": kind,
        "id": message,
        "answers": uuid5(NAMESPACE_URL, "submission"),
        "created_at": NOON,
        "documents": tuple(documents.values()),
        **{role: document.id for role, document in documents.items()},
        **_LEAST.get(kind, {}),
        **fields,
    }
    return upward.validate_python(least)  # type: ignore[return-value]  # receipts have no UpdateKind


def a_page(message: MessageUuid, role: str) -> Document:
    return embedded(message, role, "application/pdf", f"%PDF-1.7 {role}".encode())


_DOCUMENTS: Mapping[str, tuple[str, ...]] = {
    "intended_refusal": ("notice",),
    "agreement": ("agreement",),
    "recognition_decision": ("decision", "confirmation_form"),
    "preliminary_approval": ("approval",),
}
_LEAST: Mapping[str, Json] = {
    "status": {"status": "01"},
    "question": {"text": "Bitte reichen Sie den Arbeitsvertrag nach."},
    "not_competent": {"hint": "Sie sind umgezogen."},
    "ending": {"reason": "01"},
}
