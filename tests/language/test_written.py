from datetime import UTC, date, datetime, time
from typing import get_args

import pytest

from hub.language.written import written
from hub.model.downward import Language

LANGUAGES: tuple[Language, ...] = get_args(Language)
LAST_DAY = date(2026, 11, 30)


@pytest.mark.parametrize(
    ("language", "day"),
    [
        ("de", "Montag, 30. November 2026"),
        ("en", "Monday, 30 November 2026"),
        ("fr", "lundi 30 novembre 2026"),
        ("es", "lunes, 30 de noviembre de 2026"),
        ("tr", "30 Kasım 2026 Pazartesi"),
        ("ru", "понедельник, 30 ноября 2026\N{NARROW NO-BREAK SPACE}г."),
        ("uk", "понеділок, 30 листопада 2026\N{NARROW NO-BREAK SPACE}р."),
        ("ar", "الاثنين، 30 نوفمبر 2026 (30.11.2026)"),
        ("fa", "دوشنبه 30 نوامبر 2026 میلادی (30.11.2026)"),
    ],
)
def test_a_day_is_written_as_its_readers_write_it(language: Language, day: str) -> None:
    assert written(LAST_DAY, language) == day


def test_the_first_of_a_month_is_written_as_french_has_it() -> None:
    assert written(date(2027, 1, 1), "fr") == "vendredi 1er janvier 2027"
    assert written(date(2027, 1, 31), "fr") == "dimanche 31 janvier 2027"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "day", [date(2027, 1, 1), date(2028, 2, 29), date(2026, 3, 8), date(2026, 12, 31)]
)
def test_every_day_is_gregorian_and_in_western_digits(language: Language, day: date) -> None:
    figures = [letter for letter in written(day, language) if letter.isdigit()]
    assert "".join(figures).startswith(f"{day.day}{day.year}")


@pytest.mark.parametrize("language", LANGUAGES)
def test_times_are_those_of_the_24_hour_clock(language: Language) -> None:
    assert written(time(9, 5), language) == "09:05"
    assert written(time(21), language) == "21:00"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_moment_is_shown_by_the_clock_of_germany(language: Language) -> None:
    moment = written(datetime(2026, 12, 31, 23, 30, tzinfo=UTC), language)
    assert written(date(2027, 1, 1), language) in moment
    assert "00:30" in moment


def test_numbers_are_grouped_as_readers_group_them() -> None:
    assert written(12345, "de") == "12.345"
    assert written(12345, "en") == "12,345"
    assert written(12345, "fa") == "12,345"
