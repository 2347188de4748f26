"""The samples of the demo as a table: who applies where, for what, and how it goes.

Five groups, one for each way an application may go (`hub.sandbox.script` tells the ways apart by
the number modulo five), each with one row for every adapter and version, two of the fast-track
procedure - an odd number ends in an approval, an even one is ended -, and one for what usually
goes wrong. Rows begin at different systems, so that a few samples reach them all.
"""

from dataclasses import dataclass
from typing import Final

from hub.model.details import Service
from hub.model.downward import Language
from hub.sandbox.script import Reaction

__all__ = ["COUNT", "Variant", "variant"]

_MIB: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Variant:
    """One sample in the making. `system`: where it goes if that takes it, else anywhere."""

    service: Service
    system: str
    language: Language
    story: str
    reaction: Reaction = "reply"
    by_place: bool = False
    back_channel: bool = True
    test: bool = False
    minor: bool = False
    only_year_of_birth: bool = False
    no_first_name: bool = False
    padding: int = 0


_ANSWERS: Final = (
    Variant("employment", "spree", "fr", "answers with a contract, by place", by_place=True),
    Variant("settlement", "mitte", "de", "documents of more than 50 MB", padding=19 * _MIB),
    Variant("work_permission", "alster", "fa", "training while tolerated"),
    Variant("family", "alster_neu", "ar", "joins the spouse"),
    Variant("protection", "isar", "uk", "has no first name", no_first_name=True),
    Variant("skilled_workers", "spree", "de", "ended by the authority"),
    Variant("skilled_workers", "spree", "en", "up to the preliminary approval"),
    Variant("sponsorship", "sued", "tr", "a private host"),
)
_BOOKS_ONLINE: Final = (
    Variant("employment", "nord", "de", "first title, by the authority's key"),
    Variant("family", "alster", "tr", "a child, represented by its mother", minor=True),
    Variant("sponsorship", "alster_neu", "en", "an association as host"),
    Variant("free_movement", "isar", "es", "residence card"),
    Variant("settlement", "spree", "uk", "by place", by_place=True),
    Variant("skilled_workers", "nord", "en", "ended by the authority"),
    Variant("skilled_workers", "nord", "de", "up to the preliminary approval"),
    Variant("work_permission", "sued", "ru", "without back-channel", back_channel=False),
)
_WITHDRAWS: Final = (
    Variant("education", "alster", "fr", "withdraws when asked", "withdrawal"),
    Variant("protection", "alster_neu", "ru", "withdraws when asked", "withdrawal"),
    Variant("conditions", "isar", "es", "withdraws when asked", "withdrawal"),
    Variant("family", "spree", "ar", "withdraws when asked", "withdrawal"),
    Variant("work_permission", "mitte", "fa", "withdraws when asked", "withdrawal"),
    Variant("skilled_workers", "alster", "de", "up to the preliminary approval"),
    Variant("skilled_workers", "alster", "tr", "ended by the authority"),
    Variant("employment", "probe", "de", "marked as a test", "withdrawal", test=True),
)
_IS_REFUSED: Final = (
    Variant("employment", "alster_neu", "en", "a refusal is intended"),
    Variant("family", "isar", "de", "documents too heavy for one message", padding=3 * _MIB),
    Variant("conditions", "spree", "es", "a refusal is intended"),
    Variant("education", "sued", "ar", "only the year of birth is known", only_year_of_birth=True),
    Variant("protection", "alster", "uk", "a refusal is intended, by place", by_place=True),
    Variant("skilled_workers", "alster_neu", "de", "ended by the authority"),
    Variant("skilled_workers", "alster_neu", "fr", "up to the preliminary approval"),
    Variant("settlement", "nord", "en", "a refusal is intended"),
)
_WENT_WRONG: Final = (
    Variant("employment", "isar", "de", "the wrong authority, by place", by_place=True),
    Variant("free_movement", "spree", "fr", "the wrong authority"),
    Variant("protection", "nord", "fa", "no first name, year of birth", no_first_name=True,
            only_year_of_birth=True),
    Variant("conditions", "alster", "tr", "the wrong authority"),
    Variant("protection", "alster_neu", "ru", "the wrong authority, by place", by_place=True),
    Variant("skilled_workers", "isar", "es", "up to the preliminary approval"),
    Variant("skilled_workers", "isar", "en", "ended by the authority"),
    Variant("education", "mitte", "uk", "the wrong authority"),
)  # fmt: skip

_GROUPS: Final = (_ANSWERS, _BOOKS_ONLINE, _WITHDRAWS, _IS_REFUSED, _WENT_WRONG)

COUNT: Final = sum(len(group) for group in _GROUPS)
"""How many there are; with so many samples every conversation is held with every adapter."""


def variant(number: int) -> Variant:
    """The variant of the sample with this number, from 1; after the last comes the first again."""
    group = _GROUPS[number % len(_GROUPS)]
    return group[(number - 1) // len(_GROUPS) % len(group)]
