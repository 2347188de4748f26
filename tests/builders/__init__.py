"""Builders: say what matters to a test, get the rest. Same arguments, same message."""

from tests.builders.messages import (
    a_context,
    a_receipt_confirmation,
    a_reply,
    a_submission,
    a_withdrawal,
    an_agreement_reply,
    an_authority,
)
from tests.builders.parts import NOW, a_document, a_document_of, a_party, a_person, an_id

__all__ = [
    "NOW",
    "a_context",
    "a_document",
    "a_document_of",
    "a_party",
    "a_person",
    "a_receipt_confirmation",
    "a_reply",
    "a_submission",
    "a_withdrawal",
    "an_agreement_reply",
    "an_authority",
    "an_id",
]
