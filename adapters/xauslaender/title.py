"""130101 Antrag: the seven services that ask for a residence title or what belongs to one.

They share one message; application reason and residence reason tell them apart.
"""

from adapters.xauslaender.documents import Documents
from adapters.xauslaender.elements import code, each, optional, qualified
from adapters.xauslaender.person import fill_person, reference_persons, representative
from hub.model.details import (
    ConditionsDetails,
    EducationDetails,
    EmploymentDetails,
    FamilyDetails,
    ProtectionDetails,
    SettlementDetails,
    WorkPermissionDetails,
)
from hub.xml import Element

__all__ = ["fill_title"]

TitleApplication = (
    EmploymentDetails
    | FamilyDetails
    | EducationDetails
    | ProtectionDetails
    | ConditionsDetails
    | SettlementDetails
    | WorkPermissionDetails
)


def fill_title(message: Element, details: TitleApplication, documents: Documents) -> None:
    """Append what 130101 has after its base type."""
    qualified(message, "antragsdatum", details.application_date)
    code(qualified(message, "grundDesAntrags"), "application_reason", details.application_reason)
    optional(message, "ersteinreisedatum", details.first_entry)
    if isinstance(details, ConditionsDetails):
        optional(message, "grundAenderungNebenbestimmung", details.condition_change)
    code(qualified(message, "grundDesAufenthalts"), "residence_reason", details.residence_reason)
    fill_person(qualified(message, "angabenZurPerson"), details.person, documents)
    representative(message, details.representative, documents)
    reference_persons(message, details.reference_persons)
    documents.summary(message, details.summary)
    documents.evidence(message, "nachweis", details.evidence)
    optional(message, "sonstigeAnmerkung", details.remarks)
    each(message, "verbundenerAntrag", details.related_applications)
