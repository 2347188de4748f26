"""People, as records without depth: name, birth, address and papers are their attributes."""

from collections.abc import Iterable

from adapters.isar.documents import refer_each
from adapters.isar.elements import Values, add, add_each
from adapters.isar.tables import CHANNELS, GENDERS, MARITAL_STATUSES, RELATIONS
from hub.model.details import FamilyMember, SkilledWorker
from hub.model.person import (
    Address,
    Birth,
    BuildingAddress,
    Contact,
    ForeignAddress,
    Name,
    Person,
    ReferencePerson,
    Representative,
)
from hub.xml import Element

__all__ = [
    "add_abroad",
    "add_applicant",
    "add_contacts",
    "add_family_member",
    "add_nationalities",
    "add_relatives",
    "add_representative",
    "add_worker",
    "address",
    "birth",
    "name",
]


def add_applicant(parent: Element, person: Person) -> None:
    """`Applicant`."""
    _fill(add(parent, "Applicant", _about(person)), person)


def add_worker(parent: Element, worker: SkilledWorker) -> None:
    """`Worker`: a person, and an address abroad."""
    element = add(parent, "Worker", _about(worker) | _state(worker.address_abroad))
    _fill(element, worker)
    add_abroad(element, worker.address_abroad)


def add_family_member(parent: Element, member: FamilyMember) -> None:
    """`FamilyMember`: a person, how they belong to the worker, and an address abroad."""
    relation: Values = {"relation": RELATIONS.word(member.relation)}
    element = add(parent, "FamilyMember", relation | _about(member) | _state(member.address_abroad))
    _fill(element, member)
    add_abroad(element, member.address_abroad)


def add_representative(parent: Element, value: Representative | None) -> None:
    """`Representative`, where somebody acts for the applicant."""
    if value is None:
        return
    element = add(
        parent,
        "Representative",
        {
            "kind": value.kind,
            **name("firstName", value.first_name),
            **name("familyName", value.family_name),
            "gender": GENDERS.word(value.gender),
            "birthDate": value.birth_day,
            "company": value.company,
            **address(value.address),
            **address(value.post_box),
        },
    )
    add_contacts(element, value.contacts)
    refer_each(element, "Authorisation", value.authorisations)


def add_relatives(parent: Element, values: Iterable[ReferencePerson]) -> None:
    """`Relative`, one for each person whom the applicant joins or lives with."""
    for value in values:
        element = add(
            parent,
            "Relative",
            {
                "relation": RELATIONS.word(value.relation),
                **name("firstName", value.first_name),
                **name("familyName", value.family_name),
                **birth(value.birth),
                **address(value.address),
            },
        )
        add_nationalities(element, value.nationalities)


def add_contacts(parent: Element, values: Iterable[Contact]) -> None:
    """`Contact`, one for each way to reach somebody."""
    for value in values:
        channel = CHANNELS.word(value.channel)
        add(parent, "Contact", {"channel": channel, "value": value.value, "note": value.note})


def add_nationalities(parent: Element, values: Iterable[str]) -> None:
    """`Nationality`, one for each."""
    for value in values:
        add(parent, "Nationality", {"state": value})


def add_abroad(parent: Element, value: ForeignAddress | None) -> None:
    """`AbroadLine`, one for each line of an address as printed on an envelope."""
    if value is not None:
        add_each(parent, "AbroadLine", value.lines)


def name(attribute: str, value: Name | None) -> Values:
    """A name, or that there is none: `firstName`, or else `firstNameMissing`."""
    if value is None:
        return {}
    return {attribute: value.text, f"{attribute}Missing": True if value.absent else None}


def birth(value: Birth | None) -> Values:
    """The day always, perhaps as unknown."""
    if value is None:
        return {}
    return {"birthDate": value.day, "birthPlace": value.place, "birthState": value.state}


def address(value: Address | None) -> Values:
    """A house or a post-office box; somebody may have both."""
    if value is None:
        return {}
    if isinstance(value, BuildingAddress):
        return {
            "street": value.street,
            "houseNumber": value.house_number,
            "postcode": value.postcode,
            "town": value.town,
        }
    return {"box": value.number, "boxPostcode": value.postcode, "boxTown": value.town}


def _state(abroad: ForeignAddress | None) -> Values:
    return {} if abroad is None else {"abroadState": abroad.state}


def _about(person: Person) -> Values:
    return {
        **name("firstName", person.first_name),
        **name("familyName", person.family_name),
        "gender": GENDERS.word(person.gender),
        **birth(person.birth),
        "maritalStatus": MARITAL_STATUSES.word(person.marital_status),
        "maritalStatusSince": person.marital_status_since,
        "livingApart": person.living_apart,
        **address(person.address),
        **_stay(person),
        **_passport(person),
    }


def _stay(person: Person) -> Values:
    if (papers := person.residence_document) is None:
        return {}
    return {
        "visaFreeEntry": papers.visa_free_entry,
        "hasGermanDocument": papers.german_document_exists,
    }


def _passport(person: Person) -> Values:
    if (passport := person.passport) is None:
        return {}
    return {
        "passportNumber": passport.serial_number,
        "passportFrom": passport.valid_from,
        "passportUntil": passport.valid_until,
    }


def _fill(element: Element, person: Person) -> None:
    add_each(element, "OtherName", person.other_names)
    add_nationalities(element, person.nationalities)
    add_contacts(element, person.contacts)
    if person.residence_document is not None:
        refer_each(element, "ResidencePage", person.residence_document.pages)
    if person.passport is not None:
        refer_each(element, "PassportPage", person.passport.pages)
