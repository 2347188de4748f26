"""What each of the ten online services asks for.

The codes that tell the services apart are those of the field (XAusländer 26.11, chapter OZG);
a detail model allows only its own, so a form cannot send one service's data as another's.
"""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from hub.model.codes import (
    FamilyRelation,
    Gender,
    NotificationReason,
    ResidenceReason,
    SkilledWorkerReason,
)
from hub.model.dates import PartialDate
from hub.model.document import Evidence
from hub.model.identifiers import ApplicationId, DocumentId
from hub.model.person import (
    Address,
    Contact,
    ForeignAddress,
    Name,
    Person,
    ReferencePerson,
    Representative,
)
from hub.model.record import Record
from hub.model.sponsor import SponsorshipDeclaration
from hub.model.text import LongText, Text

__all__ = [
    "AbsenceAbroad",
    "ConditionsDetails",
    "Details",
    "EducationDetails",
    "Employer",
    "EmployerRepresentative",
    "EmploymentDetails",
    "FamilyDetails",
    "FamilyMember",
    "FreeMovementDetails",
    "ProtectionDetails",
    "Service",
    "SettlementDetails",
    "SkilledWorker",
    "SkilledWorkersDetails",
    "SponsorshipDeclaration",
    "TitleDetails",
    "WorkPermissionDetails",
]

Service = Literal[
    "employment",
    "family",
    "education",
    "protection",
    "conditions",
    "settlement",
    "work_permission",
    "free_movement",
    "skilled_workers",
    "sponsorship",
]
"""The ten online services, by their names in code."""


class TitleDetails(Record):
    """What the seven services behind message 130101 (Antrag) have in common."""

    application_date: date
    first_entry: date | None = None
    person: Person
    representative: Representative | None = None
    reference_persons: tuple[ReferencePerson, ...] = ()
    summary: DocumentId | None = None
    evidence: tuple[Evidence, ...] = ()
    remarks: LongText | None = None
    related_applications: tuple[ApplicationId, ...] = ()


class EmploymentDetails(TitleDetails):
    """Residence title for gainful employment."""

    service: Literal["employment"] = "employment"
    application_reason: Literal["01", "02"]
    residence_reason: Literal["03"] = "03"


class FamilyDetails(TitleDetails):
    """Residence title for family reasons."""

    service: Literal["family"] = "family"
    application_reason: Literal["01", "02"]
    residence_reason: Literal["01"] = "01"


class EducationDetails(TitleDetails):
    """Residence title for study and training."""

    service: Literal["education"] = "education"
    application_reason: Literal["01", "02"]
    residence_reason: Literal["02"] = "02"


class ProtectionDetails(TitleDetails):
    """Residence title on humanitarian grounds, § 24 AufenthG among them."""

    service: Literal["protection"] = "protection"
    application_reason: Literal["01", "02"]
    residence_reason: Literal["04"] = "04"


class ConditionsDetails(TitleDetails):
    """Change of the conditions attached to a title."""

    service: Literal["conditions"] = "conditions"
    application_reason: Literal["03"] = "03"
    residence_reason: ResidenceReason
    condition_change: LongText | None = None


class SettlementDetails(TitleDetails):
    """Settlement permit."""

    service: Literal["settlement"] = "settlement"
    application_reason: Literal["04"] = "04"
    residence_reason: ResidenceReason


class WorkPermissionDetails(TitleDetails):
    """Work or training for persons whose stay is permitted or tolerated."""

    service: Literal["work_permission"] = "work_permission"
    application_reason: Literal["05", "06", "07"]
    residence_reason: ResidenceReason


class AbsenceAbroad(Record):
    """A stay abroad that interrupts residence (`auslandsaufenthalt`)."""

    from_day: PartialDate
    until_day: PartialDate
    reason: Text

    @model_validator(mode="after")
    def _years_known(self) -> Self:
        # `von` and `bis` are TeilbekanntesDatum without "unknown".
        if not (self.from_day.known and self.until_day.known):
            raise ValueError("from_day and until_day need at least the year")
        return self


class FreeMovementDetails(Record):
    """Residence cards and certificates under the FreizügG/EU (130301)."""

    service: Literal["free_movement"] = "free_movement"
    application_date: date
    application_reason: Literal["01", "02"]
    notification_reason: NotificationReason
    person: Person
    representative: Representative | None = None
    reference_persons: tuple[ReferencePerson, ...] = ()
    absences: tuple[AbsenceAbroad, ...] = ()
    entry: date
    convicted: Literal[True] | None = None
    summary: DocumentId | None = None
    evidence: tuple[Evidence, ...] = ()
    remarks: LongText | None = None
    related_applications: tuple[ApplicationId, ...] = ()


class EmployerRepresentative(Record):
    """Who acts for the employer; the authorisation is always attached."""

    first_name: Name
    family_name: Name
    gender: Gender
    contacts: tuple[Contact, ...] = ()
    address: Address | None = None
    company: Text | None = None
    authorisations: Annotated[tuple[Evidence, ...], Field(min_length=1)]


class Employer(Record):
    """The applicant of the fast-track procedure."""

    company: Text
    address: Address
    representative: EmployerRepresentative


class SkilledWorker(Person):
    """The skilled worker (`fachkraft`)."""

    address_abroad: ForeignAddress | None = None


class FamilyMember(Person):
    """A relative who comes along (`familienangehoerige`)."""

    address_abroad: ForeignAddress | None = None
    relation: FamilyRelation


class SkilledWorkersDetails(Record):
    """Fast-track procedure for skilled workers, § 81a AufenthG (130401)."""

    service: Literal["skilled_workers"] = "skilled_workers"
    application_date: date
    reason: SkilledWorkerReason
    employer: Employer
    worker: SkilledWorker
    family: tuple[FamilyMember, ...] = ()
    summary: DocumentId | None = None
    evidence: Annotated[tuple[Evidence, ...], Field(min_length=1)]
    remarks: LongText | None = None


Details = Annotated[
    EmploymentDetails
    | FamilyDetails
    | EducationDetails
    | ProtectionDetails
    | ConditionsDetails
    | SettlementDetails
    | WorkPermissionDetails
    | FreeMovementDetails
    | SkilledWorkersDetails
    | SponsorshipDeclaration,
    Field(discriminator="service"),
]
