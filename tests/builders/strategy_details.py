"""Any details that the model allows, by service."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from hub.model.details import (
    AbsenceAbroad,
    ConditionsDetails,
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
    WorkPermissionDetails,
)
from hub.model.sponsor import (
    AuthorisedCollector,
    AuthorisedRepresentative,
    DebtorEntry,
    Employment,
    ForeignIdentification,
    FurtherGuest,
    GermanIdentification,
    Guest,
    Institution,
    InstitutionTrust,
    LongStay,
    OpenObligation,
    OtherObligation,
    OtherStay,
    PrivateHost,
    ShortStay,
    SponsorshipDeclaration,
)
from tests.builders.strategy_parts import (
    abroad,
    addresses,
    births,
    buildings,
    codes,
    contacts,
    days,
    evidence,
    flags,
    foreign_codes,
    known_dates,
    names,
    nationalities,
    optional,
    partial_dates,
    people,
    person_fields,
    records,
    reference_persons,
    representatives,
    some,
    texts,
    trust,
    yes,
)

amounts = st.integers(0, 10**9)
application_ids = st.from_regex(r"\A[A-Za-z0-9][A-Za-z0-9./_-]{0,63}\Z")
residence_reasons = codes("residence_reason")

_application: dict[str, SearchStrategy[Any]] = {
    "application_date": days,
    "person": people,
    "representative": optional(representatives),
    "reference_persons": some(reference_persons),
    "summary": optional(st.uuids()),
    "evidence": some(evidence, most=3),
    "remarks": optional(texts),
    "related_applications": some(application_ids),
}
_title = _application | {"first_entry": optional(days)}
_new_or_extended = st.sampled_from(["01", "02"])

employers = records(
    Employer,
    company=texts,
    address=addresses,
    representative=records(
        EmployerRepresentative,
        first_name=names,
        family_name=names,
        gender=codes("gender"),
        contacts=contacts,
        address=optional(addresses),
        company=optional(texts),
        authorisations=some(evidence, least=1),
    ),
)
other_obligations = some(
    records(
        OtherObligation,
        number=optional(texts),
        authority_name=optional(texts),
        persons_covered=optional(amounts),
    )
)
private_hosts = records(
    PrivateHost,
    first_name=names,
    family_name=names,
    foreign_identification=optional(
        records(
            ForeignIdentification,
            title_kind=optional(foreign_codes),
            title_number=optional(texts),
            exempt_from_title=optional(texts),
            issuing_state=optional(texts),
        )
    ),
    birth=optional(births),
    gender=codes("gender"),
    nationalities=st.just(()) | nationalities,
    address=optional(buildings),
    contacts=contacts,
    german_identification=optional(
        records(GermanIdentification, document_kind=optional(foreign_codes))
    ),
    occupation=optional(texts),
    employment=optional(
        records(
            Employment,
            incomes=some(amounts, most=7),
            fixed_term_until=optional(days),
            fixed_term_note=optional(texts),
            ends_on=optional(days),
            end_note=optional(texts),
        )
    ),
    other_incomes=some(amounts, most=7),
    regular_expenses=optional(amounts),
    dependants=optional(st.integers(0, 5)),
    incomes_of_others=some(amounts, most=5),
    other_obligations=other_obligations,
    open_obligations=some(records(OpenObligation, persons_covered=optional(amounts))),
    evidence=some(evidence),
    collector=optional(
        records(
            AuthorisedCollector,
            first_name=optional(names),
            family_name=optional(names),
            birth_day=optional(partial_dates),
            birth_place=optional(texts),
        )
    ),
    trust=optional(trust),
)
institutions = records(
    Institution,
    name=texts,
    address=optional(buildings),
    debtor_entry=optional(records(DebtorEntry, entered_on=days, reason=texts)),
    insolvency=optional(texts),
    other_obligations=other_obligations,
    representatives=some(
        records(
            AuthorisedRepresentative,
            first_name=names,
            family_name=names,
            gender=codes("gender"),
            contacts=contacts,
        ),
        least=1,
    ),
    evidence=some(evidence),
    trust=optional(records(InstitutionTrust, name=flags, address=optional(flags))),
)
stays = st.one_of(
    records(
        ShortStay,
        kind=st.sampled_from(["c_visa", "visa_free"]),
        code=foreign_codes,
        purpose=optional(texts),
        days=optional(st.integers(1, 90)),
    ),
    records(
        LongStay,
        kind=st.sampled_from(["d_visa", "residence_title"]),
        code=foreign_codes,
        training_purpose=optional(foreign_codes),
        duration=optional(st.integers(1, 99)),
    ),
    records(OtherStay, text=texts),
)
guests = records(
    Guest,
    stay=stays,
    remarks=optional(texts),
    expected_entry=optional(days),
    health_insurance=optional(amounts),
    accommodation_costs=optional(amounts),
    first_name=optional(names),
    family_name=optional(names),
    birth_name=optional(names),
    gender=codes("gender"),
    nationality=optional(codes("state")),
    address=optional(addresses),
    address_abroad=optional(abroad),
    birth=optional(births),
    passport_number=optional(texts),
    relation_to_host=optional(foreign_codes),
    further_guests=some(
        records(
            FurtherGuest,
            first_name=optional(names),
            birth=optional(births),
            relation_to_guest=optional(foreign_codes),
            gender=codes("gender"),
            nationality=optional(codes("state")),
        )
    ),
)

DETAILS: dict[Service, SearchStrategy[Any]] = {
    "employment": records(EmploymentDetails, **_title, application_reason=_new_or_extended),
    "family": records(FamilyDetails, **_title, application_reason=_new_or_extended),
    "education": records(EducationDetails, **_title, application_reason=_new_or_extended),
    "protection": records(ProtectionDetails, **_title, application_reason=_new_or_extended),
    "conditions": records(
        ConditionsDetails,
        **_title,
        residence_reason=residence_reasons,
        condition_change=optional(texts),
    ),
    "settlement": records(SettlementDetails, **_title, residence_reason=residence_reasons),
    "work_permission": records(
        WorkPermissionDetails,
        **_title,
        application_reason=st.sampled_from(["05", "06", "07"]),
        residence_reason=residence_reasons,
    ),
    "free_movement": records(
        FreeMovementDetails,
        **_application,
        application_reason=_new_or_extended,
        notification_reason=codes("notification_reason"),
        absences=some(
            records(AbsenceAbroad, from_day=known_dates, until_day=known_dates, reason=texts)
        ),
        entry=days,
        convicted=yes,
    ),
    "skilled_workers": records(
        SkilledWorkersDetails,
        application_date=days,
        reason=codes("skilled_worker_reason"),
        employer=employers,
        worker=records(SkilledWorker, **person_fields, address_abroad=optional(abroad)),
        family=some(
            records(
                FamilyMember,
                **person_fields,
                address_abroad=optional(abroad),
                relation=codes("family_relation"),
            )
        ),
        summary=optional(st.uuids()),
        evidence=some(evidence, least=1),
        remarks=optional(texts),
    ),
    "sponsorship": records(
        SponsorshipDeclaration,
        legally_binding=yes,
        host=private_hosts | institutions,
        guest=guests,
        summary=st.uuids(),
    ),
}
