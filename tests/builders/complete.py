"""Submissions in which every optional field is filled, so that a test can see what gets lost.

Where a field excludes another (a host is private or an institution), the variants stand in
`COMPLETE` under names of their own. Texts are unique: each can be found again.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import count
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from hub.model.codes import ForeignCode
from hub.model.dates import PartialDate
from hub.model.details import (
    AbsenceAbroad,
    Employer,
    EmployerRepresentative,
    FamilyMember,
    FreeMovementDetails,
    Service,
    SkilledWorker,
    SkilledWorkersDetails,
)
from hub.model.document import Document, Evidence
from hub.model.downward import MailboxAddress, Submission
from hub.model.identifiers import DocumentId
from hub.model.person import (
    Address,
    Birth,
    BuildingAddress,
    Contact,
    ForeignAddress,
    IdentityDocument,
    Name,
    PostBoxAddress,
    ReferencePerson,
    Representative,
    RepresentativeTrust,
    ResidenceDocument,
    TrustLevel,
)
from tests.builders.messages import a_submission
from tests.builders.parts import a_document_of, an_id


class Filling:
    """Hands out values, no two the same, in the same order every time."""

    def __init__(self) -> None:
        self._number = count(1)

    def text(self, about: str) -> str:
        return f"{about} {next(self._number)} ŁM̂ß"

    def name(self, about: str) -> Name:
        return Name(text=self.text(about))

    def number(self) -> int:
        return 1000 + next(self._number)

    def day(self) -> date:
        return date(2001, 1, 1) + timedelta(days=next(self._number))

    def code(self, about: str) -> ForeignCode:
        uri = f"urn:example:{about}"
        return ForeignCode(list_uri=uri, list_version="1", code=f"{next(self._number):04d}")

    def document(self) -> DocumentId:
        return DocumentId(an_id(f"filling-{next(self._number)}"))

    def evidence(self) -> tuple[Evidence, ...]:
        return (Evidence(document=self.document(), title=self.text("Nachweis")),)

    def contacts(self) -> tuple[Contact, ...]:
        return (
            Contact(channel="01", value=self.text("E-Mail"), note=self.text("Zusatz")),
            Contact(channel="03", value=self.text("Telefon")),
        )

    def building(self) -> BuildingAddress:
        return BuildingAddress(
            street=self.text("Straße"),
            house_number=f"{next(self._number)} a",
            postcode=f"{next(self._number):05d}",
            town=self.text("Ort"),
        )

    def post_box(self) -> PostBoxAddress:
        postcode = f"{next(self._number):05d}"
        return PostBoxAddress(
            number=self.text("Postfach"), postcode=postcode, town=self.text("Ort")
        )

    def abroad(self) -> ForeignAddress:
        lines = tuple(self.text("Zeile") for _ in range(6))
        return ForeignAddress(state="121", lines=lines)

    def birth(self) -> Birth:
        day = self.day()
        return Birth(
            place=self.text("Geburtsort"),
            state="122",
            day=PartialDate(year=day.year, month=day.month, day=day.day),
        )

    def trust(self) -> TrustLevel:
        return TrustLevel(
            first_name=True,
            family_name=False,
            birth_place=True,
            birth_state=False,
            birth_day=True,
            nationalities=(True, False),
            address=True,
            contacts=(True, False),
        )

    def person(self, address: Address | None = None) -> dict[str, Any]:
        return {
            "first_name": self.name("Vorname"),
            "family_name": self.name("Familienname"),
            "other_names": (self.text("Name"), self.text("Name")),
            "gender": "w",
            "birth": self.birth(),
            "height_cm": 171,
            "eye_colour": self.code("eyes"),
            "marital_status": "VH",
            "living_apart": True,
            "marital_status_since": PartialDate(year=2019, month=3),
            "nationalities": ("121", "122", "123", "124"),
            "address": address or self.building(),
            "contacts": self.contacts(),
            "residence_document": ResidenceDocument(pages=(self.document(), self.document())),
            "passport": IdentityDocument(
                serial_number=self.text("Nummer"),
                valid_from=self.day(),
                valid_until=self.day(),
                pages=(self.document(),),
            ),
            "trust": self.trust(),
        }

    def representative(self) -> Representative:
        return Representative(
            kind=self.code("representation"),
            first_name=self.name("Vorname"),
            family_name=self.name("Familienname"),
            address=self.building(),
            post_box=self.post_box(),
            contacts=self.contacts(),
            authorisations=(self.document(),),
            gender="d",
            birth_day=self.day(),
            company=self.text("Firma"),
            trust=RepresentativeTrust(
                first_name=True,
                family_name=True,
                address=False,
                contacts=(True,),
                birth_day=True,
                company=False,
            ),
        )

    def reference_person(self) -> ReferencePerson:
        return ReferencePerson(
            first_name=self.name("Vorname"),
            family_name=self.name("Familienname"),
            birth=self.birth(),
            nationalities=("125", "126"),
            relation="01",
            address=self.building(),
        )

    def application(self) -> dict[str, Any]:
        """What 130101 and 130301 have in common."""
        return {
            "application_date": self.day(),
            "person": self.person(),
            "representative": self.representative(),
            "reference_persons": (self.reference_person(), self.reference_person()),
            "summary": self.document(),
            "evidence": self.evidence() + self.evidence(),
            "remarks": self.text("Anmerkung"),
            "related_applications": ("AT-2026-000002", "AT-2026-000003"),
        }


def complete_submission(service: Service, details: object) -> Submission:
    """A submission with every field of its own filled, and the documents its details name."""
    documents = tuple(_document(id_, at) for at, id_ in enumerate(ids_below(details)))
    return a_submission(
        service=service,
        id=an_id(f"complete-{service}-{len(documents)}"),
        details=details,
        documents_given=documents,
        leika="99000000000000",
        language="uk",
        mailbox=MailboxAddress(provider="local", account="muster-1", trust_level=3),
        azr_number="900101000000",
        test=True,
    )


def title_details(service: Service, **codes: Any) -> dict[str, Any]:
    filling = Filling()
    first_entry = filling.day()
    return {"service": service, "first_entry": first_entry} | filling.application() | codes


def free_movement_details() -> FreeMovementDetails:
    filling = Filling()
    absence = AbsenceAbroad(
        from_day=PartialDate(year=2011),
        until_day=PartialDate(year=2012, month=4),
        reason=filling.text("Grund"),
    )
    return FreeMovementDetails(
        **filling.application(),
        application_reason="02",
        notification_reason="03",
        absences=(absence,),
        entry=filling.day(),
        convicted=True,
    )


def skilled_workers_details() -> SkilledWorkersDetails:
    filling = Filling()
    representative = EmployerRepresentative(
        first_name=filling.name("Vorname"),
        family_name=filling.name("Familienname"),
        gender="m",
        contacts=filling.contacts(),
        address=filling.post_box(),
        company=filling.text("Firma"),
        authorisations=filling.evidence(),
    )
    employer = Employer(
        company=filling.text("Firma"), address=filling.building(), representative=representative
    )
    member = FamilyMember(
        **filling.person(filling.post_box()), address_abroad=filling.abroad(), relation="02"
    )
    return SkilledWorkersDetails(
        application_date=filling.day(),
        reason="11",
        employer=employer,
        worker=SkilledWorker(**filling.person(), address_abroad=filling.abroad()),
        family=(member,),
        summary=filling.document(),
        evidence=filling.evidence(),
        remarks=filling.text("Anmerkung"),
    )


def ids_below(value: object) -> Iterator[UUID]:
    if isinstance(value, UUID):
        yield value
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from ids_below(getattr(value, name))
    elif isinstance(value, dict):
        yield from ids_below(tuple(value.values()))
    elif isinstance(value, tuple):
        for item in value:
            yield from ids_below(item)


def _document(id_: UUID, at: int) -> Document:
    media_type = "image/jpeg" if at % 2 else "application/pdf"
    suffix = "jpg" if at % 2 else "pdf"
    return a_document_of(id_, str(id_), media_type, 64, f"datei-{at}.{suffix}")
