"""`Antrag`: the ten online services in one element, told apart by its attribute `leistung`.

The order of the elements is that of the schema; what a service does not have is left out.
"""

from typing import Final

from adapters.alster.people import (
    add_applicant,
    add_employer,
    add_family_member,
    add_reference_person,
    add_representative,
    add_worker,
)
from adapters.alster.sheet import Sheet
from adapters.alster.sponsorship import add_sponsorship
from hub.model.details import (
    ConditionsDetails,
    EducationDetails,
    EmploymentDetails,
    FamilyDetails,
    FreeMovementDetails,
    ProtectionDetails,
    Service,
    SettlementDetails,
    SkilledWorkersDetails,
    SponsorshipDeclaration,
    WorkPermissionDetails,
)
from hub.model.downward import Submission
from hub.xml import Element

__all__ = ["add_application"]

_TitleApplication = (
    EmploymentDetails
    | FamilyDetails
    | EducationDetails
    | ProtectionDetails
    | ConditionsDetails
    | SettlementDetails
    | WorkPermissionDetails
)

_SERVICES: Final[dict[Service, str]] = {
    "employment": "ERWERB",
    "family": "FAMILIE",
    "education": "AUSBILDUNG",
    "protection": "HUMANITAER",
    "conditions": "NEBENBESTIMMUNG",
    "settlement": "NIEDERLASSUNG",
    "work_permission": "BESCHAEFTIGUNG",
    "free_movement": "FREIZUEGIGKEIT",
    "skilled_workers": "FACHKRAFT",
    "sponsorship": "VERPFLICHTUNG",
}


def add_application(sheet: Sheet, message: Submission) -> None:
    """Append the application with its people; its documents go to the sheet's list."""
    dialect, details = sheet.dialect, message.details
    body = dialect.add(sheet.root, "Antrag", leistung=_SERVICES[message.service])
    if dialect.has_procedure:
        procedure = dialect.add(body, "Verfahren")
        dialect.add(procedure, "Sprache", message.language)
        dialect.optional(procedure, "Leistungsschluessel", message.leika)
    dialect.optional(body, "AzrNummer", message.azr_number)
    if isinstance(details, SponsorshipDeclaration):
        add_sponsorship(sheet, body, details)
    elif isinstance(details, SkilledWorkersDetails):
        _skilled_workers(sheet, body, details)
    else:
        _own_application(sheet, body, details)


def _own_application(
    sheet: Sheet, body: Element, details: _TitleApplication | FreeMovementDetails
) -> None:
    """The eight services for which the applicant applies."""
    dialect = sheet.dialect
    dialect.add(body, "Antragsdatum", details.application_date)
    _reasons(sheet, body, details)
    sheet.begin_people(body)
    add_applicant(sheet, details.person)
    if details.representative is not None:
        add_representative(sheet, details.representative)
    for relative in details.reference_persons:
        add_reference_person(sheet, relative)
    if isinstance(details, FreeMovementDetails):
        _absences(sheet, body, details)
        dialect.optional(body, "Verurteilung", details.convicted)
    dialect.optional(body, "Bemerkung", details.remarks)
    for related in details.related_applications:
        dialect.add(body, "VerbundenesAktenzeichen", related)
    _documents(sheet, details)


def _reasons(sheet: Sheet, body: Element, details: _TitleApplication | FreeMovementDetails) -> None:
    dialect = sheet.dialect
    if isinstance(details, FreeMovementDetails):
        dialect.add(body, "Antragsgrund", details.application_reason)
        dialect.add(body, "Meldegrund", details.notification_reason)
        dialect.add(body, "Einreise", details.entry)
        return
    dialect.add(body, "Antragsgrund", details.application_reason)
    dialect.add(body, "Aufenthaltsgrund", details.residence_reason)
    dialect.optional(body, "Einreise", details.first_entry)
    if isinstance(details, ConditionsDetails):
        dialect.optional(body, "Nebenbestimmung", details.condition_change)


def _absences(sheet: Sheet, body: Element, details: FreeMovementDetails) -> None:
    for absence in details.absences:
        element = sheet.dialect.add(body, "Auslandsaufenthalt")
        sheet.dialect.add(element, "Von", absence.from_day)
        sheet.dialect.add(element, "Bis", absence.until_day)
        sheet.dialect.add(element, "Grund", absence.reason)


def _skilled_workers(sheet: Sheet, body: Element, details: SkilledWorkersDetails) -> None:
    sheet.dialect.add(body, "Antragsdatum", details.application_date)
    sheet.dialect.add(body, "Fachkraeftegrund", details.reason)
    sheet.begin_people(body)
    add_employer(sheet, details.employer)
    add_worker(sheet, details.worker)
    for member in details.family:
        add_family_member(sheet, member)
    sheet.dialect.optional(body, "Bemerkung", details.remarks)
    _documents(sheet, details)


def _documents(
    sheet: Sheet, details: _TitleApplication | FreeMovementDetails | SkilledWorkersDetails
) -> None:
    if details.summary is not None:
        sheet.document(details.summary, "ZUSAMMENFASSUNG")
    sheet.evidence(details.evidence, "NACHWEIS")
