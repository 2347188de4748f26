"""130201 Verpflichtungserklärung: a host vouches for a guest's costs, § 66(2) AufenthG."""

from collections.abc import Iterable
from typing import Final

from adapters.xauslaender.documents import Documents
from adapters.xauslaender.elements import foreign_code, optional, qualified
from adapters.xauslaender.host import fill_institution, fill_private_host
from adapters.xauslaender.parts import (
    address,
    birth,
    foreign_address,
    gender,
    nationality,
    optional_name,
)
from hub.model.sponsor import (
    FurtherGuest,
    Guest,
    GuestStay,
    Institution,
    LongStay,
    PrivateHost,
    ShortStay,
    SponsorshipDeclaration,
)
from hub.xml import Element

__all__ = ["fill_sponsorship"]

_STAY_ELEMENTS: Final = {
    "c_visa": "cVisum",
    "visa_free": "visumfrei",
    "d_visa": "dVisum",
    "residence_title": "aufenthaltstitel",
}


def fill_sponsorship(
    message: Element, declaration: SponsorshipDeclaration, documents: Documents
) -> None:
    """Append what 130201 has after its base type."""
    optional(message, "rechtsverbindlicheVE", declaration.legally_binding)
    _host(qualified(message, "gastgeber"), declaration.host, documents)
    _guest(qualified(message, "gast"), declaration.guest)
    documents.embed(qualified(message, "zusammenfassungBelehrung"), declaration.summary)


def _host(element: Element, host: PrivateHost | Institution, documents: Documents) -> None:
    if isinstance(host, PrivateHost):
        fill_private_host(qualified(element, "privat"), host, documents)
    else:
        fill_institution(qualified(element, "institutionell"), host, documents)


def _guest(element: Element, guest: Guest) -> None:
    _stay(qualified(element, "aufenthaltVisum"), guest.stay)
    optional(element, "sonstigeAnmerkungen", guest.remarks)
    optional(element, "voraussichtlichesEinreisedatum", guest.expected_entry)
    optional(element, "krankenversicherung", guest.health_insurance)
    optional(element, "unterkunftskosten", guest.accommodation_costs)
    optional_name(element, "familienname", guest.family_name)
    optional_name(element, "vorname", guest.first_name)
    nationality(element, guest.nationality)
    _guest_address(qualified(element, "anschrift"), guest)
    foreign_address(element, "anschriftAusland", guest.address_abroad)
    birth(element, "geburt", guest.birth)
    optional(element, "reisepassnummer", guest.passport_number)
    foreign_code(element, "beziehungZumGastgeber", guest.relation_to_host)
    _further_guests(element, guest.further_guests)
    optional_name(element, "geburtsname", guest.birth_name)
    gender(element, guest.gender)


def _stay(element: Element, stay: GuestStay) -> None:
    if isinstance(stay, ShortStay):
        kind = qualified(element, _STAY_ELEMENTS[stay.kind])
        foreign_code(kind, "cVisum", stay.code)
        optional(kind, "zweck", stay.purpose)
        optional(kind, "aufenthaltsdauer", stay.days)
    elif isinstance(stay, LongStay):
        kind = qualified(element, _STAY_ELEMENTS[stay.kind])
        foreign_code(kind, "dVisum", stay.code)
        foreign_code(kind, "ausbildungszweck", stay.training_purpose)
        optional(kind, "aufenthaltsdauer", stay.duration)
    else:
        qualified(element, "sonstiges", stay.text)


def _guest_address(element: Element, guest: Guest) -> None:
    if guest.address is None:
        qualified(element, "anschriftWieGastgeber", True)
    else:
        address(qualified(element, "abweichendeAnschrift"), guest.address)


def _further_guests(parent: Element, values: Iterable[FurtherGuest]) -> None:
    for value in values:
        element = qualified(parent, "weitereGaeste")
        optional_name(element, "vorname", value.first_name)
        optional_name(element, "familienname", value.family_name)
        birth(element, "geburt", value.birth)
        foreign_code(element, "beziehungZumGast", value.relation_to_guest)
        optional(element, "sonstigeAnmerkungen", value.remarks)
        optional_name(element, "geburtsname", value.birth_name)
        gender(element, value.gender)
        nationality(element, value.nationality)
