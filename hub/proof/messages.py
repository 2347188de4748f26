"""Complete messages: every field filled, every list with several items, no value twice.

They are made from the model's own shape, so that a field which the model gains is filled as
well. Where fields exclude each other (`FORMS`), the first form is taken. Nobody here exists.
"""

import base64
import hashlib
from collections.abc import Iterator, Mapping
from datetime import date
from itertools import count
from typing import Final, get_args

from pydantic import BaseModel, ValidationError

from hub.adapter import Capability
from hub.model.dates import PartialDate
from hub.model.details import Details, Service
from hub.model.document import MediaType
from hub.model.downward import (
    AgreementReply,
    DownwardKind,
    ReceiptConfirmation,
    Reply,
    Submission,
    Withdrawal,
    downward,
)
from hub.model.identifiers import DocumentId
from hub.model.person import Name, ResidenceDocument
from hub.proof.shapes import Choice, Fields, Items, Shape, nodes, shape_of
from hub.proof.situation import CASE
from hub.proof.values import Json, Scalar, scalar

__all__ = [
    "FORMS",
    "SUBJECTS",
    "Filling",
    "a_document",
    "as_service",
    "complete",
    "is_service",
    "is_valid",
    "shape_of_subject",
    "with_its_documents",
]

FORMS: Final[Mapping[type[BaseModel], tuple[tuple[str, ...], ...]]] = {
    Name: (("text",), ("absent",)),
    PartialDate: (("year", "month", "day"), ("year", "month"), ("year",), ()),
    ResidenceDocument: (("pages",), ("visa_free_entry",), ("german_document_exists",)),
}
"""Records whose fields exclude each other: which of them are given together."""

_KINDS: Final[Mapping[DownwardKind, type[BaseModel]]] = {
    "reply": Reply,
    "withdrawal": Withdrawal,
    "agreement_reply": AgreementReply,
    "receipt_confirmation": ReceiptConfirmation,
}
_DETAILS: Final[Mapping[Service, type[BaseModel]]] = {
    each.model_fields["service"].default: each for each in get_args(get_args(Details)[0])
}

SUBJECTS: Final[tuple[Capability, ...]] = (*_DETAILS, *_KINDS)
"""What can be sent to an authority: a submission of each service, and what follows one."""


def is_service(subject: Capability) -> bool:
    """Whether it is a service, so that the message is a submission."""
    return subject in _DETAILS


def shape_of_subject(subject: Capability) -> Fields:
    """The shape of a message about `subject`, without its documents."""
    if subject not in _DETAILS:
        return shape_of(_KINDS[subject])  # type: ignore[index] # a subject is a service or a kind
    shape = shape_of(Submission)
    details = shape_of(_DETAILS[subject])  # type: ignore[index] # looked up just now
    return Fields(Submission, {**shape.of, "details": details})


def complete(subject: Capability) -> Json:
    """The complete message about `subject`, in its JSON form."""
    shape = shape_of_subject(subject)
    filling = Filling()
    message = filling.record(shape)
    message.pop("place", None)  # excludes `authority`
    if "case" in message:
        message["case"] = str(CASE)
    if subject in _DOCUMENTS:
        ids = [filling.next(_DOCUMENT_ID) for _ in range(_DOCUMENTS[subject])]
        message["documents"] = [a_document(id_, at) for at, id_ in enumerate(ids, start=1)]
    return with_its_documents(shape, message)


def as_service(message: Json, service: Capability) -> Json:
    """The same submission, made to another service as far as that one has the same fields."""
    shape = shape_of_subject(service)
    details = shape.of["details"]
    assert isinstance(details, Fields)  # noqa: S101 - only services have details
    given = message["details"]
    values = {
        name: _of_service(field, given.get(name))
        for name, field in details.of.items()
        if name in given or (isinstance(field, Scalar) and field.fixed)
    }
    return with_its_documents(shape, {**message, "details": values})


def is_valid(message: Json) -> bool:
    """Whether the model allows the message."""
    try:
        downward.validate_python(message)
    except ValidationError:
        return False
    return True


def with_its_documents(shape: Fields, message: Json) -> Json:
    """The message with exactly the documents that its details name, in the order of naming."""
    if "details" not in message:
        return message
    given = {each["id"]: each for each in message.get("documents", ())}
    listed = [
        given.get(id_) or a_document(id_, at)
        for at, id_ in enumerate(_named(shape, message), start=1)
    ]
    return {**message, "documents": listed}


def a_document(id_: str, number: int, *, content: str = "synthetic") -> Json:
    """A small document, PDF or JPEG in turn, that begins as such a file has to."""
    media_type, suffix, beginning = _FILES[number % len(_FILES)]
    data = beginning + f"{content} {id_}".encode()
    return {
        "id": id_,
        "media_type": media_type,
        "sha256": hashlib.sha256(data).hexdigest(),
        "size": len(data),
        "file_name": f"Datei {number}.{suffix}",
        "content": base64.b64encode(data).decode(),
    }


class Filling:
    """Hands out values, no two the same as far as there are enough, in the same order always."""

    def __init__(self, start: int = 1) -> None:
        self._numbers = count(start)

    def next(self, scalar: Scalar) -> Json:
        """The next value of that kind."""
        return scalar.make(next(self._numbers))

    def fill(self, shape: Shape) -> Json:
        """A complete value of that shape."""
        if isinstance(shape, Fields):
            return self.record(shape)
        if isinstance(shape, Items):
            return [self.fill(shape.of) for _ in range(_number_of(shape))]
        if isinstance(shape, Choice):
            return self.fill(shape.options[0])
        return self.next(shape)

    def record(self, shape: Fields, form: tuple[str, ...] | None = None) -> Json:
        """A complete record; where fields exclude each other, in the form that is named."""
        forms = FORMS.get(shape.record)
        names = shape.of if forms is None else forms[0] if form is None else form
        if shape.record is PartialDate:
            # Year, month and day that exist together.
            day = _DAY.make(next(self._numbers))
            return {name: int(part) for name, part in zip(names, day.split("-"), strict=False)}
        return {name: self.fill(shape.of[name]) for name in names}


_DOCUMENTS: Final[Mapping[Capability, int]] = {
    "reply": 2,
    "agreement_reply": 1,
    "receipt_confirmation": 1,
}
"""Documents of messages that have no details to name them."""

_FILES: Final[tuple[tuple[MediaType, str, bytes], ...]] = (
    ("image/jpeg", "jpg", b"\xff\xd8\xff\xe0"),
    ("application/pdf", "pdf", b"%PDF-1.7\n"),
)
_DOCUMENT_ID: Final = scalar(DocumentId, ())
_DAY: Final = scalar(date, ())
_SEVERAL: Final = 2
_FEW: Final = 8


def _of_service(field: Shape, value: Json) -> Json:
    # A service has its own code for what it is for, or its own few codes.
    coded = isinstance(field, Scalar) and bool(field.every)
    return field.make(0) if coded and value not in field.every else value  # type: ignore[union-attr] # a Scalar, see above


def _number_of(items: Items) -> int:
    """As many as a short list can take; of a list without bound, two show the order."""
    if items.most is not None and items.most <= _FEW:
        return items.most
    return max(items.least, _SEVERAL)


def _named(shape: Fields, message: Json) -> Iterator[str]:
    for node in nodes(shape, message):
        if isinstance(node.shape, Scalar) and node.shape.names_document and node.value is not None:
            yield node.value
