"""The host of a 130201 Verpflichtungserklärung: a private person or an institution."""

from collections.abc import Iterable

from adapters.xauslaender.documents import Documents
from adapters.xauslaender.elements import each, foreign_code, optional, qualified
from adapters.xauslaender.parts import (
    birth,
    birth_place,
    building,
    contacts,
    gender,
    name,
    nationalities,
    optional_name,
    partial_date_or_unknown,
    trust_level,
)
from hub.model.document import Evidence
from hub.model.sponsor import (
    AuthorisedCollector,
    AuthorisedRepresentative,
    DebtorEntry,
    Employment,
    ForeignIdentification,
    GermanIdentification,
    Institution,
    InstitutionTrust,
    OpenObligation,
    OtherObligation,
    PrivateHost,
)
from hub.xml import Element

__all__ = ["fill_institution", "fill_private_host"]


def fill_private_host(element: Element, host: PrivateHost, documents: Documents) -> None:
    """`gastgeber/privat`."""
    name(element, "vorname", host.first_name)
    name(element, "familienname", host.family_name)
    _foreign_identification(element, host.foreign_identification)
    birth(element, "geburtsangaben", host.birth)
    gender(element, host.gender)
    nationalities(element, host.nationalities)
    if host.address is not None:
        building(qualified(element, "anschrift"), host.address)
    contacts(element, host.contacts)
    _german_identification(element, host.german_identification)
    _means(element, host)
    _other_obligations(element, host.other_obligations)
    _open_obligations(element, host.open_obligations)
    optional(element, "sonstigeAnmerkungen", host.remarks)
    _evidence(element, host.evidence, documents)
    _collector(element, host.collector)
    trust_level(element, host.trust)


def fill_institution(element: Element, host: Institution, documents: Documents) -> None:
    """`gastgeber/institutionell`."""
    qualified(element, "nameOrganisation", host.name)
    if host.address is not None:
        building(qualified(element, "anschrift"), host.address)
    _debtor_entry(element, host.debtor_entry)
    optional(element, "insolvenzverfahren", host.insolvency)
    optional(element, "fortfuehrungUnwahrscheinlich", host.continuation_unlikely)
    _other_obligations(element, host.other_obligations)
    optional(element, "sonstigeAnmerkungen", host.remarks)
    _authorised_representatives(element, host.representatives)
    _evidence(element, host.evidence, documents)
    _institution_trust(element, host.trust)


def _foreign_identification(parent: Element, value: ForeignIdentification | None) -> None:
    if value is None:
        return
    element = qualified(parent, "auslaendischeIdentifikation")
    foreign_code(element, "artDesAufenthaltstitels", value.title_kind)
    optional(element, "nummerEAT", value.title_number)
    optional(element, "ausstellendeABH", value.issuing_authority)
    optional(element, "vomAufenthaltstitelBefreit", value.exempt_from_title)
    foreign_code(element, "artDesAuslaendischenIdentifikationsdokuments", value.document_kind)
    optional(element, "nummerDesAuslaendischenIdentifikationsdokuments", value.document_number)
    optional(element, "ausstellenderStaat", value.issuing_state)


def _german_identification(parent: Element, value: GermanIdentification | None) -> None:
    if value is None:
        return
    element = qualified(parent, "deutscheIdentifikation")
    foreign_code(element, "artDesIdentifikationsdokuments", value.document_kind)
    optional(element, "nummerDesDeutschenIdentifikationsdokuments", value.document_number)
    optional(element, "ausstellendeBehoerde", value.issuing_authority)


def _means(element: Element, host: PrivateHost) -> None:
    optional(element, "beruf", host.occupation)
    optional(element, "arbeitgeber", host.employer)
    _employment(element, host.employment)
    each(element, "sonstigeEinkuenfte", host.other_incomes)
    optional(element, "regelmaessigeAusgaben", host.regular_expenses)
    optional(element, "vermoegen", host.assets)
    optional(element, "zahlungsklagen", host.payment_claims)
    optional(element, "finanzielleVerantwortung", host.dependants)
    each(element, "einkuenfteDritterPersonen", host.incomes_of_others)


def _employment(parent: Element, value: Employment | None) -> None:
    if value is None:
        return
    element = qualified(parent, "arbeitnehmerverhaeltnis")
    each(element, "einkuenfte", value.incomes)
    optional(element, "befristet", value.fixed_term_until)
    optional(element, "befristetErklaerung", value.fixed_term_note)
    optional(element, "arbeitsverhaeltnisEnde", value.ends_on)
    optional(element, "arbeitsverhaeltnisEndeErklaerung", value.end_note)


def _other_obligations(parent: Element, values: Iterable[OtherObligation]) -> None:
    for value in values:
        element = qualified(parent, "weitereVE")
        optional(element, "nummerVE", value.number)
        optional(element, "nameABH", value.authority_name)
        optional(element, "anzahlAbgesichertePersonen", value.persons_covered)


def _open_obligations(parent: Element, values: Iterable[OpenObligation]) -> None:
    for value in values:
        element = qualified(parent, "offeneVE")
        optional(element, "nameABH", value.authority_name)
        optional(element, "anzahlAbgesichertePersonen", value.persons_covered)


def _evidence(parent: Element, values: Iterable[Evidence], documents: Documents) -> None:
    # `OZG.DokumentErweitert`: unlike elsewhere, a host's evidence is always embedded.
    for value in values:
        documents.embed(qualified(parent, "nachweis"), value.document, value.title)


def _collector(parent: Element, value: AuthorisedCollector | None) -> None:
    if value is None:
        return
    element = qualified(parent, "abholberechtigtePerson")
    optional_name(element, "familienname", value.family_name)
    optional_name(element, "vorname", value.first_name)
    if value.birth_day is not None:
        partial_date_or_unknown(qualified(element, "tagDerGeburt"), value.birth_day)
    birth_place(element, value.birth_place)


def _debtor_entry(parent: Element, value: DebtorEntry | None) -> None:
    if value is not None:
        element = qualified(parent, "schuldnerverzeichnis")
        qualified(element, "eintragungszeitpunkt", value.entered_on)
        qualified(element, "eintragungsgrund", value.reason)


def _authorised_representatives(
    parent: Element, values: Iterable[AuthorisedRepresentative]
) -> None:
    for value in values:
        element = qualified(parent, "vertretungsberechtigtePerson")
        name(element, "vorname", value.first_name)
        name(element, "familienname", value.family_name)
        gender(element, value.gender)
        contacts(element, value.contacts)


def _institution_trust(parent: Element, value: InstitutionTrust | None) -> None:
    if value is not None:
        element = qualified(parent, "vertrauensniveau")
        qualified(element, "nameOrganisation", value.name)
        optional(element, "anschrift", value.address)
