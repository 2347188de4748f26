"""Golden examples to the authority: written as they stand there, or named where they are not."""

from collections.abc import Mapping
from typing import Final

from pydantic import ValidationError

from hub.adapter import Capability
from hub.model.downward import downward
from hub.model.problems import problems
from hub.proof.examination import Examination, field_name
from hub.proof.golden import TO_AUTHORITY, Example, unlike
from hub.proof.messages import shape_of_subject
from hub.proof.places import without_positions
from hub.proof.report import Fault, Property
from hub.proof.values import Json
from hub.proof.variations import scalars

__all__ = ["compare"]


def compare(examination: Examination, example: Example) -> None:
    """Write the message of one example and compare it with its XML.

    Raises:
        Harmed: a call did harm.
    """
    message = _message(examination, example)
    if message is None or _subject(message) in examination.harmed:
        return
    examination.checked[Property.EXAMPLES] += 1
    written = examination.write(example.name, message, what="golden example")
    difference = None if written is None else unlike(example, written)
    if difference is not None:
        place, expected, found = difference
        known = _fields_by_value(message)
        meant, there = known.get(expected), known.get(found)
        sentence = _sentence(expected, found, meant, there)
        examination.fault(
            Fault(
                Property.EXAMPLES,
                sentence,
                (example.name,),
                field=meant or there,
                element=without_positions(place),
                line=_line(example, expected),
            )
        )


def _message(examination: Examination, example: Example) -> Json | None:
    missing = [each for each in (example.json, example.xml) if not each.exists()]
    if missing:
        sentence = f"{TO_AUTHORITY}/{missing[0].name} is missing; run `hub adapters examples`"
        examination.fault(Fault(Property.EXAMPLES, sentence, (example.name,)))
        return None
    try:
        model = downward.validate_json(example.json.read_bytes())
    except ValidationError as error:
        for field, said in problems(error):
            sentence = f"{example.json.name} is no message of the hub: {said}"
            examination.fault(Fault(Property.EXAMPLES, sentence, (example.name,), field))
        return None
    return model.model_dump(mode="json", exclude_none=True)


def _subject(message: Json) -> Capability:
    subject: Capability = message["details"]["service"] if "details" in message else message["type"]
    return subject


def _sentence(expected: str, found: str, meant: str | None, there: str | None) -> str:
    if meant and there:
        return f"the example has what is in {meant} here, and what is in {there} was written"
    return f"the example has {_short(expected)} here, and {_short(found)} was written"


def _fields_by_value(message: Json) -> Mapping[str, str]:
    """Which field has a value, for values that only one field has."""
    fields: dict[str, list[str]] = {}
    for node in scalars(shape_of_subject(_subject(message)), message):
        fields.setdefault(str(node.value), []).append(field_name(message, node.path))
    return {value: names[0] for value, names in fields.items() if len(names) == 1}


_SHORT: Final = 60


def _short(text: str) -> str:
    return repr(text) if len(text) <= _SHORT else f"{text[:_SHORT]!r}…"


def _line(example: Example, expected: str) -> int | None:
    """The line of the example that holds what was expected, if one does."""
    lines = example.xml.read_text("utf-8").splitlines()
    return next((at for at, line in enumerate(lines, start=1) if f">{expected}<" in line), None)
