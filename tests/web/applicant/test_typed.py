import pytest

from hub.model.text import normalise
from hub.web.applicant.typed import typed


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ("Đặng Thị Mỹ\r\nK͟hān", "Đặng Thị Mỹ\nK͟hān"),
        ("„Ja“ – ‚nein‘ — “x” …", '"Ja" - \'nein\' - "x" ...'),
        ("a\u202fb\u200f\u2068c\u2069\ufeff", "a bc"),
        ("  e\u0301  ", "é"),
        ("", ""),
    ],
)
def test_marks_are_brought_to_those_that_systems_take_and_letters_stay(
    given: str, sent: str
) -> None:
    assert typed(given) == (sent, ())
    assert normalise(sent) == sent


@pytest.mark.parametrize(
    ("given", "foreign"),
    [("да, Ада", "даА"), ("Ja 🙂🙂", "🙂"), ("ab\x00c", "\x00"), ("نعم", "نعم")],
)
def test_what_no_system_takes_is_named_once(given: str, foreign: str) -> None:
    assert typed(given)[1] == tuple(foreign)
