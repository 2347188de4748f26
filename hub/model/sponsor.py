"""Details of `sponsorship`: a host vouches for a guest's costs (130201, § 66(2) AufenthG).

The host is a private person or an institution; the guest may bring further guests.
Amounts are whole euros, as the standard has them.
"""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, NonNegativeInt, PositiveInt

from hub.model.codes import ForeignCode, Gender, Nationality
from hub.model.dates import PartialDate
from hub.model.document import Evidence
from hub.model.identifiers import DocumentId
from hub.model.person import (
    Address,
    Birth,
    BuildingAddress,
    Contact,
    ForeignAddress,
    Name,
    TrustLevel,
)
from hub.model.record import Record
from hub.model.text import LongText, Text

__all__ = [
    "AuthorisedCollector",
    "AuthorisedRepresentative",
    "DebtorEntry",
    "Employment",
    "ForeignIdentification",
    "FurtherGuest",
    "GermanIdentification",
    "Guest",
    "GuestStay",
    "Institution",
    "InstitutionTrust",
    "LongStay",
    "OpenObligation",
    "OtherObligation",
    "PrivateHost",
    "ShortStay",
    "SponsorshipDeclaration",
]


class ForeignIdentification(Record):
    """Residence title and foreign papers of a host (`OZG.AuslaendischeIdentifikation`)."""

    title_kind: ForeignCode | None = None
    title_number: Text | None = None
    issuing_authority: Text | None = None
    exempt_from_title: Text | None = None
    document_kind: ForeignCode | None = None
    document_number: Text | None = None
    issuing_state: Text | None = None


class GermanIdentification(Record):
    """German papers of a host (`OZG.DeutscheIdentifikation`)."""

    document_kind: ForeignCode | None = None
    document_number: Text | None = None
    issuing_authority: Text | None = None


class Employment(Record):
    """The host's employment (`arbeitnehmerverhaeltnis`)."""

    incomes: Annotated[tuple[NonNegativeInt, ...], Field(max_length=7)] = ()
    fixed_term_until: date | None = None
    fixed_term_note: Text | None = None
    ends_on: date | None = None
    end_note: Text | None = None


class OtherObligation(Record):
    """A declaration already given (`OZG.WeitereVerpflichtungserklaerungen`)."""

    number: Text | None = None
    authority_name: Text | None = None
    persons_covered: NonNegativeInt | None = None


class OpenObligation(Record):
    """A declaration applied for elsewhere and still open (`offeneVE`)."""

    authority_name: Text | None = None
    persons_covered: NonNegativeInt | None = None


class AuthorisedCollector(Record):
    """Who may collect the original (`abholberechtigtePerson`)."""

    first_name: Name | None = None
    family_name: Name | None = None
    birth_day: PartialDate | None = None
    birth_place: Text | None = None


class PrivateHost(Record):
    """A private person as host."""

    kind: Literal["private"] = "private"
    first_name: Name
    family_name: Name
    foreign_identification: ForeignIdentification | None = None
    birth: Birth | None = None
    gender: Gender
    nationalities: Annotated[tuple[Nationality, ...], Field(max_length=4)] = ()
    address: BuildingAddress | None = None
    contacts: tuple[Contact, ...] = ()
    german_identification: GermanIdentification | None = None
    occupation: Text | None = None
    employer: Text | None = None
    employment: Employment | None = None
    other_incomes: Annotated[tuple[NonNegativeInt, ...], Field(max_length=7)] = ()
    regular_expenses: NonNegativeInt | None = None
    assets: Text | None = None
    payment_claims: Text | None = None
    dependants: Annotated[int, Field(ge=0, le=5)] | None = None
    incomes_of_others: Annotated[tuple[NonNegativeInt, ...], Field(max_length=5)] = ()
    other_obligations: tuple[OtherObligation, ...] = ()
    open_obligations: tuple[OpenObligation, ...] = ()
    remarks: LongText | None = None
    evidence: tuple[Evidence, ...] = ()
    collector: AuthorisedCollector | None = None
    trust: TrustLevel | None = None


class DebtorEntry(Record):
    """An entry in the register of debtors (`schuldnerverzeichnis`)."""

    entered_on: date
    reason: Text


class AuthorisedRepresentative(Record):
    """Who may sign for an institution (`vertretungsberechtigtePerson`)."""

    first_name: Name
    family_name: Name
    gender: Gender
    contacts: tuple[Contact, ...] = ()


class InstitutionTrust(Record):
    """Trusted fields of an institution."""

    name: bool
    address: bool | None = None


class Institution(Record):
    """An organisation as host."""

    kind: Literal["institution"] = "institution"
    name: Text
    address: BuildingAddress | None = None
    debtor_entry: DebtorEntry | None = None
    insolvency: Text | None = None
    continuation_unlikely: Text | None = None
    other_obligations: tuple[OtherObligation, ...] = ()
    remarks: LongText | None = None
    representatives: Annotated[tuple[AuthorisedRepresentative, ...], Field(min_length=1)]
    evidence: tuple[Evidence, ...] = ()
    trust: InstitutionTrust | None = None


class ShortStay(Record):
    """A C visa or a stay free of visa (`OZG.CVisumOderVisumfrei`)."""

    kind: Literal["c_visa", "visa_free"]
    code: ForeignCode
    purpose: Text | None = None
    days: PositiveInt | None = None


class LongStay(Record):
    """A D visa or a residence title (`OZG.DVisumOderAufenthaltstitel`)."""

    kind: Literal["d_visa", "residence_title"]
    code: ForeignCode
    training_purpose: ForeignCode | None = None
    duration: PositiveInt | None = None


class OtherStay(Record):
    """Any other stay, in words (`sonstiges`)."""

    kind: Literal["other"] = "other"
    text: Text


GuestStay = Annotated[ShortStay | LongStay | OtherStay, Field(discriminator="kind")]


class FurtherGuest(Record):
    """A guest who comes along (`weitereGaeste`)."""

    first_name: Name | None = None
    family_name: Name | None = None
    birth_name: Name | None = None
    birth: Birth | None = None
    relation_to_guest: ForeignCode | None = None
    remarks: LongText | None = None
    gender: Gender
    nationality: Nationality | None = None


class Guest(Record):
    """Whom the host vouches for (`gast`). No `address` means: lives with the host."""

    stay: GuestStay
    remarks: LongText | None = None
    expected_entry: date | None = None
    health_insurance: NonNegativeInt | None = None
    accommodation_costs: NonNegativeInt | None = None
    first_name: Name | None = None
    family_name: Name | None = None
    birth_name: Name | None = None
    gender: Gender
    nationality: Nationality | None = None
    address: Address | None = None
    address_abroad: ForeignAddress | None = None
    birth: Birth | None = None
    passport_number: Text | None = None
    relation_to_host: ForeignCode | None = None
    further_guests: tuple[FurtherGuest, ...] = ()


class SponsorshipDeclaration(Record):
    """What the host declares; `summary` is the signed summary with the instruction."""

    service: Literal["sponsorship"] = "sponsorship"
    legally_binding: Literal[True] | None = None
    host: Annotated[PrivateHost | Institution, Field(discriminator="kind")]
    guest: Guest
    summary: DocumentId
