"""Submissions on the wire: what the adapter makes of them, for the simulated system to judge."""

from datetime import UTC, datetime
from pathlib import Path

from adapters.xauslaender import adapter
from hub.adapter import Authority, Context, Format
from hub.model.document import Document
from hub.model.downward import Downward
from hub.sandbox.samples import Sample
from hub.xml import serialise

SCHEMAS = Path(__file__).parents[2] / "xsd" / "xauslaender" / "26.11"
FORMAT: Format = adapter.formats["26.11"]


def loaded(document: Document) -> bytes:
    assert document.content is not None
    return document.content


def context_of(sample: Sample, message: Downward) -> Context:
    submission = sample.submission
    return Context(
        authority=Authority(sample.authority, "Ausländerbehörde Muster"),
        message=message.id,
        created_at=datetime(2026, 11, 2, 12, 0, tzinfo=UTC),
        application_id=submission.application_id,
        service=submission.service,
        sender=submission.sender,
        back_channel=submission.back_channel,
        test=submission.test,
        load=loaded,
    )


def on_the_wire(sample: Sample, message: Downward | None = None) -> list[bytes]:
    """The XML messages that carry a sample, or a later message of its case."""
    message = message or sample.submission
    parcel = FORMAT.write(message, context_of(sample, message))
    return [serialise(part.root) for part in parcel.messages]
