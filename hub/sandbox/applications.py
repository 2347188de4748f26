"""Filled-in forms: one function for each of the ten online services.

Each takes a draft (who applies, the folder of documents, what is special) and gives the
details of a submission. All of it is invented.
"""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final

from hub.model.dates import PartialDate
from hub.model.details import (
    AbsenceAbroad,
    ConditionsDetails,
    Details,
    EducationDetails,
    Employer,
    EmployerRepresentative,
    EmploymentDetails,
    FamilyDetails,
    FamilyMember,
    FreeMovementDetails,
    ProtectionDetails,
    Service,
    SettlementDetails,
    SkilledWorker,
    SkilledWorkersDetails,
    SponsorshipDeclaration,
    WorkPermissionDetails,
)
from hub.model.person import (
    ForeignAddress,
    Person,
    PostBoxAddress,
    Representative,
    ResidenceDocument,
)
from hub.sandbox import people
from hub.sandbox.drafts import Draft
from hub.sandbox.hosts import guest, institution, private_host

__all__ = ["fill_in"]

_APPLIED_ON: Final = date(2026, 11, 2)


def fill_in(service: Service, draft: Draft) -> Details:
    """The details of one submission of `service`."""
    return _FORMS[service](draft)


def _person(draft: Draft) -> dict[str, Any]:
    """The fields of a `Person`, for the models that extend it."""
    who = draft.person
    married = not draft.minor and draft.number % 3 == 0
    return {
        "first_name": draft.first_name,
        "family_name": people.name(who.family),
        "other_names": who.other_names,
        "gender": who.gender,
        "birth": draft.birth,
        "height_cm": 96 if draft.minor else 150 + draft.number % 50,
        "eye_colour": people.placeholder("augenfarbe"),
        "marital_status": "VH" if married else "LD",
        "marital_status_since": PartialDate(year=2015, month=6) if married else None,
        "nationalities": who.nationalities,
        "address": people.address(draft.number),
        "contacts": people.contacts(draft.number),
        "residence_document": people.residence(draft.folder, draft.number),
        "passport": people.passport(draft.folder, who),
        "trust": people.trust(draft.number),
    }


def _representative(draft: Draft) -> Representative | None:
    return people.parent(draft.folder, draft.person) if draft.minor else None


def _title(draft: Draft, *evidence: str) -> dict[str, Any]:
    """What the seven services behind message 130101 ask alike."""
    return {
        "application_date": _APPLIED_ON,
        "person": Person(**_person(draft)),
        "representative": _representative(draft),
        "summary": draft.folder.add_pdf("Zusammenfassung"),
        "evidence": people.evidence(draft.folder, *evidence, padding=draft.padding),
        "remarks": people.remarks(draft.number),
    }


def _employment(draft: Draft) -> Details:
    fields = _title(draft, "Arbeitsvertrag", "Stellenbeschreibung", "Zeugnis")
    return EmploymentDetails(application_reason="01", first_entry=date(2026, 10, 1), **fields)


def _family(draft: Draft) -> Details:
    relation = "03" if draft.minor else "01"
    return FamilyDetails(
        application_reason="01",
        reference_persons=(people.reference_person(draft.person, relation),),
        related_applications=("MUSTER-VERBUND-1",),
        **_title(draft, "Mietvertrag", "Einkommensnachweis", "Urkunde"),
    )


def _education(draft: Draft) -> Details:
    fields = _title(draft, "Immatrikulation", "Finanzierung")
    return EducationDetails(application_reason="02", first_entry=date(2024, 9, 29), **fields)


def _protection(draft: Draft) -> Details:
    return ProtectionDetails(application_reason="01", **_title(draft, "Meldebescheinigung"))


def _conditions(draft: Draft) -> Details:
    return ConditionsDetails(
        residence_reason="03",
        condition_change="Wechsel des Arbeitgebers zum 1. Januar; ¾ der bisherigen Stunden.",
        **_title(draft, "Neuer Arbeitsvertrag"),
    )


def _settlement(draft: Draft) -> Details:
    evidence = ("Rentenversicherungsverlauf", "Sprachnachweis", "Arbeitsvertrag")
    return SettlementDetails(residence_reason="03", **_title(draft, *evidence))


def _work_permission(draft: Draft) -> Details:
    reason = ("05", "06", "07")[draft.number % 3]
    fields = _title(draft, "Ausbildungsvertrag")
    return WorkPermissionDetails.model_validate(
        {"application_reason": reason, "residence_reason": "04", **fields}
    )


def _free_movement(draft: Draft) -> Details:
    return FreeMovementDetails(
        application_date=_APPLIED_ON,
        application_reason="01",
        notification_reason="02" if draft.number % 2 else "03",
        person=Person(**_person(draft)),
        representative=_representative(draft),
        reference_persons=(people.reference_person(draft.person, "01"),),
        absences=(
            AbsenceAbroad(
                from_day=PartialDate(year=2024, month=7),
                until_day=people.partial(date(2024, 9, 3)),
                reason="Besuch bei der Familie (Muster)",
            ),
        ),
        entry=date(2019, 4, 1),
        summary=draft.folder.add_pdf("Zusammenfassung"),
        evidence=people.evidence(draft.folder, "Meldebescheinigung", padding=draft.padding),
        remarks=people.remarks(draft.number),
    )


def _skilled_workers(draft: Draft) -> Details:
    abroad = ForeignAddress(state=draft.person.birth_state, lines=("Muster Street 1", "Mustertown"))
    child = people.Invented(
        draft.number, "Żȯe", draft.person.family, "w", ("461",), "Namūna", "461", date(2021, 7, 9)
    )
    return SkilledWorkersDetails(
        application_date=_APPLIED_ON,
        reason="02",
        employer=Employer(
            company="Muster & Söhne (erfunden) GmbH",
            address=PostBoxAddress(number="10 00 00", postcode="00000", town="Musterstadt"),
            representative=EmployerRepresentative(
                first_name=people.name("Gürsel"),
                family_name=people.name("Muster-Groß"),
                gender="d",
                contacts=people.contacts(draft.number),
                authorisations=people.evidence(draft.folder, "Vollmacht"),
            ),
        ),
        worker=SkilledWorker(**_person(draft), address_abroad=abroad),
        family=(
            FamilyMember(
                first_name=people.name(child.given),
                family_name=people.name(child.family),
                gender=child.gender,
                birth=child.birth,
                marital_status="LD",
                nationalities=child.nationalities,
                relation="02",
                residence_document=ResidenceDocument(visa_free_entry="Noch im Ausland (Muster)"),
            ),
        ),
        summary=draft.folder.add_pdf("Zusammenfassung"),
        evidence=people.evidence(
            draft.folder, "Arbeitsvertrag", "Abschluss", padding=draft.padding
        ),
        remarks=people.remarks(draft.number),
    )


def _sponsorship(draft: Draft) -> Details:
    institutional = draft.number % 2 == 0
    return SponsorshipDeclaration(
        legally_binding=True,
        host=institution(draft) if institutional else private_host(draft),
        guest=guest(draft),
        summary=draft.folder.add_pdf("Zusammenfassung mit Belehrung"),
    )


_FORMS: Final[Mapping[Service, Callable[[Draft], Details]]] = {
    "employment": _employment,
    "family": _family,
    "education": _education,
    "protection": _protection,
    "conditions": _conditions,
    "settlement": _settlement,
    "work_permission": _work_permission,
    "free_movement": _free_movement,
    "skilled_workers": _skilled_workers,
    "sponsorship": _sponsorship,
}
