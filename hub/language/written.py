"""Dates, times and numbers as the readers of a language write them.

Dates are Gregorian in every language, as on the authority's own paper. In Arabic and Persian the
names of its months differ from country to country, and many readers of Persian count by another
calendar: there the day stands a second time in figures, as German offices write it. Times are those
of the 24-hour clock. Digits are Western throughout, so that they can be compared with the paper.
"""

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Final
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time, get_datetime_format
from babel.numbers import format_decimal

from hub.model.downward import Language

__all__ = ["written"]

_CLOCK: Final = "HH:mm"
_GERMANY: Final = ZoneInfo("Europe/Berlin")

_LOCALES: Final[Mapping[Language, str]] = {"en": "en_GB"}
_DAYS: Final[Mapping[Language, str]] = {
    "ar": "EEEE، d MMMM y (dd.MM.y)",
    "fa": "EEEE d MMMM y 'میلادی' (dd.MM.y)",
}


def written(value: date | time | int, language: Language) -> str:
    """`value` in `language`; an aware date-time by the clock of Germany."""
    locale = _LOCALES.get(language, language)
    match value:
        case datetime():
            there = value.astimezone(_GERMANY)
            together = str(get_datetime_format("medium", locale))
            return together.format(written(there.time(), language), written(there.date(), language))
        case date():
            return format_date(value, _pattern(value, language), locale)
        case time():
            return format_time(value, _CLOCK, locale=locale)
        case _:
            return format_decimal(value, locale=locale)


def _pattern(day: date, language: Language) -> str:
    if language == "fr" and day.day == 1:  # The first is "1er", which CLDR has no pattern for.
        return "EEEE d'er' MMMM y"
    return _DAYS.get(language, "full")
