"""What a form is filled in from: who applies, and what is special about the case."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from hub.model.dates import PartialDate
from hub.model.person import Birth, Name
from hub.sandbox import people
from hub.sandbox.papers import Folder

__all__ = ["Draft"]

_CHILD_BORN_ON: Final = date(2022, 2, 28)


@dataclass(frozen=True, slots=True)
class Draft:
    """Who applies, and what is special about it. `padding` weighs each evidence document."""

    person: people.Invented
    folder: Folder
    minor: bool = False
    only_year_of_birth: bool = False
    no_first_name: bool = False
    padding: int = 0

    @property
    def number(self) -> int:
        """Counts the submissions; decides between the variants of a form."""
        return self.person.number

    @property
    def first_name(self) -> Name:
        """The first name, or that there is none."""
        return Name(absent=True) if self.no_first_name else people.name(self.person.given)

    @property
    def birth(self) -> Birth:
        """Birth as far as the papers tell it."""
        if self.only_year_of_birth:
            return Birth(day=PartialDate(year=self.person.birth_day.year))
        if self.minor:
            return Birth(place=self.person.birth_place, day=people.partial(_CHILD_BORN_ON))
        return self.person.birth
