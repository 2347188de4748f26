"""What only a declaration of sponsorship has, § 66(2) AufenthG: means of the host, the visit."""

from collections.abc import Iterable
from typing import Final

from adapters.alster.people import add_guests, add_host
from adapters.alster.sheet import Sheet
from hub.model.sponsor import (
    Employment,
    ForeignIdentification,
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

_STAYS: Final = {
    "c_visa": "C_VISUM",
    "visa_free": "VISUMFREI",
    "d_visa": "D_VISUM",
    "residence_title": "AUFENTHALTSTITEL",
    "other": "SONSTIGES",
}


def add_sponsorship(sheet: Sheet, body: Element, details: SponsorshipDeclaration) -> None:
    """Append host, guests, declaration and visit to the application."""
    sheet.begin_people(body)
    add_host(sheet, details.host)
    add_guests(sheet, details.guest)
    declaration = sheet.dialect.add(body, "Verpflichtung")
    sheet.dialect.optional(declaration, "Rechtsverbindlich", details.legally_binding)
    if isinstance(details.host, PrivateHost):
        _means(sheet, declaration, details.host)
    else:
        _standing(sheet, declaration, details.host)
    _visit(sheet, sheet.dialect.add(body, "Besuch"), details.guest)
    sheet.document(details.summary, "ZUSAMMENFASSUNG")


def _means(sheet: Sheet, element: Element, host: PrivateHost) -> None:
    dialect = sheet.dialect
    _foreign_papers(sheet, element, host.foreign_identification)
    _german_papers(sheet, element, host.german_identification)
    dialect.optional(element, "Beruf", host.occupation)
    dialect.optional(element, "Arbeitgeber", host.employer)
    _employment(sheet, element, host.employment)
    _amounts(sheet, element, "SONSTIGES", host.other_incomes)
    _amounts(sheet, element, "DRITTE", host.incomes_of_others)
    if host.regular_expenses is not None:
        _amounts(sheet, element, "AUSGABEN", [host.regular_expenses])
    dialect.optional(element, "Vermoegen", host.assets)
    dialect.optional(element, "Zahlungsklagen", host.payment_claims)
    dialect.optional(element, "Unterhaltspflichten", host.dependants)
    _obligations(sheet, element, host.other_obligations)
    _obligations(sheet, element, host.open_obligations)


def _standing(sheet: Sheet, element: Element, host: Institution) -> None:
    _obligations(sheet, element, host.other_obligations)
    if host.debtor_entry is not None:
        entry = sheet.dialect.add(element, "Schuldnerverzeichnis")
        sheet.dialect.add(entry, "Eintrag", host.debtor_entry.entered_on)
        sheet.dialect.add(entry, "Grund", host.debtor_entry.reason)
    sheet.dialect.optional(element, "Insolvenz", host.insolvency)
    sheet.dialect.optional(element, "Fortfuehrung", host.continuation_unlikely)


def _foreign_papers(sheet: Sheet, parent: Element, value: ForeignIdentification | None) -> None:
    if value is None:
        return
    element, dialect = sheet.dialect.add(parent, "AuslaendischePapiere"), sheet.dialect
    dialect.code(element, "Titelart", value.title_kind)
    dialect.optional(element, "Titelnummer", value.title_number)
    dialect.optional(element, "AusstellendeBehoerde", value.issuing_authority)
    dialect.optional(element, "Titelbefreiung", value.exempt_from_title)
    dialect.code(element, "Papierart", value.document_kind)
    dialect.optional(element, "Papiernummer", value.document_number)
    dialect.optional(element, "Ausstellerstaat", value.issuing_state)


def _german_papers(sheet: Sheet, parent: Element, value: GermanIdentification | None) -> None:
    if value is None:
        return
    element, dialect = sheet.dialect.add(parent, "DeutschePapiere"), sheet.dialect
    dialect.code(element, "Papierart", value.document_kind)
    dialect.optional(element, "Papiernummer", value.document_number)
    dialect.optional(element, "AusstellendeBehoerde", value.issuing_authority)


def _employment(sheet: Sheet, parent: Element, value: Employment | None) -> None:
    if value is None:
        return
    element, dialect = sheet.dialect.add(parent, "Arbeitsverhaeltnis"), sheet.dialect
    _amounts(sheet, element, "EINKOMMEN", value.incomes)
    dialect.optional(element, "BefristetBis", value.fixed_term_until)
    dialect.optional(element, "Befristungsgrund", value.fixed_term_note)
    dialect.optional(element, "Ende", value.ends_on)
    dialect.optional(element, "Endegrund", value.end_note)


def _amounts(sheet: Sheet, parent: Element, kind: str, values: Iterable[int]) -> None:
    for value in values:
        sheet.dialect.add(parent, "Betrag", value, art=kind)


def _obligations(
    sheet: Sheet, parent: Element, values: Iterable[OtherObligation | OpenObligation]
) -> None:
    for value in values:
        state = "OFFEN" if isinstance(value, OpenObligation) else "ERTEILT"
        element = sheet.dialect.add(parent, "WeitereVerpflichtung", stand=state)
        if isinstance(value, OtherObligation):
            sheet.dialect.optional(element, "Nummer", value.number)
        sheet.dialect.optional(element, "Behoerde", value.authority_name)
        sheet.dialect.optional(element, "Personenzahl", value.persons_covered)


def _visit(sheet: Sheet, element: Element, guest: Guest) -> None:
    dialect = sheet.dialect
    _stay(sheet, element, guest.stay)
    dialect.optional(element, "Einreise", guest.expected_entry)
    dialect.optional(element, "Krankenversicherung", guest.health_insurance)
    dialect.optional(element, "Unterkunftskosten", guest.accommodation_costs)
    dialect.optional(element, "Passnummer", guest.passport_number)
    dialect.add(element, "WohntBeimGastgeber", guest.address is None)


def _stay(sheet: Sheet, parent: Element, stay: GuestStay) -> None:
    dialect = sheet.dialect
    element = dialect.add(parent, "Aufenthalt", art=_STAYS[stay.kind])
    if isinstance(stay, ShortStay):
        dialect.code(element, "Schluessel", stay.code)
        dialect.optional(element, "Zweck", stay.purpose)
        dialect.optional(element, "Dauer", stay.days)
    elif isinstance(stay, LongStay):
        dialect.code(element, "Schluessel", stay.code)
        dialect.code(element, "Ausbildungszweck", stay.training_purpose)
        dialect.optional(element, "Dauer", stay.duration)
    else:
        dialect.add(element, "Zweck", stay.text)
