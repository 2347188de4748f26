"""Any part of a message that the model allows: texts, dates, people, papers."""

from datetime import date
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from pydantic import BaseModel

from hub.model.codes import ForeignCode, code_list
from hub.model.dates import PartialDate
from hub.model.document import Evidence
from hub.model.person import (
    Birth,
    BuildingAddress,
    Contact,
    ForeignAddress,
    IdentityDocument,
    Name,
    Person,
    PostBoxAddress,
    ReferencePerson,
    Representative,
    RepresentativeTrust,
    ResidenceDocument,
    TrustLevel,
)
from hub.model.text import GROUPS, SEQUENCES, normalise


def optional(strategy: SearchStrategy[Any]) -> SearchStrategy[Any]:
    return st.none() | strategy


def some(
    strategy: SearchStrategy[Any], *, least: int = 0, most: int = 2
) -> SearchStrategy[tuple[Any, ...]]:
    return st.lists(strategy, min_size=least, max_size=most).map(tuple)


def codes(list_name: str) -> SearchStrategy[str]:
    return st.sampled_from(sorted(code_list(list_name).codes))


def records(kind: type[BaseModel], /, **fields: SearchStrategy[Any]) -> SearchStrategy[Any]:
    return st.fixed_dictionaries(fields).map(lambda values: kind(**values))


def _allowed(text: str) -> bool:
    try:
        return bool(normalise(text).strip())
    except ValueError:
        return False


texts = (
    st.lists(st.sampled_from([*"".join(GROUPS.values()), *SEQUENCES]), min_size=1, max_size=12)
    .map("".join)
    .filter(_allowed)
)
days = st.dates(min_value=date(1900, 1, 1), max_value=date(2150, 12, 31))
known_dates = st.one_of(
    days.map(lambda day: PartialDate(year=day.year)),
    days.map(lambda day: PartialDate(year=day.year, month=day.month)),
    days.map(lambda day: PartialDate(year=day.year, month=day.month, day=day.day)),
)
partial_dates = st.just(PartialDate()) | known_dates
names = st.just(Name(absent=True)) | texts.map(lambda text: Name(text=text))
foreign_codes = records(
    ForeignCode,
    list_uri=st.just("urn:example:list"),
    list_version=st.from_regex(r"\A[A-Za-z0-9.-]{1,20}\Z"),
    code=st.from_regex(r"\A[A-Za-z0-9._-]{1,20}\Z"),
)
nationalities = some(st.from_regex(r"\A[0-9]{3}\Z"), least=1, most=4)
postcodes = st.from_regex(r"\A[0-9]{5}\Z")
buildings = records(
    BuildingAddress,
    street=texts,
    house_number=st.from_regex(r"\A[0-9A-Za-z][0-9A-Za-z /.-]{0,9}\Z"),
    postcode=postcodes,
    town=texts,
)
post_boxes = records(PostBoxAddress, number=texts, postcode=postcodes, town=texts)
addresses = buildings | post_boxes
abroad = records(ForeignAddress, state=codes("state"), lines=some(texts, least=1, most=6))
contacts = some(
    records(Contact, channel=codes("contact_channel"), value=texts, note=optional(texts))
)
births = records(Birth, place=optional(texts), state=optional(codes("state")), day=partial_dates)
evidence = records(Evidence, document=st.uuids(), title=texts)
flags = st.booleans()
trust = st.one_of(
    records(TrustLevel, first_name=flags, family_name=flags, contacts=some(flags)),
    records(
        TrustLevel,
        first_name=flags,
        family_name=flags,
        birth_place=flags,
        birth_state=optional(flags),
        birth_day=flags,
        nationalities=some(flags, most=4),
        address=optional(flags),
    ),
)
residence_documents = st.one_of(
    records(ResidenceDocument, pages=some(st.uuids(), least=1)),
    records(ResidenceDocument, visa_free_entry=texts),
    st.just(ResidenceDocument(german_document_exists=True)),
)
identity_documents = records(
    IdentityDocument,
    serial_number=texts,
    valid_from=st.just(date(2020, 1, 1)),
    valid_until=st.just(date(2030, 1, 1)) | st.just(date(2020, 1, 1)),
    pages=some(st.uuids(), least=1),
)
yes = st.none() | st.just(True)

person_fields: dict[str, SearchStrategy[Any]] = {
    "first_name": names,
    "family_name": names,
    "other_names": some(texts),
    "gender": codes("gender"),
    "birth": births,
    "height_cm": optional(st.integers(20, 280)),
    "eye_colour": optional(foreign_codes),
    "marital_status": codes("marital_status"),
    "living_apart": yes,
    "marital_status_since": optional(known_dates),
    "nationalities": nationalities,
    "address": optional(addresses),
    "contacts": contacts,
    "residence_document": optional(residence_documents),
    "passport": optional(identity_documents),
    "trust": optional(trust),
}
people = records(Person, **person_fields)
representatives = records(
    Representative,
    kind=foreign_codes,
    first_name=names,
    family_name=names,
    address=optional(buildings),
    post_box=optional(post_boxes),
    contacts=contacts,
    authorisations=some(st.uuids()),
    gender=codes("gender"),
    birth_day=optional(days),
    company=optional(texts),
    trust=optional(
        records(
            RepresentativeTrust,
            first_name=flags,
            family_name=flags,
            address=optional(flags),
            contacts=some(flags),
            birth_day=optional(flags),
            company=optional(flags),
        )
    ),
)
reference_persons = records(
    ReferencePerson,
    first_name=names,
    family_name=names,
    birth=births,
    nationalities=nationalities,
    relation=codes("family_relation"),
    address=optional(buildings),
)
