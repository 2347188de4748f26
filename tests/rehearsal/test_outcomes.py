"""What a translation is reduced to: shapes without values, failures without anybody's words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from lxml import etree

from hub.adapter import (
    Adapter,
    Authority,
    Capability,
    Change,
    Context,
    Parcel,
    PermanentFailure,
    ReadContext,
    XmlMessage,
)
from hub.model.downward import Downward
from hub.model.upward import Upward
from hub.rehearsal.outcomes import Failed, Outcome, Translated, Way, translate
from hub.routing import RoutingTable
from hub.xml import Element, SchemaSet
from tests.builders.messages import a_context, a_submission, a_withdrawal

ON = date(2026, 11, 26)
SCHEMA = """\
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
  <xs:element name="A"><xs:complexType><xs:sequence>
    <xs:element name="Name" type="xs:string" maxOccurs="9"/>
    <xs:element name="Day" type="xs:date"/>
  </xs:sequence></xs:complexType></xs:element>
</xs:schema>
"""
TEXT = """\
systems:
  one: {adapter: vendor, formats: [{version: "1", from: 2026-11-01}], stage: production,
    transport: http, endpoint: {url: "https://one.example"}, limits: {parallel: 1, attempts: 3}}
authorities:
  "990001": {name: Musterstadt, regional_keys: [], system: one,
    services: [employment], back_channel: false}
"""


@dataclass
class AFormat:
    """Writes two names and a day, or raises what it is told to."""

    schemas: SchemaSet
    day: str = "2026-11-02"
    raises: Exception | None = None
    encodings: frozenset[str] = frozenset({"UTF-8"})
    carries: frozenset[Capability] = frozenset({"employment", "withdrawal"})
    lost: Mapping[str, str] = field(default_factory=dict)

    def write(self, message: Downward, context: Context) -> Parcel:  # noqa: ARG002 - the same for all
        if self.raises is not None:
            raise self.raises
        root = etree.Element("A")
        etree.SubElement(root, "Name").text = context.authority.name
        etree.SubElement(root, "Name").text = "Żółć 12"
        etree.SubElement(root, "Day").text = self.day
        changes = (Change("details.person.nationalities[3]", "left out"),)
        return Parcel((XmlMessage(context.message, "A", root),), changes=changes)

    def read(self, document: Element, context: ReadContext) -> list[Upward]:
        raise NotImplementedError


def outcome(
    folder: Path,
    *,
    message: Downward | None = None,
    on: date = ON,
    authority: str = "990001",
    test: bool = False,
    official: str | None = None,
    **given: object,
) -> Outcome:
    (folder / "a.xsd").write_text(SCHEMA)
    schemas = SchemaSet(folder / "a.xsd")
    format_ = AFormat(schemas, **given)  # type: ignore[arg-type]
    table = RoutingTable.parse(TEXT, {"vendor": Adapter("vendor", {"1": format_})}, since=None)
    more = {}
    if official is not None:
        (folder / "official.xsd").write_text(official)
        more["vendor", "1"] = SchemaSet(folder / "official.xsd")
    message = message or a_submission()
    context = a_context(message, authority=Authority(authority, ""), test=test)
    return translate(Way(table, on), message, context, more)


def cause(outcome: Outcome) -> str:
    assert isinstance(outcome, Failed)
    return outcome.cause


def test_values_are_kept_as_their_shape_and_fields_as_formats_name_them(tmp_path: Path) -> None:
    translated = outcome(tmp_path)
    assert translated == Translated(
        {"/": "A", "/Name[1]": "x", "/Name[2]": "x 9", "/Day[1]": "9-9-9"},
        {"submission.details.person.nationalities.*": frozenset({"left out"})},
    )


def test_what_finds_no_route_fails_as_it_would_at_delivery(tmp_path: Path) -> None:
    assert cause(outcome(tmp_path, authority="990002")) == "authority.unknown"
    assert cause(outcome(tmp_path, on=date(2026, 10, 31))) == "format.none_in_force"
    family = a_submission(service="family")
    assert cause(outcome(tmp_path, message=family)) == "service.not_offered"
    assert cause(outcome(tmp_path, test=True)) == "stage.mismatch"
    nothing: frozenset[Capability] = frozenset()
    assert (
        cause(outcome(tmp_path, carries=nothing, message=a_withdrawal())) == "format.cannot_carry"
    )


def test_an_invalid_document_fails_and_others_with_the_same_fault_are_alike(
    tmp_path: Path,
) -> None:
    one, other = outcome(tmp_path, day="Geheim"), outcome(tmp_path, day="Wirklich geheim")
    assert isinstance(one, Failed)
    assert isinstance(other, Failed)
    assert one.cause == "X001"
    assert one.alike == other.alike
    assert "Geheim" not in f"{one}"


def test_an_official_schema_set_has_its_say(tmp_path: Path) -> None:
    strict = SCHEMA.replace('maxOccurs="9"', "")
    assert cause(outcome(tmp_path, official=strict)) == "X001"


def test_what_the_adapter_raises_is_told_without_its_words(tmp_path: Path) -> None:
    refused = PermanentFailure("vendor.name", "The name has no letters.", location="details[2]")
    failed = outcome(tmp_path, raises=refused)
    assert failed == Failed(
        "vendor.name", "The name has no letters.", "details[2]", "vendor.name details"
    )
    bug = outcome(tmp_path, raises=RuntimeError("Żółć"))
    assert isinstance(bug, Failed)
    assert bug.cause == "unexpected"
    assert bug.sentence == "The adapter failed with RuntimeError, which it should not."
    assert bug.location is not None
    assert bug.location.startswith("test_outcomes.py, line ")
    assert "Żółć" not in f"{bug}"
