import unicodedata

import pytest

from adapters.alster.latin1 import TABLE, transliterate
from hub.model.text import GROUPS, SEQUENCES

ALL = (*"".join(GROUPS.values()), *SEQUENCES)


@pytest.mark.parametrize("letters", ALL)
def test_every_letter_and_sequence_of_din_91379_has_its_place(letters: str) -> None:
    written = transliterate(letters)
    written.encode("iso-8859-1")
    assert written
    assert ("?" in written) is ("?" in letters)


def test_what_iso_8859_1_has_is_left_as_it_is() -> None:
    for letters in ALL:
        if all(ord(one) <= 0xFF for one in letters):
            assert letters not in TABLE
            assert transliterate(letters) == letters
    assert transliterate("Größe ÅÄÖ ÿ ß §µ") == "Größe ÅÄÖ ÿ ß §µ"


def test_a_letter_stays_a_letter_of_the_same_case() -> None:
    for letters in (*GROUPS["latin letters"], *SEQUENCES):
        written = transliterate(letters).strip("'")
        assert written.isalpha(), letters
        first = unicodedata.category(letters[0])
        assert unicodedata.category(written[0]) == first, letters


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Đặng Tấn", "Dang Tân"),
        ("Łukasz Żółć", "Lukasz Zólc"),
        ("İıĲŉŒ", "IiIJ'nOE"),
        ("Nguye\u0302\u0303n", "Nguyên"),
        ("K\u035fH M\u0302", "KH M"),
        ("ǖȫṓẅ", "üöów"),
        ("A\u030b\u1ea0\u0308", "AÄ"),
        ("STRAẞE 5 €", "STRASSE 5 EUR"),
        ("O’Neill", "O'Neill"),
    ],
)
def test_the_nearest_letter_keeps_one_mark_where_it_can(text: str, written: str) -> None:
    assert transliterate(text) == written


def test_what_is_of_neither_is_refused_not_replaced() -> None:
    with pytest.raises(ValueError, match=r"U\+0416"):
        transliterate("Ж")
