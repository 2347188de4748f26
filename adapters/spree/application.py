"""`Antrag`: the submission of one of the ten services; which one says `verfahren`."""

from adapters.spree.documents import Documents
from adapters.spree.elements import add, add_each, add_text
from adapters.spree.people import (
    add_address,
    add_contacts,
    add_family_member,
    add_name,
    add_person,
    add_reference_persons,
    add_representative,
    add_worker,
)
from adapters.spree.sponsorship import add_sponsorship
from adapters.spree.tables import (
    APPLICATION_REASONS,
    GENDERS,
    NOTIFICATION_REASONS,
    RESIDENCE_REASONS,
    SERVICES,
    SKILLED_WORKER_REASONS,
)
from hub.model.details import (
    ConditionsDetails,
    EducationDetails,
    Employer,
    EmploymentDetails,
    FamilyDetails,
    FreeMovementDetails,
    ProtectionDetails,
    SettlementDetails,
    SkilledWorkersDetails,
    SponsorshipDeclaration,
    WorkPermissionDetails,
)
from hub.model.downward import Submission
from hub.xml import Element

__all__ = ["add_application"]

_Title = (
    EmploymentDetails
    | FamilyDetails
    | EducationDetails
    | ProtectionDetails
    | ConditionsDetails
    | SettlementDetails
    | WorkPermissionDetails
)


def add_application(message: Element, submission: Submission, documents: Documents) -> None:
    """The section of a submission."""
    details = submission.details
    section = add(
        message,
        "Antrag",
        verfahren=SERVICES.word(details.service),
        datum=None if isinstance(details, SponsorshipDeclaration) else details.application_date,
        sprache=submission.language,
        azrNummer=submission.azr_number,
    )
    if isinstance(details, SponsorshipDeclaration):
        add_sponsorship(section, details, documents)
    elif isinstance(details, SkilledWorkersDetails):
        _skilled_workers(section, details, documents)
    elif isinstance(details, FreeMovementDetails):
        _free_movement(section, details, documents)
    else:
        _title(section, details, documents)


def _title(parent: Element, details: _Title, documents: Documents) -> None:
    element = add(
        parent,
        "Titel",
        grund=APPLICATION_REASONS.word(details.application_reason),
        zweck=RESIDENCE_REASONS.word(details.residence_reason),
        ersteinreise=details.first_entry,
    )
    if isinstance(details, ConditionsDetails):
        add_text(element, "Nebenbestimmung", details.condition_change)
    add_person(element, details.person, documents)
    add_representative(element, details.representative, documents)
    add_reference_persons(element, details.reference_persons)
    _evidence(element, details, documents)
    add_each(element, "Verbunden", details.related_applications)


def _free_movement(parent: Element, details: FreeMovementDetails, documents: Documents) -> None:
    element = add(
        parent,
        "Freizuegigkeit",
        grund=APPLICATION_REASONS.word(details.application_reason),
        meldegrund=NOTIFICATION_REASONS.word(details.notification_reason),
        einreise=details.entry,
        verurteilt=details.convicted,
    )
    add_person(element, details.person, documents)
    add_representative(element, details.representative, documents)
    add_reference_persons(element, details.reference_persons)
    for absence in details.absences:
        dates = {"von": absence.from_day, "bis": absence.until_day}
        add(element, "Auslandsaufenthalt", absence.reason, **dates)
    _evidence(element, details, documents)
    add_each(element, "Verbunden", details.related_applications)


def _skilled_workers(parent: Element, details: SkilledWorkersDetails, documents: Documents) -> None:
    purpose = SKILLED_WORKER_REASONS.word(details.reason)
    element = add(parent, "Fachkraefteverfahren", zweck=purpose)
    _employer(element, details.employer, documents)
    add_worker(element, details.worker, documents)
    for member in details.family:
        add_family_member(element, member, documents)
    _evidence(element, details, documents)


def _employer(parent: Element, employer: Employer, documents: Documents) -> None:
    element = add(parent, "Arbeitgeber")
    add(element, "Firma", employer.company)
    add_address(element, employer.address)
    acting = employer.representative
    agent = add(element, "Bevollmaechtigter", geschlecht=GENDERS.word(acting.gender))
    add_name(agent, "Vorname", acting.first_name)
    add_name(agent, "Nachname", acting.family_name)
    add_contacts(agent, acting.contacts)
    add_address(agent, acting.address)
    add_text(agent, "Firma", acting.company)
    documents.evidence(agent, "Vollmacht", acting.authorisations)


def _evidence(
    element: Element,
    details: _Title | FreeMovementDetails | SkilledWorkersDetails,
    documents: Documents,
) -> None:
    documents.refer(element, "Zusammenfassung", details.summary)
    documents.evidence(element, "Nachweis", details.evidence)
    add_text(element, "Anmerkung", details.remarks)
