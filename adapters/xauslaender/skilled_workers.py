"""130401 Fachkräfte: the fast-track procedure, § 81a AufenthG, for which the employer applies."""

from collections.abc import Iterable

from adapters.xauslaender.documents import Documents
from adapters.xauslaender.elements import code, optional, qualified
from adapters.xauslaender.parts import address, contacts, foreign_address, gender, name
from adapters.xauslaender.person import fill_person
from hub.model.details import (
    Employer,
    EmployerRepresentative,
    FamilyMember,
    SkilledWorker,
    SkilledWorkersDetails,
)
from hub.xml import Element

__all__ = ["fill_skilled_workers"]


def fill_skilled_workers(
    message: Element, details: SkilledWorkersDetails, documents: Documents
) -> None:
    """Append what 130401 has after its base type."""
    qualified(message, "antragsdatum", details.application_date)
    code(qualified(message, "grundDesAufenthalts81a"), "skilled_worker_reason", details.reason)
    _employer(message, details.employer, documents)
    _worker(message, details.worker, documents)
    _family(message, details.family, documents)
    documents.summary(message, details.summary)
    documents.evidence(message, "nachweis", details.evidence)
    optional(message, "sonstigeAnmerkung", details.remarks)


def _employer(message: Element, value: Employer, documents: Documents) -> None:
    element = qualified(message, "arbeitgeber")
    qualified(element, "firma", value.company)
    address(qualified(element, "anschriftBetriebsstaette"), value.address)
    _employer_representative(qualified(element, "vertreter"), value.representative, documents)


def _employer_representative(
    element: Element, value: EmployerRepresentative, documents: Documents
) -> None:
    name(element, "vorname", value.first_name)
    name(element, "familienname", value.family_name)
    gender(element, value.gender)
    contacts(element, value.contacts)
    if value.address is not None:
        address(qualified(element, "abweichendeAnschrift"), value.address)
    optional(element, "firma", value.company)
    documents.evidence(element, "anlageVertreter", value.authorisations)


def _worker(message: Element, value: SkilledWorker, documents: Documents) -> None:
    element = qualified(message, "fachkraft")
    fill_person(element, value, documents)
    foreign_address(element, "auslandsanschrift", value.address_abroad)


def _family(message: Element, values: Iterable[FamilyMember], documents: Documents) -> None:
    for value in values:
        element = qualified(message, "familienangehoerige")
        fill_person(element, value, documents)
        foreign_address(element, "auslandsanschrift", value.address_abroad)
        code(qualified(element, "familiaereBeziehung"), "family_relation", value.relation)
