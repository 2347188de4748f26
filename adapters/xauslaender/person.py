"""The people of an application: applicant, representative, reference person.

XAusländer 26.11, `OZG.Person`, `OZG.AntragstellerVertreter`, `OZG.Referenzperson`.
Their papers are `OZG.Dokument`: always embedded, never sent in packets.
"""

from collections.abc import Iterable

from adapters.xauslaender.documents import Documents
from adapters.xauslaender.elements import (
    bare_code,
    code,
    each,
    foreign_code,
    optional,
    qualified,
)
from adapters.xauslaender.parts import (
    address,
    birth,
    building,
    contacts,
    gender,
    name,
    nationalities,
    partial_date,
    post_box,
    trust_level,
)
from hub.model.person import (
    IdentityDocument,
    Person,
    ReferencePerson,
    Representative,
    RepresentativeTrust,
    ResidenceDocument,
)
from hub.xml import Element

__all__ = ["fill_person", "reference_persons", "representative"]


def fill_person(element: Element, person: Person, documents: Documents) -> None:
    """`OZG.Person`: fill `element`; types that extend it append their own children after."""
    name(element, "vorname", person.first_name)
    name(element, "familienname", person.family_name)
    each(element, "weitererName", person.other_names)
    gender(element, person.gender)
    birth(element, "geburt", person.birth)
    _description(element, person)
    _marital_status(element, person)
    nationalities(element, person.nationalities)
    if person.address is not None:
        address(qualified(element, "anschrift"), person.address)
    contacts(element, person.contacts)
    _residence_document(element, person.residence_document, documents)
    _identity_document(element, person.passport, documents)
    trust_level(element, person.trust)


def representative(parent: Element, value: Representative | None, documents: Documents) -> None:
    """`antragstellerVertreter`, where somebody acts for the applicant."""
    if value is None:
        return
    element = qualified(parent, "antragstellerVertreter")
    foreign_code(element, "vertretungsart", value.kind)
    name(element, "vorname", value.first_name)
    name(element, "familienname", value.family_name)
    if value.address is not None:
        building(qualified(element, "anschrift"), value.address)
    if value.post_box is not None:
        post_box(qualified(element, "postfach"), value.post_box)
    contacts(element, value.contacts)
    for authorisation in value.authorisations:
        documents.embed(qualified(element, "anlageVertreter"), authorisation)
    gender(element, value.gender)
    optional(element, "tagDerGeburt", value.birth_day)
    optional(element, "firma", value.company)
    _representative_trust(element, value.trust)


def reference_persons(parent: Element, values: Iterable[ReferencePerson]) -> None:
    """`referenzperson`, one per relative."""
    for value in values:
        element = qualified(parent, "referenzperson")
        name(element, "vorname", value.first_name)
        name(element, "familienname", value.family_name)
        birth(element, "geburt", value.birth)
        nationalities(element, value.nationalities)
        code(qualified(element, "familiaereBeziehung"), "family_relation", value.relation)
        if value.address is not None:
            building(qualified(element, "anschrift"), value.address)


def _description(parent: Element, person: Person) -> None:
    if person.height_cm is None and person.eye_colour is None:
        return
    element = qualified(parent, "personenbeschreibung")
    optional(element, "koerpergroesse", person.height_cm)
    foreign_code(element, "augenfarbe", person.eye_colour)


def _marital_status(parent: Element, person: Person) -> None:
    element = qualified(parent, "familienstand")
    bare_code(qualified(element, "familienstand"), person.marital_status)
    optional(element, "getrenntLebend", person.living_apart)
    if person.marital_status_since is not None:
        since = qualified(parent, "familienstandOderGetrenntlebendSeit")
        partial_date(since, person.marital_status_since)


def _residence_document(
    parent: Element, value: ResidenceDocument | None, documents: Documents
) -> None:
    if value is None:
        return
    element = qualified(parent, "aufenthaltsdokument")
    for page in value.pages:
        documents.embed(qualified(element, "aufenthaltsdokument"), page)
    optional(element, "visumsfreieEinreise", value.visa_free_entry)
    optional(element, "deutschesAufenthaltsdokumentVorhanden", value.german_document_exists)


def _identity_document(
    parent: Element, value: IdentityDocument | None, documents: Documents
) -> None:
    if value is None:
        return
    element = qualified(parent, "ausweisdokument")
    for page in value.pages:
        documents.embed(qualified(element, "ausweisseite"), page)
    period = qualified(element, "gueltigkeitszeitraum")
    qualified(period, "beginn", value.valid_from)
    qualified(period, "ende", value.valid_until)
    qualified(element, "seriennummer", value.serial_number)


def _representative_trust(parent: Element, value: RepresentativeTrust | None) -> None:
    if value is None:
        return
    element = qualified(parent, "vertrauensniveau")
    qualified(element, "vorname", value.first_name)
    qualified(element, "familienname", value.family_name)
    optional(element, "anschrift", value.address)
    each(element, "kommunikation", value.contacts)
    optional(element, "tagDerGeburt", value.birth_day)
    optional(element, "firma", value.company)
