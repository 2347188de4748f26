"""Messages to rehearse with: of every kind, made up, the same in each run.

Complete, with required fields only, with every text at its longest, and a sample of messages
that differ from the complete one in a single thing. The proof room makes them from the model.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Final, get_args

from hub.adapter import Capability
from hub.model.details import Service
from hub.model.downward import Downward, downward
from hub.proof.messages import (
    complete,
    is_service,
    is_valid,
    shape_of_subject,
    with_its_documents,
)
from hub.proof.shapes import Choice, Fields, Items, Path, Shape, nodes
from hub.proof.values import Json, Scalar
from hub.proof.variations import groups, replaced, scalars

__all__ = ["Sample", "corpus", "fields_of", "service_of", "subjects_of"]

_SEED: Final = 81
_VARIATIONS: Final = 12
"""Of one kind: the sample finds what is common; `hub adapters check` tries every single one."""

_OF_DOCUMENTS: Final = ("media_type", "file_name", "content")
_SKILLED: Final = "skilled_workers"


@dataclass(frozen=True, slots=True)
class Sample:
    """One message, and what is special about it."""

    what: str
    message: Downward


@cache
def corpus(subject: Capability) -> tuple[Sample, ...]:
    """The messages about `subject`: a service, or a kind of message that follows one."""
    samples: dict[str, Sample] = {}
    for what, raw in _messages(subject):
        message = downward.validate_python(raw)
        samples.setdefault(message.model_dump_json(), Sample(what, message))
    return tuple(samples.values())


@cache
def fields_of(subject: Capability) -> frozenset[str]:
    """Every field that a message about `subject` can have: `submission.details.evidence.*.title`.

    Named as `hub.adapter.Format.lost` names them.
    """
    kind = "submission" if is_service(subject) else subject
    documents = () if subject == "withdrawal" else _OF_DOCUMENTS
    return frozenset(
        (
            *(f"{kind}.{name}" for name in _leaves(shape_of_subject(subject))),
            *(f"{kind}.documents.*.{name}" for name in documents),
        )
    )


def subjects_of(services: tuple[Service, ...], *, back_channel: bool) -> tuple[Capability, ...]:
    """What an authority with these services would be given: submissions, and what follows them."""
    follows: list[Capability] = ["withdrawal"] if services else []
    if services and back_channel:
        follows.append("reply")
    if back_channel and _SKILLED in services:
        follows += ["agreement_reply", "receipt_confirmation"]
    return (*services, *follows)


def service_of(subject: Capability, offered: tuple[Service, ...]) -> Service:
    """The service of the case that a message about `subject` belongs to."""
    if is_service(subject):
        return next(each for each in get_args(Service) if each == subject)
    follows_skilled = subject in ("agreement_reply", "receipt_confirmation")
    return "skilled_workers" if follows_skilled else offered[0]


def _messages(subject: Capability) -> Iterator[tuple[str, Json]]:
    shape, usual = shape_of_subject(subject), complete(subject)
    yield "complete", usual
    yield "required fields only", _least(shape, usual)
    longer = usual
    for node in scalars(shape, usual):
        if isinstance(node.shape, Scalar) and node.shape.text is not None:
            longer = replaced(longer, node.path, node.shape.extremes[0])
    yield "every text at its longest", longer
    variations = [each for group in groups(shape, usual) for each in group.variations]
    chosen = Random(_SEED)  # noqa: S311 - seeded, not secret
    for variation in chosen.sample(variations, min(_VARIATIONS, len(variations))):
        where = ".".join(map(str, variation.node.path))
        yield f"{where} {variation.what}", variation.message


def _least(shape: Fields, message: Json) -> Json:
    """Without everything that may be left out, the largest first."""
    kept: set[Path] = set()
    while True:
        for path, value in _leaving_out(shape, message):
            if path in kept:
                continue
            smaller = with_its_documents(shape, replaced(message, path, value))
            if is_valid(smaller):
                message = smaller
                break
            kept.add(path)
        else:
            return message


def _leaving_out(shape: Fields, message: Json) -> Iterator[tuple[Path, Json]]:
    for node in nodes(shape, message):
        if node.value is None:
            continue
        if isinstance(node.shape, Choice) and node.shape.optional:
            yield node.path, None
        elif isinstance(node.shape, Items) and len(node.value) > node.shape.least:
            yield node.path, node.value[: node.shape.least]


def _leaves(shape: Shape, path: tuple[str, ...] = ()) -> Iterator[str]:
    """The single values of a shape, in all of its forms."""
    match shape:
        case Fields():
            for name, field in shape.of.items():
                yield from _leaves(field, (*path, name))
        case Items():
            yield from _leaves(shape.of, (*path, "*"))
        case Choice():
            for option in shape.options:
                yield from _leaves(option, path)
        case _:
            yield ".".join(path)
