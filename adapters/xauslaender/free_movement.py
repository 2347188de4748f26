"""130301 Freizügigkeit: residence cards and certificates under the FreizügG/EU."""

from collections.abc import Iterable

from adapters.xauslaender.documents import Documents
from adapters.xauslaender.elements import code, each, optional, qualified
from adapters.xauslaender.parts import partial_date
from adapters.xauslaender.person import fill_person, reference_persons, representative
from hub.model.details import AbsenceAbroad, FreeMovementDetails
from hub.xml import Element

__all__ = ["fill_free_movement"]


def fill_free_movement(
    message: Element, details: FreeMovementDetails, documents: Documents
) -> None:
    """Append what 130301 has after its base type."""
    qualified(message, "antragsdatum", details.application_date)
    code(qualified(message, "grundDesAntrags"), "application_reason", details.application_reason)
    code(qualified(message, "grundDerMeldung"), "notification_reason", details.notification_reason)
    fill_person(qualified(message, "angabenZurPerson"), details.person, documents)
    representative(message, details.representative, documents)
    reference_persons(message, details.reference_persons)
    _absences(message, details.absences)
    qualified(message, "einreisedatum", details.entry)
    optional(message, "verurteilung", details.convicted)
    documents.summary(message, details.summary)
    documents.evidence(message, "nachweis", details.evidence)
    optional(message, "sonstigeAnmerkung", details.remarks)
    each(message, "verbundenerAntrag", details.related_applications)


def _absences(message: Element, values: Iterable[AbsenceAbroad]) -> None:
    for value in values:
        element = qualified(message, "auslandsaufenthalt")
        partial_date(qualified(element, "von"), value.from_day)
        partial_date(qualified(element, "bis"), value.until_day)
        qualified(element, "grund", value.reason)
