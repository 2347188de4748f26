"""Invented people whose names need every letter that German registers know (DIN SPEC 91379).

All are called Muster in some way, so that nobody takes them for real. Over a full set of
samples every letter and every one of the multi-character sequences occurs in some name or
remark: what a translation folds, drops or splits shows at once.
"""

import random
from dataclasses import dataclass
from datetime import date
from typing import Final

from hub.model.codes import ForeignCode
from hub.model.dates import PartialDate
from hub.model.document import Evidence
from hub.model.identifiers import DocumentId
from hub.model.person import (
    Birth,
    BuildingAddress,
    Contact,
    IdentityDocument,
    Name,
    ReferencePerson,
    Representative,
    ResidenceDocument,
    TrustLevel,
)
from hub.model.text import GROUPS, SEQUENCES
from hub.sandbox.papers import Folder

__all__ = [
    "FULL_SET",
    "Invented",
    "address",
    "contacts",
    "evidence",
    "invented",
    "name",
    "parent",
    "partial",
    "passport",
    "placeholder",
    "reference_person",
    "remarks",
    "residence",
    "trust",
]

FULL_SET: Final = 24
"""After so many people every letter and sequence has occurred."""


@dataclass(frozen=True, slots=True)
class Invented:
    """One invented person, as far as all forms ask alike."""

    number: int
    given: str
    family: str
    gender: str
    nationalities: tuple[str, ...]
    birth_place: str
    birth_state: str
    birth_day: date

    @property
    def other_names(self) -> tuple[str, ...]:
        """A former name with the next few of the standard's multi-character sequences."""
        return ("Muster" + "o".join(_share(SEQUENCES, self.number)),)

    @property
    def birth(self) -> Birth:
        """Place, state and full day of birth."""
        return Birth(place=self.birth_place, state=self.birth_state, day=partial(self.birth_day))


def invented(number: int, draw: random.Random) -> Invented:
    """The `number`-th person; `draw` decides the day of birth."""
    given, family, gender, state, place = _PEOPLE[number % len(_PEOPLE)]
    born = date(draw.randrange(1965, 2004), draw.randrange(1, 13), draw.randrange(1, 29))
    several = number % 7 == 3  # up to four nationalities are allowed (XAusländer 26.11, OZG.Person)
    nationalities = (state, "163", "423", "479") if several and state != "163" else (state,)
    return Invented(number, given, family, gender, nationalities, place, state, born)


def partial(day: date) -> PartialDate:
    """A full day in the form for days that may be partial."""
    return PartialDate(year=day.year, month=day.month, day=day.day)


def name(text: str) -> Name:
    """A name that is there."""
    return Name(text=text)


def address(number: int) -> BuildingAddress:
    """A house that no town has."""
    return BuildingAddress(
        street="Straße der erfundenen Muster",
        house_number=f"{number % 90 + 1} {'abc'[number % 3]}",
        postcode=f"{number % 1000:05d}",  # no German postcode is below 01001
        town="Musterstadt am Prüfstein",
    )


def contacts(number: int) -> tuple[Contact, ...]:
    """An address of the reserved domain and a number that cannot be dialled."""
    return (
        Contact(channel="01", value=f"muster.{number}@example.org"),
        Contact(channel="03", value="+49 000 0000000", note="nur Muster"),
    )


def placeholder(topic: str) -> ForeignCode:
    """A code of a list that is not at hand: visibly no list of the field."""
    return ForeignCode(list_uri=f"urn:example:{topic}", list_version="0", code="muster-1")


def passport(folder: Folder, person: Invented) -> IdentityDocument:
    """A passport with one photographed page."""
    return IdentityDocument(
        serial_number=f"MUSTER{person.number:06d}",
        valid_from=date(2022, 5, 1),
        valid_until=date(2032, 4, 30),
        pages=(folder.add_photo("Pass Muster", person.number % FULL_SET),),
    )


def residence(folder: Folder, number: int) -> ResidenceDocument:
    """One of the three proofs of the present stay, in turn."""
    if number % 3 == 0:
        return ResidenceDocument(
            pages=(folder.add_photo("Aufenthaltsdokument Muster", number % 5),)
        )
    if number % 3 == 1:
        return ResidenceDocument(german_document_exists=True)
    return ResidenceDocument(visa_free_entry="Visumfrei eingereist (Muster)")


def trust(number: int) -> TrustLevel | None:
    """Fields that came from a trusted identity, for every second person."""
    if number % 2:
        return None
    return TrustLevel(
        first_name=True,
        family_name=True,
        birth_place=True,
        birth_day=False,
        nationalities=(True,),
        address=False,
        contacts=(True, False),
    )


