"""The parts that several messages share: names, dates, places, ways to reach somebody.

XAusländer 26.11 takes most of them from XInneres; their children are unqualified. Every
function fills the element it is given or appends to it, and decides nothing else.
"""

from collections.abc import Iterable

from adapters.xauslaender.elements import bare_code, code, each, optional, qualified, unqualified
from hub.model.dates import PartialDate
from hub.model.person import (
    Address,
    Birth,
    BuildingAddress,
    Contact,
    ForeignAddress,
    Name,
    PostBoxAddress,
    TrustLevel,
)
from hub.xml import Element

__all__ = [
    "address",
    "birth",
    "birth_place",
    "building",
    "contact",
    "contacts",
    "foreign_address",
    "gender",
    "name",
    "nationalities",
    "nationality",
    "optional_name",
    "partial_date",
    "partial_date_or_unknown",
    "post_box",
    "trust_level",
]


def name(parent: Element, tag: str, value: Name) -> None:
    """`AllgemeinerName`: the name, or the statement that there is none."""
    element = qualified(parent, tag)
    if value.text is None:
        unqualified(element, "nichtVorhanden", True)
    else:
        unqualified(element, "name", value.text)


def optional_name(parent: Element, tag: str, value: Name | None) -> None:
    """`AllgemeinerName`, only where something was said about it."""
    if value is not None:
        name(parent, tag, value)


def gender(parent: Element, value: str) -> None:
    """`Geschlecht`."""
    bare_code(qualified(qualified(parent, "geschlecht"), "geschlecht"), value)


def birth(parent: Element, tag: str, value: Birth | None) -> None:
    """`Geburt`: place and state where known, the day always, perhaps as unknown."""
    if value is None:
        return
    element = qualified(parent, tag)
    birth_place(element, value.place, value.state)
    partial_date_or_unknown(qualified(element, "tagDerGeburt"), value.day)


def birth_place(parent: Element, place: str | None, state: str | None = None) -> None:
    """`Geburtsort`, only where place or state is known."""
    if place is None and state is None:
        return
    element = qualified(parent, "geburtsort")
    optional(element, "ort", place)
    if state is not None:
        bare_code(qualified(element, "staat"), state)


def partial_date_or_unknown(element: Element, value: PartialDate) -> None:
    """`TeilbekanntesDatumMitUnbekannt`."""
    if value.known:
        partial_date(unqualified(element, "teilbekanntesDatum"), value)
    else:
        unqualified(element, "unbekannt", True)


def partial_date(element: Element, value: PartialDate) -> None:
    """`TeilbekanntesDatum`: as much of the date as is known, at least the year."""
    part = {1: "jahr", 2: "jahrMonat", 3: "jahrMonatTag"}
    lexical = str(value)
    unqualified(element, part[lexical.count("-") + 1], lexical)


def nationalities(parent: Element, values: Iterable[str]) -> None:
    """`AngabenZumStaat`, one per nationality."""
    for value in values:
        nationality(parent, value)


def nationality(parent: Element, value: str | None) -> None:
    """`AngabenZumStaat`, only where the nationality is given."""
    if value is not None:
        outer = qualified(parent, "staatsangehoerigkeit")
        bare_code(qualified(outer, "staatsangehoerigkeit"), value)


def address(element: Element, value: Address) -> None:
    """`PostalischeInlandsanschrift` and its `Basis`: a building or a post-office box."""
    if isinstance(value, BuildingAddress):
        building(unqualified(element, "gebaeude"), value)
    else:
        post_box(unqualified(element, "postfach"), value)


def building(element: Element, value: BuildingAddress) -> None:
    """`Gebaeudeanschrift`."""
    unqualified(element, "hausnummer", value.house_number)
    unqualified(element, "postleitzahl", value.postcode)
    unqualified(element, "strasse", value.street)
    unqualified(element, "wohnort", value.town)


def post_box(element: Element, value: PostBoxAddress) -> None:
    """`Postfachanschrift`."""
    unqualified(element, "postfach", value.number)
    unqualified(element, "postleitzahl", value.postcode)
    unqualified(element, "wohnort", value.town)


def foreign_address(parent: Element, tag: str, value: ForeignAddress | None) -> None:
    """`Auslandsanschrift.Druckbild`: the state, and the lines as printed on an envelope."""
    if value is None:
        return
    element = qualified(parent, tag)
    bare_code(unqualified(element, "staat"), value.state)
    for line in value.lines:
        unqualified(element, "zeile", line)


def contacts(parent: Element, values: Iterable[Contact]) -> None:
    """`kommunikation`, one per way to reach somebody."""
    for value in values:
        contact(qualified(parent, "kommunikation"), value)


def contact(element: Element, value: Contact) -> None:
    """`KommunikationType`."""
    code(unqualified(element, "kanal"), "contact_channel", value.channel)
    unqualified(element, "kennung", value.value)
    if value.note is not None:
        unqualified(element, "zusatz", value.note)


def trust_level(parent: Element, value: TrustLevel | None) -> None:
    """`OZG.Vertrauensniveau`: which fields a trusted identity vouches for."""
    if value is None:
        return
    element = qualified(parent, "vertrauensniveau")
    qualified(element, "vorname", value.first_name)
    qualified(element, "familienname", value.family_name)
    if value.birth_place is not None and value.birth_day is not None:
        born = qualified(element, "geburt")
        qualified(born, "geburtsort", value.birth_place)
        optional(born, "geburtsortStaat", value.birth_state)
        qualified(born, "tagDerGeburt", value.birth_day)
    each(element, "staatsangehoerigkeit", value.nationalities)
    optional(element, "anschrift", value.address)
    each(element, "kommunikation", value.contacts)
