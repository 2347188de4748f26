"""Invented hosts and guests for declarations of sponsorship (130201)."""

from datetime import date

from hub.model.dates import PartialDate
from hub.model.person import Birth
from hub.model.sponsor import (
    AuthorisedCollector,
    AuthorisedRepresentative,
    Employment,
    FurtherGuest,
    GermanIdentification,
    Guest,
    Institution,
    InstitutionTrust,
    LongStay,
    OtherObligation,
    PrivateHost,
    ShortStay,
)
from hub.sandbox import people
from hub.sandbox.drafts import Draft

__all__ = ["guest", "institution", "private_host"]


def private_host(draft: Draft) -> PrivateHost:
    """A person who vouches for a guest."""
    return PrivateHost(
        first_name=people.name("Käthe"),
        family_name=people.name("Müßter"),
        birth=Birth(place="Musterort", state="000", day=people.partial(date(1961, 12, 24))),
        gender="w",
        nationalities=("000",),
        address=people.address(draft.number),
        contacts=people.contacts(draft.number),
        german_identification=GermanIdentification(
            document_kind=people.placeholder("identifikationsdokument"), document_number="MUSTER01"
        ),
        occupation="Prüferin",
        employer="Muster AG (erfunden)",
        employment=Employment(incomes=(3200, 3200, 3150)),
        regular_expenses=1250,
        assets="Sparbuch, 12 000 €",
        dependants=1,
        other_obligations=(OtherObligation(number="MUSTER-1", persons_covered=1),),
        remarks=people.remarks(draft.number),
        evidence=people.evidence(draft.folder, "Gehaltsnachweis", padding=draft.padding),
        collector=AuthorisedCollector(
            first_name=people.name("Jörg"),
            family_name=people.name("Muster"),
            birth_day=PartialDate(year=1990),
            birth_place="Musterort",
        ),
    )


def institution(draft: Draft) -> Institution:
    """An association that vouches for a guest."""
    return Institution(
        name="Förderverein »Muster« e. V. (erfunden)",
        address=people.address(draft.number),
        remarks=people.remarks(draft.number),
        representatives=(
            AuthorisedRepresentative(
                first_name=people.name("Björn"),
                family_name=people.name("Muster"),
                gender="m",
                contacts=people.contacts(draft.number),
            ),
        ),
        evidence=people.evidence(draft.folder, "Vereinsregister", padding=draft.padding),
        trust=InstitutionTrust(name=True, address=False),
    )


def guest(draft: Draft) -> Guest:
    """Whom the host vouches for, and one who comes along."""
    who = draft.person
    short = ShortStay(kind="c_visa", code=people.placeholder("c-visum"), purpose="Besuch", days=30)
    long = LongStay(kind="d_visa", code=people.placeholder("d-visum"), duration=12)
    return Guest(
        stay=short if draft.number % 4 < 2 else long,
        expected_entry=date(2027, 3, 1),
        accommodation_costs=0,
        first_name=draft.first_name,
        family_name=people.name(who.family),
        birth_name=people.name(who.other_names[0]),
        gender=who.gender,
        nationality=who.nationalities[0],
        birth=draft.birth,
        passport_number=f"MUSTER{draft.number:06d}",
        relation_to_host=people.placeholder("beziehung-gastgeber"),
        further_guests=(FurtherGuest(first_name=people.name("Ĝoja"), gender="x"),),
    )
