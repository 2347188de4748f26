"""Everybody who stands in the list of people, each kind with the fields that it has.

One function per kind; the order of the elements is that of the schema's `Beteiligter`.
"""

from adapters.alster.parts import (
    add_address,
    add_address_abroad,
    add_birth,
    add_contacts,
    add_names,
    add_nationalities,
    add_trust,
)
from adapters.alster.sheet import Sheet
from hub.model.details import Employer, EmployerRepresentative, FamilyMember, SkilledWorker
from hub.model.person import (
    ForeignAddress,
    IdentityDocument,
    Person,
    ReferencePerson,
    Representative,
    ResidenceDocument,
)
from hub.model.sponsor import (
    AuthorisedCollector,
    AuthorisedRepresentative,
    FurtherGuest,
    Guest,
    Institution,
    PrivateHost,
)
from hub.xml import Element

__all__ = [
    "add_applicant",
    "add_employer",
    "add_family_member",
    "add_guests",
    "add_host",
    "add_reference_person",
    "add_representative",
    "add_worker",
]


def add_applicant(sheet: Sheet, person: Person) -> None:
    """Who applies."""
    entry = sheet.person("ANTRAGSTELLER")
    _person(sheet, entry, person)
    add_trust(sheet, entry, person.trust)


def add_worker(sheet: Sheet, worker: SkilledWorker) -> None:
    """The skilled worker, § 81a AufenthG."""
    entry = sheet.person("FACHKRAFT")
    _person(sheet, entry, worker, abroad=worker.address_abroad)
    add_trust(sheet, entry, worker.trust)


def add_family_member(sheet: Sheet, member: FamilyMember) -> None:
    """A relative of the skilled worker."""
    entry = sheet.person("ANGEHOERIGER")
    _person(sheet, entry, member, abroad=member.address_abroad, relation=member.relation)
    add_trust(sheet, entry, member.trust)


def add_representative(sheet: Sheet, value: Representative) -> None:
    """Who acts for the applicant."""
    entry = sheet.person("VERTRETER")
    add_names(sheet, entry, value.first_name, value.family_name)
    sheet.dialect.optional(entry, "Firma", value.company)
    sheet.dialect.add(entry, "Geschlecht", value.gender)
    if value.birth_day is not None:
        born = sheet.dialect.add(entry, "Geburt")
        sheet.dialect.add(born, "Tag", value.birth_day)
    for address in (value.address, value.post_box):
        add_address(sheet, entry, address)
    add_contacts(sheet, entry, value.contacts)
    sheet.dialect.code(entry, "Vertretungsart", value.kind)
    add_trust(sheet, entry, value.trust)
    for page in value.authorisations:
        sheet.document(page, "VOLLMACHT", person=entry)


def add_reference_person(sheet: Sheet, value: ReferencePerson) -> None:
    """The relative whom the applicant joins or lives with."""
    entry = sheet.person("BEZUGSPERSON")
    add_names(sheet, entry, value.first_name, value.family_name)
    add_birth(sheet, entry, value.birth)
    add_nationalities(sheet, entry, value.nationalities)
    add_address(sheet, entry, value.address)
    sheet.dialect.add(entry, "Verwandtschaft", value.relation)


def add_employer(sheet: Sheet, value: Employer) -> None:
    """The employer as a company, and who acts for it."""
    entry = sheet.person("ARBEITGEBER")
    sheet.dialect.add(entry, "Firma", value.company)
    add_address(sheet, entry, value.address)
    _employer_representative(sheet, value.representative)


def add_host(sheet: Sheet, host: PrivateHost | Institution) -> None:
    """Who vouches for a guest, and who acts or collects for the host."""
    entry = sheet.person("GASTGEBER")
    if isinstance(host, PrivateHost):
        _private_host(sheet, entry, host)
        if host.collector is not None:
            _collector(sheet, host.collector)
    else:
        sheet.dialect.add(entry, "Firma", host.name)
        add_address(sheet, entry, host.address)
        sheet.dialect.optional(entry, "Bemerkung", host.remarks)
        for representative in host.representatives:
            _host_representative(sheet, representative)
    add_trust(sheet, entry, host.trust)
    sheet.evidence(host.evidence, "NACHWEIS", entry)


def add_guests(sheet: Sheet, guest: Guest) -> None:
    """The guest, and whoever comes along."""
    _guest(sheet, sheet.person("GAST"), guest)
    for further in guest.further_guests:
        _further_guest(sheet, sheet.person("WEITERER_GAST"), further)


