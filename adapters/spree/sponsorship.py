"""`Verpflichtung`: a host vouches for a guest's costs, § 66(2) AufenthG."""

from collections.abc import Iterable

from adapters.spree.documents import Documents
from adapters.spree.elements import add, add_code, add_each, add_text
from adapters.spree.people import (
    add_address,
    add_address_abroad,
    add_birth,
    add_contacts,
    add_name,
)
from adapters.spree.tables import GENDERS, STAYS
from hub.model.sponsor import (
    AuthorisedCollector,
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


def add_sponsorship(parent: Element, details: SponsorshipDeclaration, documents: Documents) -> None:
    """The section of service `sponsorship`."""
    section = add(parent, "Verpflichtung", rechtsverbindlich=details.legally_binding)
    if isinstance(details.host, PrivateHost):
        _private_host(section, details.host, documents)
    else:
        _institution(section, details.host, documents)
    _guest(section, details.guest)
    documents.refer(section, "Zusammenfassung", details.summary)


def _private_host(parent: Element, host: PrivateHost, documents: Documents) -> None:
    element = add(
        parent,
        "Gastgeber",
        geschlecht=GENDERS.word(host.gender),
        ausgaben=host.regular_expenses,
        unterhalt=host.dependants,
    )
    add_name(element, "Vorname", host.first_name)
    add_name(element, "Nachname", host.family_name)
    _foreign_papers(element, host.foreign_identification)
    add_birth(element, host.birth)
    add_each(element, "Staat", host.nationalities)
    add_address(element, host.address)
    add_contacts(element, host.contacts)
    _german_papers(element, host.german_identification)
    _means(element, host)
    _obligations(element, host.other_obligations)
    _open_obligations(element, host.open_obligations)
    add_text(element, "Anmerkung", host.remarks)
    documents.evidence(element, "Nachweis", host.evidence)
    _collector(element, host.collector)


def _institution(parent: Element, host: Institution, documents: Documents) -> None:
    element = add(parent, "Organisation")
    add(element, "Name", host.name)
    add_address(element, host.address)
    if host.debtor_entry is not None:
        add(element, "Schuldnereintrag", host.debtor_entry.reason, am=host.debtor_entry.entered_on)
    add_text(element, "Insolvenz", host.insolvency)
    add_text(element, "Fortfuehrung", host.continuation_unlikely)
    _obligations(element, host.other_obligations)
    add_text(element, "Anmerkung", host.remarks)
    for value in host.representatives:
        signatory = add(element, "Zeichnender", geschlecht=GENDERS.word(value.gender))
        add_name(signatory, "Vorname", value.first_name)
        add_name(signatory, "Nachname", value.family_name)
        add_contacts(signatory, value.contacts)
    documents.evidence(element, "Nachweis", host.evidence)


def _foreign_papers(parent: Element, value: ForeignIdentification | None) -> None:
    if value is None:
        return
    element = add(parent, "AuslaendischesPapier")
    add_code(element, "Titelart", value.title_kind)
    add_text(element, "Titelnummer", value.title_number)
    add_text(element, "Behoerde", value.issuing_authority)
    add_text(element, "Befreiung", value.exempt_from_title)
    add_code(element, "Papierart", value.document_kind)
    add_text(element, "Papiernummer", value.document_number)
    add_text(element, "Ausstellerstaat", value.issuing_state)


def _german_papers(parent: Element, value: GermanIdentification | None) -> None:
    if value is None:
        return
    element = add(parent, "DeutschesPapier")
    add_code(element, "Papierart", value.document_kind)
    add_text(element, "Papiernummer", value.document_number)
    add_text(element, "Behoerde", value.issuing_authority)


def _means(element: Element, host: PrivateHost) -> None:
    add_text(element, "Beruf", host.occupation)
    add_text(element, "Arbeitgeber", host.employer)
    _employment(element, host.employment)
    add_each(element, "Nebeneinkommen", host.other_incomes)
    add_text(element, "Vermoegen", host.assets)
    add_text(element, "Zahlungsklagen", host.payment_claims)
    add_each(element, "EinkommenDritter", host.incomes_of_others)


def _employment(parent: Element, value: Employment | None) -> None:
    if value is None:
        return
    element = add(
        parent, "Beschaeftigung", befristetBis=value.fixed_term_until, endetAm=value.ends_on
    )
    add_each(element, "Einkommen", value.incomes)
    add_text(element, "Befristung", value.fixed_term_note)
    add_text(element, "Ende", value.end_note)


def _obligations(parent: Element, values: Iterable[OtherObligation]) -> None:
    for value in values:
        element = add(parent, "Verpflichtung", personen=value.persons_covered)
        add_text(element, "Nummer", value.number)
        add_text(element, "Behoerde", value.authority_name)


def _open_obligations(parent: Element, values: Iterable[OpenObligation]) -> None:
    for value in values:
        element = add(parent, "OffeneVerpflichtung", personen=value.persons_covered)
        add_text(element, "Behoerde", value.authority_name)


def _collector(parent: Element, value: AuthorisedCollector | None) -> None:
    if value is None:
        return
    element = add(parent, "Abholer", geburtstag=value.birth_day)
    add_name(element, "Vorname", value.first_name)
    add_name(element, "Nachname", value.family_name)
    add_text(element, "Geburtsort", value.birth_place)


def _guest(parent: Element, guest: Guest) -> None:
    element = add(
        parent,
        "Gast",
        geschlecht=GENDERS.word(guest.gender),
        staat=guest.nationality,
        einreise=guest.expected_entry,
        krankenversicherung=guest.health_insurance,
        unterkunft=guest.accommodation_costs,
    )
    _stay(element, guest.stay)
    add_text(element, "Anmerkung", guest.remarks)
    add_name(element, "Vorname", guest.first_name)
    add_name(element, "Nachname", guest.family_name)
    add_name(element, "Geburtsname", guest.birth_name)
    add_address(element, guest.address)
    add_address_abroad(element, guest.address_abroad)
    add_birth(element, guest.birth)
    add_text(element, "Passnummer", guest.passport_number)
    add_code(element, "Beziehung", guest.relation_to_host)
    for companion in guest.further_guests:
        _companion(element, companion)


def _stay(parent: Element, stay: GuestStay) -> None:
    kind = STAYS.word(stay.kind)
    if isinstance(stay, ShortStay):
        element = add(parent, "Aufenthalt", art=kind, tage=stay.days)
        add_code(element, "Schluessel", stay.code)
        add_text(element, "Zweck", stay.purpose)
    elif isinstance(stay, LongStay):
        element = add(parent, "Aufenthalt", art=kind, dauer=stay.duration)
        add_code(element, "Schluessel", stay.code)
        add_code(element, "Ausbildungszweck", stay.training_purpose)
    else:
        add(add(parent, "Aufenthalt", art=kind), "Zweck", stay.text)


def _companion(parent: Element, value: FurtherGuest) -> None:
    gender = GENDERS.word(value.gender)
    element = add(parent, "Begleiter", geschlecht=gender, staat=value.nationality)
    add_name(element, "Vorname", value.first_name)
    add_name(element, "Nachname", value.family_name)
    add_name(element, "Geburtsname", value.birth_name)
    add_birth(element, value.birth)
    add_code(element, "Beziehung", value.relation_to_guest)
    add_text(element, "Anmerkung", value.remarks)
