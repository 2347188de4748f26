"""The work that every peer does for a submission, in the hub's own words.

Translated by the adapter xauslaender, validated by lxml against its schemas, serialised: what is
left out is everything that the hub guarantees beyond it.
"""

from datetime import UTC, datetime
from functools import cache

from adapters.xauslaender import adapter
from hub.adapter import Authority, Context, Format
from hub.model.document import Document
from hub.model.downward import Submission
from hub.xml import serialise

__all__ = ["XML_TYPE", "translate"]

XML_TYPE = "application/xml; charset=utf-8"


def translate(submission: Submission) -> list[tuple[str, bytes]]:
    """The XML messages for the system, valid, each with the UUID under which it is sent."""
    parcel = _format().write(submission, _context(submission))
    written = []
    for message in parcel.messages:
        _format().schemas.check(message.root)
        written.append((str(message.uuid), serialise(message.root, message.encoding)))
    return written


@cache
def _format() -> Format:
    return adapter.formats["26.11"]


def _context(submission: Submission) -> Context:
    authority = submission.authority
    if authority is None:
        raise ValueError("the benchmark's submissions name their authority")
    return Context(
        authority=Authority(authority, authority),
        message=submission.id,
        created_at=datetime.now(UTC),
        application_id=submission.application_id,
        service=submission.service,
        sender=submission.sender,
        back_channel=submission.back_channel,
        test=submission.test,
        load=_content,
    )


def _content(document: Document) -> bytes:
    if document.content is None:
        raise ValueError("the benchmark's documents travel inline")
    return document.content