def _person(
    sheet: Sheet,
    entry: Element,
    value: Person,
    *,
    abroad: ForeignAddress | None = None,
    relation: str | None = None,
) -> None:
    add_names(sheet, entry, value.first_name, value.family_name)
    for other in value.other_names:
        sheet.dialect.add(entry, "WeitererName", other)
    sheet.dialect.add(entry, "Geschlecht", value.gender)
    add_birth(sheet, entry, value.birth)
    sheet.dialect.optional(entry, "Koerpergroesse", value.height_cm)
    sheet.dialect.code(entry, "Augenfarbe", value.eye_colour)
    sheet.dialect.add(entry, "Familienstand", value.marital_status)
    sheet.dialect.optional(entry, "GetrenntLebend", value.living_apart)
    sheet.dialect.optional(entry, "FamilienstandSeit", value.marital_status_since)
    add_nationalities(sheet, entry, value.nationalities)
    add_address(sheet, entry, value.address)
    add_address_abroad(sheet, entry, abroad)
    add_contacts(sheet, entry, value.contacts)
    sheet.dialect.optional(entry, "Verwandtschaft", relation)
    _residence_document(sheet, entry, value.residence_document)
    _passport(sheet, entry, value.passport)


def _residence_document(sheet: Sheet, entry: Element, value: ResidenceDocument | None) -> None:
    if value is None:
        return
    sheet.dialect.optional(entry, "VisumfreieEinreise", value.visa_free_entry)
    sheet.dialect.optional(entry, "DeutschesDokument", value.german_document_exists)
    for page in value.pages:
        sheet.document(page, "AUFENTHALT", person=entry)


def _passport(sheet: Sheet, entry: Element, value: IdentityDocument | None) -> None:
    if value is None:
        return
    element = sheet.dialect.add(entry, "Ausweis")
    sheet.dialect.add(element, "Seriennummer", value.serial_number)
    sheet.dialect.add(element, "GueltigVon", value.valid_from)
    sheet.dialect.add(element, "GueltigBis", value.valid_until)
    for page in value.pages:
        sheet.document(page, "AUSWEIS", person=entry)


def _employer_representative(sheet: Sheet, value: EmployerRepresentative) -> None:
    entry = sheet.person("ARBEITGEBERVERTRETER")
    add_names(sheet, entry, value.first_name, value.family_name)
    sheet.dialect.optional(entry, "Firma", value.company)
    sheet.dialect.add(entry, "Geschlecht", value.gender)
    add_address(sheet, entry, value.address)
    add_contacts(sheet, entry, value.contacts)
    sheet.evidence(value.authorisations, "VOLLMACHT", entry)


def _private_host(sheet: Sheet, entry: Element, value: PrivateHost) -> None:
    add_names(sheet, entry, value.first_name, value.family_name)
    sheet.dialect.add(entry, "Geschlecht", value.gender)
    add_birth(sheet, entry, value.birth)
    add_nationalities(sheet, entry, value.nationalities)
    add_address(sheet, entry, value.address)
    add_contacts(sheet, entry, value.contacts)
    sheet.dialect.optional(entry, "Bemerkung", value.remarks)


def _collector(sheet: Sheet, value: AuthorisedCollector) -> None:
    entry = sheet.person("ABHOLER")
    add_names(sheet, entry, value.first_name, value.family_name)
    if value.birth_day is not None or value.birth_place is not None:
        born = sheet.dialect.add(entry, "Geburt")
        sheet.dialect.optional(born, "Tag", value.birth_day)
        sheet.dialect.optional(born, "Ort", value.birth_place)


def _host_representative(sheet: Sheet, value: AuthorisedRepresentative) -> None:
    entry = sheet.person("GASTGEBERVERTRETER")
    add_names(sheet, entry, value.first_name, value.family_name)
    sheet.dialect.add(entry, "Geschlecht", value.gender)
    add_contacts(sheet, entry, value.contacts)


def _guest(sheet: Sheet, entry: Element, value: Guest) -> None:
    add_names(sheet, entry, value.first_name, value.family_name, value.birth_name)
    sheet.dialect.add(entry, "Geschlecht", value.gender)
    add_birth(sheet, entry, value.birth)
    add_nationalities(sheet, entry, [value.nationality] if value.nationality else ())
    add_address(sheet, entry, value.address)
    add_address_abroad(sheet, entry, value.address_abroad)
    sheet.dialect.code(entry, "Beziehung", value.relation_to_host)
    sheet.dialect.optional(entry, "Bemerkung", value.remarks)


def _further_guest(sheet: Sheet, entry: Element, value: FurtherGuest) -> None:
    add_names(sheet, entry, value.first_name, value.family_name, value.birth_name)
    sheet.dialect.add(entry, "Geschlecht", value.gender)
    add_birth(sheet, entry, value.birth)
    add_nationalities(sheet, entry, [value.nationality] if value.nationality else ())
    sheet.dialect.code(entry, "Beziehung", value.relation_to_guest)
    sheet.dialect.optional(entry, "Bemerkung", value.remarks)
