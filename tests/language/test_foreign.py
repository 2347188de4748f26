import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from hub.language.foreign import isolated, without_controls

FSI, PDI = "\u2068", "\u2069"
CONTROLS = frozenset(map(chr, (*range(0x202A, 0x202F), *range(0x2066, 0x206A))))
TEXTS = st.text(
    st.sampled_from("Aß7 .!«»()\u05d0\u0627\r\n\x1c\x85\u2029")
    | st.sampled_from(sorted(CONTROLS))
    | st.characters(exclude_categories=["Cs"])
)


@given(TEXTS)
def test_nothing_but_controls_of_direction_is_taken_from_a_text(text: str) -> None:
    assert without_controls(text) == "".join(each for each in text if each not in CONTROLS)


@given(TEXTS)
def test_an_isolate_begins_and_ends_within_one_line(text: str) -> None:
    depth = 0
    for letter in isolated(without_controls(text)):
        depth += (letter == FSI) - (letter == PDI)
        assert 0 <= depth <= 1
        if unicodedata.bidirectional(letter) == "B":
            assert depth == 0
    assert depth == 0


@given(TEXTS)
def test_isolates_are_all_that_is_added(text: str) -> None:
    plain = without_controls(text)
    assert isolated(plain).replace(FSI, "").replace(PDI, "") == plain
