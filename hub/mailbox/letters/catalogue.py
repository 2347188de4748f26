"""The hub's own sentences in one language, by key, with dates and times as its readers write them.

A catalogue is plain data beside this file, so that translators never meet code; anything that
gives a text for a key, such as a gettext catalogue, can stand in for `sentences`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from functools import cache
from importlib.resources import files

from hub.model.downward import Language

__all__ = ["Catalogue", "Value", "catalogue"]

Value = str | int | date | time


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Everything the hub says in one language."""

    language: Language
    sentences: Mapping[str, str]

    def say(self, key: str, values: Mapping[str, Value] | None = None) -> str:
        """The sentence under `key`. What is filled in is taken as it is, never as a template."""
        written = {name: self._written(value) for name, value in (values or {}).items()}
        return self.sentences[key].format_map(written)

    def _written(self, value: Value) -> str | int:
        if isinstance(value, date):
            return self._date(value)
        if isinstance(value, time):
            return self.say("time", {"hour": value.hour, "minute": value.minute})
        return value

    def _date(self, day: date) -> str:
        weekday = self.sentences["weekdays"].split()[day.weekday()]
        month = self.sentences["months"].split()[day.month - 1]
        return self.say(
            "date", {"weekday": weekday, "day": day.day, "month": month, "year": day.year}
        )


@cache
def catalogue(language: Language) -> Catalogue | None:
    """The catalogue of `language`, or None where nobody has written it yet."""
    path = files("hub.mailbox.letters").joinpath("texts", f"{language}.json")
    if not path.is_file():
        return None
    return Catalogue(language, json.loads(path.read_text("utf-8")))
