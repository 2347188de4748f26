"""People and what belongs to them: names, birth, addresses, papers, who acts for whom."""

from collections.abc import Iterable

from adapters.spree.documents import Documents
from adapters.spree.elements import Value, add, add_code, add_each, add_text
from adapters.spree.tables import CHANNELS, GENDERS, MARITAL_STATUSES, RELATIONS
from hub.model.details import FamilyMember, SkilledWorker
from hub.model.person import (
    Address,
    Birth,
    BuildingAddress,
    Contact,
    ForeignAddress,
    IdentityDocument,
    Name,
    Person,
    ReferencePerson,
    Representative,
    ResidenceDocument,
)
from hub.xml import Element

__all__ = [
    "add_address",
    "add_address_abroad",
    "add_birth",
    "add_contacts",
    "add_family_member",
    "add_name",
    "add_person",
    "add_reference_persons",
    "add_representative",
    "add_worker",
]


def add_person(parent: Element, person: Person, documents: Documents) -> None:
    """`Person`."""
    _fill(add(parent, "Person", **_about(person)), person, documents)


def add_worker(parent: Element, worker: SkilledWorker, documents: Documents) -> None:
    """`Fachkraft`: a person, and an address abroad."""
    element = add(parent, "Fachkraft", **_about(worker))
    _fill(element, worker, documents)
    add_address_abroad(element, worker.address_abroad)


def add_family_member(parent: Element, member: FamilyMember, documents: Documents) -> None:
    """`Angehoeriger`: a person, how they belong to the worker, and an address abroad."""
    relation = RELATIONS.word(member.relation)
    element = add(parent, "Angehoeriger", beziehung=relation, **_about(member))
    _fill(element, member, documents)
    add_address_abroad(element, member.address_abroad)


def add_representative(parent: Element, value: Representative | None, documents: Documents) -> None:
    """`Vertreter`, where somebody acts for the applicant."""
    if value is None:
        return
    element = add(
        parent, "Vertreter", geschlecht=GENDERS.word(value.gender), geburtstag=value.birth_day
    )
    add_code(element, "Art", value.kind)
    add_name(element, "Vorname", value.first_name)
    add_name(element, "Nachname", value.family_name)
    add_address(element, value.address)
    add_address(element, value.post_box)
    add_contacts(element, value.contacts)
    documents.refer_each(element, "Vollmacht", value.authorisations)
    add_text(element, "Firma", value.company)


def add_reference_persons(parent: Element, values: Iterable[ReferencePerson]) -> None:
    """`Bezugsperson`, one for each relative."""
    for value in values:
        element = add(parent, "Bezugsperson", beziehung=RELATIONS.word(value.relation))
        add_name(element, "Vorname", value.first_name)
        add_name(element, "Nachname", value.family_name)
        add_birth(element, value.birth)
        add_each(element, "Staat", value.nationalities)
        add_address(element, value.address)


def add_name(parent: Element, name: str, value: Name | None) -> None:
    """A name, or that there is none; nothing where nothing was said about it."""
    if value is not None:
        add(parent, name, value.text, fehlt=True if value.absent else None)


def add_birth(parent: Element, value: Birth | None) -> None:
    """`Geburt`: the place as its text, the day always, perhaps as unknown."""
    if value is not None:
        add(parent, "Geburt", value.place, tag=value.day, staat=value.state)


def add_address(parent: Element, value: Address | None) -> None:
    """`Hausanschrift` or `Postfachanschrift`, where there is an address."""
    if isinstance(value, BuildingAddress):
        add(
            parent,
            "Hausanschrift",
            strasse=value.street,
            hausnummer=value.house_number,
            plz=value.postcode,
            ort=value.town,
        )
    elif value is not None:
        add(parent, "Postfachanschrift", postfach=value.number, plz=value.postcode, ort=value.town)


def add_address_abroad(parent: Element, value: ForeignAddress | None) -> None:
    """`Auslandsanschrift`, as printed on an envelope."""
    if value is not None:
        add_each(add(parent, "Auslandsanschrift", staat=value.state), "Zeile", value.lines)


def add_contacts(parent: Element, values: Iterable[Contact]) -> None:
    """`Kontakt`, one for each way to reach somebody."""
    for value in values:
        channel = CHANNELS.word(value.channel)
        add(parent, "Kontakt", value.value, kanal=channel, zusatz=value.note)


def _about(person: Person) -> dict[str, Value | None]:
    return {
        "geschlecht": GENDERS.word(person.gender),
        "familienstand": MARITAL_STATUSES.word(person.marital_status),
        "familienstandSeit": person.marital_status_since,
        "getrenntLebend": person.living_apart,
        "groesse": person.height_cm,
    }


def _fill(element: Element, person: Person, documents: Documents) -> None:
    add_name(element, "Vorname", person.first_name)
    add_name(element, "Nachname", person.family_name)
    add_each(element, "WeitererName", person.other_names)
    add_birth(element, person.birth)
    add_code(element, "Augenfarbe", person.eye_colour)
    add_each(element, "Staat", person.nationalities)
    add_address(element, person.address)
    add_contacts(element, person.contacts)
    _residence_document(element, person.residence_document, documents)
    _passport(element, person.passport, documents)


def _residence_document(
    parent: Element, value: ResidenceDocument | None, documents: Documents
) -> None:
    if value is None:
        return
    element = add(parent, "Aufenthaltspapier")
    documents.refer_each(element, "Seite", value.pages)
    add_text(element, "VisumfreieEinreise", value.visa_free_entry)
    add_text(element, "DeutschesPapier", value.german_document_exists)


def _passport(parent: Element, value: IdentityDocument | None, documents: Documents) -> None:
    if value is None:
        return
    element = add(
        parent,
        "Ausweis",
        nummer=value.serial_number,
        gueltigVon=value.valid_from,
        gueltigBis=value.valid_until,
    )
    documents.refer_each(element, "Seite", value.pages)
