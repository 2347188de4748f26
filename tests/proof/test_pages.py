from datetime import timedelta

from lxml import html as html_of

from hub.proof import Fault, Outcome, Property, Refusal, Report, Row, Timing
from hub.proof.pages import html, markdown

REPORT = Report(
    adapter="elbe",
    version="1",
    faults=(
        Fault(
            Property.CODES,
            "code d is not valid: write one of: m, w <x>",
            ("employment", "family"),
            field="submission.details.person.gender",
            element="/application/person/gender",
            line=17,
            example="<gender>divers</gender>",
        ),
        Fault(Property.ANSWERS, "write raised KeyError", example='{\n  "type": "reply"\n}'),
    ),
    checked={Property.LOADED: 1, Property.CODES: 222},
    rows=(
        Row("submission.id", Outcome.CARRIED, ("/application/@uuid",), None, ("employment",), ()),
        Row(
            "submission.details.remarks",
            Outcome.CHANGED,
            ("/application/remarks",),
            "cut | after 4000",
            ("employment",),
            (),
        ),
        Row(
            "submission.documents.*.file_name",
            Outcome.LOST,
            (),
            "no element",
            ("family",),
            ("employment",),
        ),
    ),
    refusals=(Refusal("employment", "submission.leika", "leika.unknown", "Not known."),),
    timings=(
        Timing(
            "write",
            "employment",
            598,
            timedelta(microseconds=170),
            timedelta(microseconds=350),
            "another value",
        ),
    ),
    duration=timedelta(seconds=6),
)


def test_the_markdown_has_the_table_of_the_mapping_and_every_fault() -> None:
    page = markdown([REPORT])
    assert "3 fields: 1 carried, 1 changed, 1 lost" in page
    assert "| `submission.id` | carried | `/application/@uuid` |  |" in page
    assert "cut \\| after 4000" in page
    assert "no element (carried with family)" in page
    assert "at /application/person/gender, line 17, found with employment, family" in page
    assert "<gender>divers</gender>" in page
    assert "| write | employment | 598 | 0.17 ms | 0.35 ms | another value |" in page
    assert "leika.unknown" in page


def test_the_html_says_the_same_and_escapes_what_it_shows() -> None:
    page = html([REPORT])
    assert "<gender>" not in page
    document = html_of.fromstring(page)
    assert document.xpath("count(//tbody/tr[td/code])") == 4
    assert "2 faults" in document.text_content()
    assert "write one of: m, w <x>" in document.text_content()
    assert not document.xpath("//script | //link | //@src")


def test_a_fault_reads_as_a_sentence_with_its_place() -> None:
    assert str(REPORT.faults[0]).splitlines() == [
        "submission.details.person.gender: code d is not valid: write one of: m, w <x>",
        "  at /application/person/gender, line 17, found with employment, family",
        "  <gender>divers</gender>",
    ]
    assert not REPORT.holds
