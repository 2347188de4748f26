"""`SponsorshipCase`: a host vouches for a guest's costs, § 66(2) AufenthG."""

from collections.abc import Iterable

from adapters.isar.documents import evidence, refer
from adapters.isar.elements import Values, add, add_each, add_text, prefixed
from adapters.isar.people import (
    add_abroad,
    add_contacts,
    add_nationalities,
    address,
    birth,
    name,
)
from adapters.isar.tables import GENDERS, STAYS
from hub.model.sponsor import (
    AuthorisedCollector,
    AuthorisedRepresentative,
    Employment,
    ForeignIdentification,
    FurtherGuest,
    GermanIdentification,
    Guest,
    GuestStay,
    Institution,
    LongStay,
    OpenObligation,
    OtherObligation,
    PrivateHost,
    ShortStay,
    SponsorshipDeclaration,
)
from hub.xml import Element

__all__ = ["add_sponsorship"]


def add_sponsorship(case: Element, details: SponsorshipDeclaration) -> None:
    """The records of a declaration."""
    host = details.host
    if isinstance(host, PrivateHost):
        _private_host(case, host)
    else:
        _institution(case, host)
    _obligations(case, host.other_obligations)
    evidence(case, "Evidence", host.evidence)
    add_text(case, "Remarks", host.remarks)
    _guest(case, details.guest)
    for companion in details.guest.further_guests:
        _companion(case, companion)
    refer(case, "Summary", details.summary)


def _private_host(case: Element, host: PrivateHost) -> None:
    element = add(
        case,
        "Host",
        {
            **name("firstName", host.first_name),
            **name("familyName", host.family_name),
            "gender": GENDERS.word(host.gender),
            **birth(host.birth),
            **address(host.address),
            **prefixed("foreign", _foreign_papers(host.foreign_identification)),
            **prefixed("german", _german_papers(host.german_identification)),
            **_means(host),
            **prefixed("collector", _collector(host.collector)),
        },
    )
    add_nationalities(element, host.nationalities)
    add_contacts(element, host.contacts)
    add_each(element, "Income", host.employment.incomes if host.employment else ())
    add_each(element, "OtherIncome", host.other_incomes)
    add_each(element, "IncomeOfOthers", host.incomes_of_others)
    _open_obligations(case, host.open_obligations)


def _institution(case: Element, host: Institution) -> None:
    values: Values = {
        "name": host.name,
        **address(host.address),
        "insolvency": host.insolvency,
        "continuationUnlikely": host.continuation_unlikely,
    }
    if host.debtor_entry is not None:
        values |= {
            "debtorSince": host.debtor_entry.entered_on,
            "debtorReason": host.debtor_entry.reason,
        }
    element = add(case, "Organisation", values)
    for signatory in host.representatives:
        _signatory(element, signatory)


def _signatory(organisation: Element, value: AuthorisedRepresentative) -> None:
    element = add(
        organisation,
        "Signatory",
        {
            **name("firstName", value.first_name),
            **name("familyName", value.family_name),
            "gender": GENDERS.word(value.gender),
        },
    )
    add_contacts(element, value.contacts)


def _foreign_papers(value: ForeignIdentification | None) -> Values:
    if value is None:
        return {}
    return {
        "titleKind": value.title_kind,
        "titleNumber": value.title_number,
        "issuer": value.issuing_authority,
        "exemption": value.exempt_from_title,
        "documentKind": value.document_kind,
        "documentNumber": value.document_number,
        "documentState": value.issuing_state,
    }


def _german_papers(value: GermanIdentification | None) -> Values:
    if value is None:
        return {}
    return {
        "documentKind": value.document_kind,
        "documentNumber": value.document_number,
        "issuer": value.issuing_authority,
    }


def _means(host: PrivateHost) -> Values:
    return {
        "occupation": host.occupation,
        "employer": host.employer,
        **_employment(host.employment),
        "expenses": host.regular_expenses,
        "assets": host.assets,
        "paymentClaims": host.payment_claims,
        "dependants": host.dependants,
    }


def _employment(value: Employment | None) -> Values:
    if value is None:
        return {}
    return {
        "fixedTermUntil": value.fixed_term_until,
        "fixedTermNote": value.fixed_term_note,
        "employmentEnds": value.ends_on,
        "employmentEndNote": value.end_note,
    }


def _collector(value: AuthorisedCollector | None) -> Values:
    if value is None:
        return {}
    return {
        **name("firstName", value.first_name),
        **name("familyName", value.family_name),
        "birthDate": value.birth_day,
        "birthPlace": value.birth_place,
    }


def _obligations(case: Element, values: Iterable[OtherObligation]) -> None:
    for value in values:
        add(
            case,
            "Obligation",
            {
                "number": value.number,
                "authority": value.authority_name,
                "persons": value.persons_covered,
            },
        )


def _open_obligations(case: Element, values: Iterable[OpenObligation]) -> None:
    for value in values:
        add(
            case,
            "OpenObligation",
            {"authority": value.authority_name, "persons": value.persons_covered},
        )


def _guest(case: Element, guest: Guest) -> None:
    abroad = guest.address_abroad
    element = add(
        case,
        "Guest",
        {
            **_stay(guest.stay),
            **name("firstName", guest.first_name),
            **name("familyName", guest.family_name),
            **name("birthName", guest.birth_name),
            "gender": GENDERS.word(guest.gender),
            "nationality": guest.nationality,
            **birth(guest.birth),
            **address(guest.address),
            "abroadState": abroad.state if abroad else None,
            "passportNumber": guest.passport_number,
            "relation": guest.relation_to_host,
            "entry": guest.expected_entry,
            "healthInsurance": guest.health_insurance,
            "accommodation": guest.accommodation_costs,
        },
    )
    add_abroad(element, abroad)
    add_text(element, "Remarks", guest.remarks)


def _stay(stay: GuestStay) -> Values:
    kind = STAYS.word(stay.kind)
    if isinstance(stay, ShortStay):
        return {
            "stay": kind,
            "stayCode": stay.code,
            "stayPurpose": stay.purpose,
            "stayDays": stay.days,
        }
    if isinstance(stay, LongStay):
        return {
            "stay": kind,
            "stayCode": stay.code,
            "stayTraining": stay.training_purpose,
            "stayDuration": stay.duration,
        }
    return {"stay": kind, "stayPurpose": stay.text}


def _companion(case: Element, value: FurtherGuest) -> None:
    element = add(
        case,
        "Companion",
        {
            **name("firstName", value.first_name),
            **name("familyName", value.family_name),
            **name("birthName", value.birth_name),
            "gender": GENDERS.word(value.gender),
            "nationality": value.nationality,
            **birth(value.birth),
            "relation": value.relation_to_guest,
        },
    )
    add_text(element, "Remarks", value.remarks)
