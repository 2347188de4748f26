import json
import unicodedata
from importlib.resources import files
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from hub.model.problems import problems
from hub.model.text import GROUPS, SEQUENCES, LongText, Text, count, normalise

LETTERS = [*GROUPS["latin letters"], *SEQUENCES]
NON_LETTERS = "".join(text for name, text in GROUPS.items() if name != "latin letters")
TEXT = TypeAdapter(Text)
# Neither a letter of the norm nor able to become one by joining its neighbour.
FOREIGN = ["Ж", "ש", "字", "😀", "\u00ad", "\x01", "\u2028", "–", "„", "ﬁ", "�", "Ω"]


def test_the_norm_has_500_letters_and_149_sequences() -> None:
    assert len(set(GROUPS["latin letters"])) == 500
    assert len(set(SEQUENCES)) == 149
    assert all(len(sequence) > 1 for sequence in SEQUENCES)


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_every_letter_and_sequence_passes_and_comes_out_composed(
    form: Literal["NFC", "NFD"],
) -> None:
    for letter in LETTERS:
        assert normalise(unicodedata.normalize(form, letter)) == letter


def test_every_other_character_of_the_norm_passes_as_it_is() -> None:
    assert normalise(NON_LETTERS) == NON_LETTERS


def test_every_letter_counts_as_one() -> None:
    assert [letter for letter in LETTERS if count(f"a{letter}b") != 3] == []


@given(st.lists(st.sampled_from([*LETTERS, *NON_LETTERS]), max_size=30))
def test_any_text_of_the_norm_passes_and_normalising_again_changes_nothing(
    parts: list[str],
) -> None:
    once = normalise("".join(parts))
    assert normalise(once) == once
    assert normalise(unicodedata.normalize("NFD", once)) == once
    assert count(once) == len(parts)


@pytest.mark.parametrize("foreign", FOREIGN, ids=lambda character: f"U+{ord(character):04X}")
def test_a_foreign_character_is_named_by_code_point_and_place_without_the_text(
    foreign: str,
) -> None:
    with pytest.raises(ValueError, match="DIN SPEC 91379") as refused:
        normalise(f"Müller{foreign}")
    assert f"character 7 (U+{ord(foreign):04X})" in str(refused.value)
    assert "Müller" not in str(refused.value)
    assert foreign not in str(refused.value)


def test_the_place_of_a_foreign_character_is_counted_in_letters() -> None:
    assert SEQUENCES[0] != SEQUENCES[1]
    with pytest.raises(ValueError, match=r"character 3 \(U\+0416\)"):
        normalise(f"{SEQUENCES[0]}{SEQUENCES[1]}Ж")


def test_a_mark_that_makes_no_sequence_of_the_norm_is_foreign() -> None:
    assert "q̂" not in SEQUENCES
    with pytest.raises(ValueError, match=r"character 2 \(U\+0302\)"):
        normalise("q̂")


@pytest.mark.parametrize("blank", ["", " ", "\t\n"])
def test_an_empty_text_is_refused(blank: str) -> None:
    # XInneres, error S030
    with pytest.raises(ValidationError) as refused:
        TEXT.validate_python(blank)
    assert problems(refused.value) == [("", "must not be empty")]


def test_the_bound_counts_letters_however_they_are_written() -> None:
    letter = max(SEQUENCES, key=len)
    text = letter * 1000
    assert TEXT.validate_python(unicodedata.normalize("NFD", text)) == text
    with pytest.raises(ValidationError) as refused:
        TEXT.validate_python(text + "a")
    assert problems(refused.value) == [("", "is longer than 1000 letters")]
    assert TypeAdapter(LongText).validate_python(text + "a") == text + "a"


def test_the_list_says_where_it_comes_from() -> None:
    data = json.loads(files("hub.model").joinpath("din91379.json").read_text("utf-8"))
    assert data["source"].startswith("DIN-91379-Characters-and-Sequences")
