"""The proof walks the whole model: what it does not fill or change, it does not prove."""

from collections.abc import Iterator

import pytest

from hub.adapter import Capability
from hub.model.downward import downward
from hub.proof.examination import dotted
from hub.proof.messages import SUBJECTS, complete, shape_of_subject
from hub.proof.shapes import Choice, Fields, Items, Shape
from hub.proof.values import Scalar
from hub.proof.variations import exchanges, groups, longest


def fields(shape: Shape, path: str) -> Iterator[str]:
    """Every single value that a message of that shape can have."""
    if isinstance(shape, Choice):
        for option in shape.options:
            yield from fields(option, path)
    elif isinstance(shape, Items):
        yield from fields(shape.of, f"{path}.*")
    elif isinstance(shape, Fields):
        for name, field in shape.of.items():
            yield from fields(field, f"{path}.{name}")
    elif not (shape.names_document or _says_only_which_it_is(shape)):
        yield path


def _says_only_which_it_is(scalar: Scalar) -> bool:
    """A service or a member of a union: it is changed with all that makes it."""
    return scalar.fixed and isinstance(scalar.every[0], str)


@pytest.mark.parametrize("subject", SUBJECTS)
def test_every_field_of_the_model_is_changed(subject: Capability) -> None:
    shape, message = shape_of_subject(subject), complete(subject)
    changed = {
        dotted(variation.message, path)
        for group in groups(shape, message)
        for variation in group.variations
        for path in variation.fields
    }
    assert set(fields(shape, message["type"])) - changed == set()


@pytest.mark.parametrize("subject", SUBJECTS)
def test_every_message_is_one_that_the_model_allows(subject: Capability) -> None:
    shape, message = shape_of_subject(subject), complete(subject)
    downward.validate_python(message)
    for group in groups(shape, message):
        for variation in group.variations:
            assert variation.message != group.base
            assert variation.fields
            downward.validate_python(variation.message)


def test_no_two_values_of_a_complete_message_are_the_same_text() -> None:
    shape, message = shape_of_subject("sponsorship"), complete("sponsorship")
    pairs = list(exchanges(shape, message))
    assert len(pairs) > 100
    for one, other, exchanged in pairs:
        assert one.value != other.value
        assert exchanged != message


def test_the_longest_text_is_as_long_as_the_model_allows() -> None:
    shape, message = shape_of_subject("reply"), complete("reply")
    [variation] = longest(shape, message)
    text = variation.message["text"]
    assert len(text) > 20_000  # one letter of it has two code points
    with pytest.raises(ValueError, match="longer than 20000"):
        downward.validate_python(message | {"text": text + "a"})


def test_a_kind_of_value_tells_its_fixed_ones() -> None:
    shape = shape_of_subject("employment")
    details = shape.of["details"]
    assert isinstance(details, Fields)
    residence_reason = details.of["residence_reason"]
    assert isinstance(residence_reason, Scalar)
    assert residence_reason.fixed
