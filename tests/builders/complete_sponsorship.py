"""Declarations of sponsorship with every optional field filled, one per kind of host."""

from hub.model.dates import PartialDate
from hub.model.sponsor import (
    AuthorisedCollector,
    AuthorisedRepresentative,
    DebtorEntry,
    Employment,
    ForeignIdentification,
    FurtherGuest,
    GermanIdentification,
    Guest,
    GuestStay,
    Institution,
    InstitutionTrust,
    LongStay,
    OpenObligation,
    OtherObligation,
    PrivateHost,
    ShortStay,
    SponsorshipDeclaration,
)
from tests.builders.complete import Filling


def by_private_host() -> SponsorshipDeclaration:
    filling = Filling()
    stay = ShortStay(
        kind="c_visa", code=filling.code("stay"), purpose=filling.text("Zweck"), days=89
    )
    return SponsorshipDeclaration(
        legally_binding=True,
        host=_private_host(filling),
        guest=_guest(filling, stay),
        summary=filling.document(),
    )


def by_institution() -> SponsorshipDeclaration:
    filling = Filling()
    stay = LongStay(
        kind="residence_title",
        code=filling.code("stay"),
        training_purpose=filling.code("training"),
        duration=24,
    )
    return SponsorshipDeclaration(
        legally_binding=True,
        host=_institution(filling),
        guest=_guest(filling, stay),
        summary=filling.document(),
    )


def _private_host(filling: Filling) -> PrivateHost:
    return PrivateHost(
        first_name=filling.name("Vorname"),
        family_name=filling.name("Familienname"),
        foreign_identification=_foreign_identification(filling),
        birth=filling.birth(),
        gender="m",
        nationalities=("127", "129"),
        address=filling.building(),
        contacts=filling.contacts(),
        german_identification=GermanIdentification(
            document_kind=filling.code("german-document"),
            document_number=filling.text("Nummer"),
            issuing_authority=filling.text("Behörde"),
        ),
        occupation=filling.text("Beruf"),
        employer=filling.text("Arbeitgeber"),
        employment=Employment(
            incomes=tuple(filling.number() for _ in range(7)),
            fixed_term_until=filling.day(),
            fixed_term_note=filling.text("Erklärung"),
            ends_on=filling.day(),
            end_note=filling.text("Erklärung"),
        ),
        other_incomes=tuple(filling.number() for _ in range(7)),
        regular_expenses=filling.number(),
        assets=filling.text("Vermögen"),
        payment_claims=filling.text("Zahlungsklagen"),
        dependants=5,
        incomes_of_others=tuple(filling.number() for _ in range(5)),
        other_obligations=(_other_obligation(filling), _other_obligation(filling)),
        open_obligations=(
            OpenObligation(
                authority_name=filling.text("Behörde"), persons_covered=filling.number()
            ),
        ),
        remarks=filling.text("Anmerkung"),
        evidence=filling.evidence(),
        collector=AuthorisedCollector(
            first_name=filling.name("Vorname"),
            family_name=filling.name("Familienname"),
            birth_day=PartialDate(year=1969, month=12, day=31),
            birth_place=filling.text("Geburtsort"),
        ),
        trust=filling.trust(),
    )


def _institution(filling: Filling) -> Institution:
    representative = AuthorisedRepresentative(
        first_name=filling.name("Vorname"),
        family_name=filling.name("Familienname"),
        gender="w",
        contacts=filling.contacts(),
    )
    return Institution(
        name=filling.text("Organisation"),
        address=filling.building(),
        debtor_entry=DebtorEntry(entered_on=filling.day(), reason=filling.text("Grund")),
        insolvency=filling.text("Insolvenzverfahren"),
        continuation_unlikely=filling.text("Fortführung"),
        other_obligations=(_other_obligation(filling),),
        remarks=filling.text("Anmerkung"),
        representatives=(representative,),
        evidence=filling.evidence(),
        trust=InstitutionTrust(name=True, address=False),
    )


def _foreign_identification(filling: Filling) -> ForeignIdentification:
    return ForeignIdentification(
        title_kind=filling.code("title"),
        title_number=filling.text("Nummer"),
        issuing_authority=filling.text("Behörde"),
        exempt_from_title=filling.text("Befreiung"),
        document_kind=filling.code("foreign-document"),
        document_number=filling.text("Nummer"),
        issuing_state=filling.text("Staat"),
    )


def _other_obligation(filling: Filling) -> OtherObligation:
    return OtherObligation(
        number=filling.text("Nummer"),
        authority_name=filling.text("Behörde"),
        persons_covered=filling.number(),
    )


def _guest(filling: Filling, stay: GuestStay) -> Guest:
    return Guest(
        stay=stay,
        remarks=filling.text("Anmerkung"),
        expected_entry=filling.day(),
        health_insurance=filling.number(),
        accommodation_costs=filling.number(),
        first_name=filling.name("Vorname"),
        family_name=filling.name("Familienname"),
        birth_name=filling.name("Geburtsname"),
        gender="x",
        nationality="130",
        address=filling.post_box(),
        address_abroad=filling.abroad(),
        birth=filling.birth(),
        passport_number=filling.text("Nummer"),
        relation_to_host=filling.code("host"),
        further_guests=(_further_guest(filling), _further_guest(filling)),
    )


def _further_guest(filling: Filling) -> FurtherGuest:
    return FurtherGuest(
        first_name=filling.name("Vorname"),
        family_name=filling.name("Familienname"),
        birth_name=filling.name("Geburtsname"),
        birth=filling.birth(),
        relation_to_guest=filling.code("guest"),
        remarks=filling.text("Anmerkung"),
        gender="d",
        nationality="131",
    )
