"""People and where they are, as XAusländer 26.11 knows them (`OZG.Person` and its parts)."""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from hub.model.codes import (
    ContactChannel,
    FamilyRelation,
    ForeignCode,
    Gender,
    MaritalStatus,
    Nationality,
    StateCode,
)
from hub.model.dates import PartialDate
from hub.model.identifiers import DocumentId
from hub.model.record import Record
from hub.model.text import Text

__all__ = [
    "Address",
    "Birth",
    "BuildingAddress",
    "Contact",
    "ForeignAddress",
    "IdentityDocument",
    "Name",
    "Nationalities",
    "Person",
    "PostBoxAddress",
    "ReferencePerson",
    "Representative",
    "RepresentativeTrust",
    "ResidenceDocument",
    "TrustLevel",
]

Postcode = Annotated[str, Field(pattern=r"^[0-9]{5}$")]


class Name(Record):
    """A name, or the statement that the person has none (`nichtVorhanden`)."""

    text: Text | None = None
    absent: bool = False

    @model_validator(mode="after")
    def _either(self) -> Self:
        if (self.text is None) is not self.absent:
            raise ValueError("give either a text or absent: true")
        return self


class Birth(Record):
    """Place, state and day of birth; the day may be partial or unknown."""

    place: Text | None = None
    state: StateCode | None = None
    day: PartialDate


class BuildingAddress(Record):
    """A house in Germany."""

    kind: Literal["building"] = "building"
    street: Text
    house_number: Annotated[str, Field(pattern=r"^[0-9A-Za-z][0-9A-Za-z /.-]{0,9}$")]
    postcode: Postcode
    town: Text


class PostBoxAddress(Record):
    """A post-office box in Germany."""

    kind: Literal["post_box"] = "post_box"
    number: Text
    postcode: Postcode
    town: Text


Address = Annotated[BuildingAddress | PostBoxAddress, Field(discriminator="kind")]


class ForeignAddress(Record):
    """An address abroad, as it would be printed on an envelope."""

    state: StateCode
    lines: Annotated[tuple[Text, ...], Field(min_length=1, max_length=6)]


class Contact(Record):
    """One way to reach somebody: channel 01 is e-mail, 02 a land line, 03 a mobile phone."""

    channel: ContactChannel
    value: Text
    note: Text | None = None


class TrustLevel(Record):
    """Which fields came from a trusted identity (`OZG.Vertrauensniveau`); true is trusted."""

    first_name: bool
    family_name: bool
    birth_place: bool | None = None
    birth_state: bool | None = None
    birth_day: bool | None = None
    nationalities: Annotated[tuple[bool, ...], Field(max_length=4)] = ()
    address: bool | None = None
    contacts: tuple[bool, ...] = ()

    @model_validator(mode="after")
    def _birth_together(self) -> Self:
        if (self.birth_place is None) != (self.birth_day is None):
            raise ValueError("birth_place and birth_day are given together or not at all")
        if self.birth_state is not None and self.birth_place is None:
            raise ValueError("birth_state needs birth_place and birth_day")
        return self


class ResidenceDocument(Record):
    """What proves the present stay; exactly one of the three (`aufenthaltsdokument`)."""

    pages: tuple[DocumentId, ...] = ()
    visa_free_entry: Text | None = None
    german_document_exists: Literal[True] | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        given = (bool(self.pages), self.visa_free_entry is not None, self.german_document_exists)
        if sum(map(bool, given)) != 1:
            raise ValueError("give exactly one of pages, visa_free_entry, german_document_exists")
        return self


class IdentityDocument(Record):
    """The passport or what stands for it (`ausweisdokument`)."""

    serial_number: Text
    valid_from: date
    valid_until: date
    pages: Annotated[tuple[DocumentId, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.valid_until < self.valid_from:
            raise ValueError("valid_until lies before valid_from")
        return self


Nationalities = Annotated[tuple[Nationality, ...], Field(min_length=1, max_length=4)]


class Person(Record):
    """The applicant (`OZG.Person`)."""

    first_name: Name
    family_name: Name
    other_names: tuple[Text, ...] = ()
    gender: Gender
    birth: Birth
    height_cm: Annotated[int, Field(ge=20, le=280)] | None = None
    eye_colour: ForeignCode | None = None
    marital_status: MaritalStatus
    living_apart: Literal[True] | None = None
    marital_status_since: PartialDate | None = None
    nationalities: Nationalities
    address: Address | None = None
    contacts: tuple[Contact, ...] = ()
    residence_document: ResidenceDocument | None = None
    passport: IdentityDocument | None = None
    trust: TrustLevel | None = None

    @model_validator(mode="after")
    def _since_is_known(self) -> Self:
        # `familienstandOderGetrenntlebendSeit` is TeilbekanntesDatum without "unknown".
        if self.marital_status_since is not None and not self.marital_status_since.known:
            raise ValueError("marital_status_since: leave it out where it is not known")
        return self


class RepresentativeTrust(Record):
    """Trusted fields of a representative."""

    first_name: bool
    family_name: bool
    address: bool | None = None
    contacts: tuple[bool, ...] = ()
    birth_day: bool | None = None
    company: bool | None = None


class Representative(Record):
    """Who acts for the applicant, such as a minor's parent (`OZG.AntragstellerVertreter`)."""

    kind: ForeignCode
    first_name: Name
    family_name: Name
    address: BuildingAddress | None = None
    post_box: PostBoxAddress | None = None
    contacts: tuple[Contact, ...] = ()
    authorisations: tuple[DocumentId, ...] = ()
    gender: Gender
    birth_day: date | None = None
    company: Text | None = None
    trust: RepresentativeTrust | None = None


class ReferencePerson(Record):
    """The relative whom the applicant joins or lives with (`OZG.Referenzperson`)."""

    first_name: Name
    family_name: Name
    birth: Birth
    nationalities: Nationalities
    relation: FamilyRelation
    address: BuildingAddress | None = None