def parent(folder: Folder, child: Invented) -> Representative:
    """The parent who acts for a minor, with the paper that proves it."""
    return Representative(
        kind=placeholder("vertretungsart"),
        first_name=name("Dženana Sofía"),
        family_name=name(child.family),
        address=address(child.number),
        contacts=contacts(child.number),
        authorisations=(folder.add_pdf("Geburtsurkunde Muster"),),
        gender="w",
        birth_day=date(1984, 2, 29),
    )


def reference_person(person: Invented, relation: str) -> ReferencePerson:
    """The relative whom the applicant joins."""
    return ReferencePerson(
        first_name=name("Őrsi Ḥabība"),
        family_name=name(person.family),
        birth=Birth(place="Musterort", state="000", day=PartialDate(year=1979, month=3)),
        nationalities=("000",),
        relation=relation,
        address=address(person.number),
    )


def evidence(folder: Folder, *titles: str, padding: int = 0) -> tuple[Evidence, ...]:
    """One PDF for each title."""
    return tuple(
        Evidence(document=DocumentId(folder.add_pdf(title, padding=padding)), title=title)
        for title in titles
    )


def remarks(number: int) -> str:
    """Free text with every non-letter group, and this person's share of the letters."""
    letters = "".join(_share(GROUPS["latin letters"], number))
    others = GROUPS["non-letters N1"].strip() + GROUPS["non-letters N2"] + GROUPS["non-letters N3"]
    return (
        f"Frei erfundene Anmerkung Nr.\N{NO-BREAK SPACE}{number}.\r\n"
        f"Buchstaben:\t{letters}\nZeichen:\t{others}\n½ Stelle, 100 €, § 4 (Muster)."
    )


def _share(things: str | tuple[str, ...], number: int) -> list[str]:
    share = -(-len(things) // FULL_SET)
    start = (number % FULL_SET) * share
    return list(things[start : start + share]) or [things[0]]


_PEOPLE: Final = (
    # given, family, gender (x: no statement), state of birth and nationality, place of birth
    ("Jean-Noël", "d’Muster", "m", "129", "Mustér-sur-Mer"),
    ("Đặng Thị Mỹ", "Nguyễn-Mustér", "w", "432", "Mẫu Sơn"),
    ("Þórdís", "Mustersdóttir", "w", "136", "Prófunarvík"),
    ("Łucja Świętosława", "Mustrzyńska", "w", "152", "Próbków"),
    ("İpek Iğıl", "Müsteroğlu", "w", "163", "Örnekşehir"),
    ("Žofie Přibyslava", "Musterová", "w", "164", "Vzorkov nad Řekou"),
    ("Ståle Ødegård", "Mustersen", "m", "149", "Prøvøy"),
    ("Ioana Ștefania", "Mustărescu-Țepeluș", "w", "154", "Mostrești"),
    ("Ġorġ Ħanna", "O'Muster", "m", "145", "Ħal Kampjun"),
    ("ʿAlī Ẓāhir K͟hān", "al-Muṣṭar", "m", "423", "Namūnābād"),
    ("Ēriks Ģirts", "Mustērķis", "m", "139", "Paraugciems"),
    ("Ŧeiva Čáhppe", "Mustár", "x", "128", "Iskosjávri"),
    ("Ọlá Ṣẹgun", "Mustẹrádé", "m", "232", "Àpẹẹrẹ"),
    ("Ərkin Üçgün", "Müsterzadə", "m", "425", "Nümunə"),
    ("Oʾgʾil", "Musteroʿv", "m", "477", "Namunaobod"),
    ("Zoë Ĳsbrand", "van der Muster", "d", "148", "Voorbeeld aan Zee"),
    ("Ñusta Inés", "Músterez y Muéstrez", "w", "361", "Ejemplo de la Sierra"),
    ("Čedomir Njegoš", "Mustarević", "m", "170", "Uzorkovac"),
    ("Ākāśa R̥ṣi", "Mustaraśarmā", "m", "436", "Namūnāpura"),
    ("Łéł M̀kọ", "Mus̱ter", "x", "224", "M̂usterville"),
    ("Ķēniņš Ūdris", "Mus̄teris", "m", "142", "Pavyzdžiai"),
    ("Ŵynne Ŷ.", "ap Muster", "d", "135", "Sampla"),
    ("Yuliya Č̕ern̂a", "Musterenkova", "w", "166", "Zrazkove"),
    ("C̆ap Z̧ija", "Mu‡ster", "m", "121", "Shembull"),
)
