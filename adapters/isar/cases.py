"""The submissions: four kinds of case for ten services, each a flat list of records."""

from typing import assert_never

from adapters.isar.documents import evidence, refer
from adapters.isar.elements import Values, add, add_each, add_text, prefixed
from adapters.isar.people import (
    add_applicant,
    add_contacts,
    add_family_member,
    add_relatives,
    add_representative,
    add_worker,
    address,
    name,
)
from adapters.isar.sponsorship import add_sponsorship
from adapters.isar.tables import (
    APPLICATION_REASONS,
    GENDERS,
    NOTIFICATION_REASONS,
    RESIDENCE_REASONS,
    SERVICES,
    SKILLED_WORKER_REASONS,
)
from hub.model.details import (
    ConditionsDetails,
    Employer,
    FreeMovementDetails,
    SkilledWorkersDetails,
    SponsorshipDeclaration,
    TitleDetails,
)
from hub.model.downward import Submission
from hub.xml import Element

__all__ = ["add_case", "case_name", "case_values"]


def case_name(submission: Submission) -> str:
    """The document's name: which kind of case it is."""
    match submission.details:
        case SponsorshipDeclaration():
            return "SponsorshipCase"
        case SkilledWorkersDetails():
            return "SkilledWorkerCase"
        case FreeMovementDetails():
            return "FreeMovementCase"
        case TitleDetails():
            return "TitleCase"
        case _:
            assert_never(submission.details)


def case_values(submission: Submission) -> Values:
    """What is said of the case as a whole."""
    details = submission.details
    values: Values = {
        "service": SERVICES.word(details.service),
        "language": submission.language,
        "registerNumber": submission.azr_number,
    }
    match details:
        case SponsorshipDeclaration():
            return values | {"binding": details.legally_binding}
        case SkilledWorkersDetails():
            return values | {
                "filed": details.application_date,
                "work": SKILLED_WORKER_REASONS.word(details.reason),
            }
        case FreeMovementDetails():
            return values | {
                "filed": details.application_date,
                "reason": APPLICATION_REASONS.word(details.application_reason),
                "card": NOTIFICATION_REASONS.word(details.notification_reason),
                "entry": details.entry,
                "convicted": details.convicted,
            }
        case _:
            return values | {
                "filed": details.application_date,
                "reason": APPLICATION_REASONS.word(details.application_reason),
                "purpose": RESIDENCE_REASONS.word(details.residence_reason),
                "firstEntry": details.first_entry,
            }


def add_case(case: Element, submission: Submission) -> None:
    """The records of the case."""
    match submission.details:
        case SponsorshipDeclaration() as details:
            add_sponsorship(case, details)
        case SkilledWorkersDetails() as details:
            _skilled_workers(case, details)
        case FreeMovementDetails() as details:
            _free_movement(case, details)
        case details:
            _title(case, details)


def _title(case: Element, details: TitleDetails) -> None:
    add_applicant(case, details.person)
    add_representative(case, details.representative)
    add_relatives(case, details.reference_persons)
    _papers(case, details)
    add_each(case, "RelatedApplication", details.related_applications)
    if isinstance(details, ConditionsDetails):
        add_text(case, "ConditionChange", details.condition_change)


def _free_movement(case: Element, details: FreeMovementDetails) -> None:
    add_applicant(case, details.person)
    add_representative(case, details.representative)
    add_relatives(case, details.reference_persons)
    _papers(case, details)
    add_each(case, "RelatedApplication", details.related_applications)
    for absence in details.absences:
        add(
            case,
            "Absence",
            {"from": absence.from_day, "until": absence.until_day, "reason": absence.reason},
        )


def _skilled_workers(case: Element, details: SkilledWorkersDetails) -> None:
    _employer(case, details.employer)
    add_worker(case, details.worker)
    for member in details.family:
        add_family_member(case, member)
    _papers(case, details)


def _employer(case: Element, employer: Employer) -> None:
    agent = employer.representative
    about: Values = {
        **name("firstName", agent.first_name),
        **name("familyName", agent.family_name),
        "gender": GENDERS.word(agent.gender),
        "company": agent.company,
        **address(agent.address),
    }
    element = add(
        case,
        "Employer",
        {"company": employer.company, **address(employer.address), **prefixed("agent", about)},
    )
    add_contacts(element, agent.contacts)
    evidence(element, "Authorisation", agent.authorisations)


def _papers(
    case: Element, details: TitleDetails | FreeMovementDetails | SkilledWorkersDetails
) -> None:
    refer(case, "Summary", details.summary)
    evidence(case, "Evidence", details.evidence)
    add_text(case, "Remarks", details.remarks)
