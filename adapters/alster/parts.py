"""The parts that many kinds of people have: names, birth, places, ways to reach them.

Each function appends to the entry that it is given, and nothing where nothing is known.
"""

from collections.abc import Iterable
from typing import Final

from adapters.alster.sheet import Sheet
from hub.model.person import (
    Address,
    Birth,
    BuildingAddress,
    Contact,
    ForeignAddress,
    Name,
    RepresentativeTrust,
    TrustLevel,
)
from hub.model.sponsor import InstitutionTrust
from hub.xml import Element

__all__ = [
    "add_address",
    "add_address_abroad",
    "add_birth",
    "add_contacts",
    "add_names",
    "add_nationalities",
    "add_trust",
]

_TRUSTED: Final = {
    "first_name": "VORNAME",
    "family_name": "NACHNAME",
    "birth_place": "GEBURTSORT",
    "birth_state": "GEBURTSSTAAT",
    "birth_day": "GEBURTSTAG",
    "nationalities": "STAATSANGEHOERIGKEIT",
    "address": "ANSCHRIFT",
    "contacts": "KONTAKT",
    "company": "FIRMA",
    "name": "FIRMA",
}


def add_names(
    sheet: Sheet, entry: Element, first: Name | None, family: Name | None, born: Name | None = None
) -> None:
    """Names as far as something was said about them, perhaps that there is none."""
    for tag, value in (("Vorname", first), ("Nachname", family), ("Geburtsname", born)):
        if value is not None and value.absent:
            sheet.dialect.add(entry, tag, fehlt=True)
        elif value is not None:
            sheet.dialect.add(entry, tag, value.text)


def add_birth(sheet: Sheet, entry: Element, value: Birth | None) -> None:
    """`Geburt`, where anything is known of it."""
    if value is None:
        return
    element = sheet.dialect.add(entry, "Geburt")
    sheet.dialect.add(element, "Tag", value.day)
    sheet.dialect.optional(element, "Ort", value.place)
    sheet.dialect.optional(element, "Staat", value.state)


def add_nationalities(sheet: Sheet, entry: Element, values: Iterable[str]) -> None:
    """`Staatsangehoerigkeit`, one for each."""
    for value in values:
        sheet.dialect.add(entry, "Staatsangehoerigkeit", value)


def add_address(sheet: Sheet, parent: Element, value: Address | None) -> None:
    """`Anschrift`: a house or a post-office box, where there is one."""
    if value is None:
        return
    element = sheet.dialect.add(parent, "Anschrift")
    if isinstance(value, BuildingAddress):
        sheet.dialect.add(element, "Strasse", value.street)
        sheet.dialect.add(element, "Hausnummer", value.house_number)
    else:
        sheet.dialect.add(element, "Postfach", value.number)
    sheet.dialect.add(element, "Plz", value.postcode)
    sheet.dialect.add(element, "Ort", value.town)


def add_address_abroad(sheet: Sheet, entry: Element, value: ForeignAddress | None) -> None:
    """`Auslandsanschrift`, where there is one."""
    if value is None:
        return
    element = sheet.dialect.add(entry, "Auslandsanschrift", staat=value.state)
    for line in value.lines:
        sheet.dialect.add(element, "Zeile", line)


def add_contacts(sheet: Sheet, parent: Element, values: Iterable[Contact]) -> None:
    """`Erreichbarkeit`, one per way to reach somebody."""
    for value in values:
        element = sheet.dialect.add(parent, "Erreichbarkeit", art=value.channel)
        sheet.dialect.add(element, "Wert", value.value)
        sheet.dialect.optional(element, "Hinweis", value.note)


def add_trust(
    sheet: Sheet,
    entry: Element,
    value: TrustLevel | RepresentativeTrust | InstitutionTrust | None,
) -> None:
    """`Vertrauen`: which fields a trusted identity vouches for; not in version 3."""
    if value is None or not sheet.dialect.has_trust:
        return
    element = sheet.dialect.add(entry, "Vertrauen")
    for field in type(value).model_fields:
        said = getattr(value, field)
        for trusted in said if isinstance(said, tuple) else (said,):
            if trusted is not None:
                sheet.dialect.add(element, "Merkmal", trusted, art=_TRUSTED[field])
