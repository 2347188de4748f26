"""Faults that vendors make, one at a time: the check names each of them."""

import json
from datetime import timedelta

import pytest

from hub.proof import Bounds, Fault, Outcome, Property, Report, prove
from tests.proof.conftest import Package


def examined(package: Package, seconds: int = 60) -> Report:
    """`seconds`: far more than a call takes, also where other tests run beside it."""
    bounds = Bounds(time=timedelta(seconds=seconds), megabytes=256)
    return prove(package.load(), "1", bounds=bounds)


def only_fault(report: Report, property_: Property) -> Fault:
    """The one fault there is."""
    assert [fault.property for fault in report.faults] == [property_], "\n".join(
        map(str, report.faults)
    )
    return report.faults[0]


def test_nothing_is_wrong_with_the_scaffolded_package(package: Package) -> None:
    report = examined(package)
    assert report.faults == ()
    outcomes = {row.field: row for row in report.rows}
    assert outcomes["submission.details.person.gender"].places == ("/application/person/gender",)
    assert outcomes["submission.details.remarks"].outcome is Outcome.CHANGED
    assert outcomes["submission.azr_number"].outcome is Outcome.LOST
    assert {timing.subject for timing in report.timings} >= {"employment", "question"}


def test_swapped_fields_are_found_by_the_golden_example(package: Package) -> None:
    package.edit("write.py", '"firstName", person.first_name', '"firstName", person.family_name')
    package.edit("write.py", '"familyName", person.family_name', '"familyName", person.first_name')
    fault = only_fault(examined(package), Property.EXAMPLES)
    assert fault.element == "/application/person/firstName"
    assert fault.sentence == (
        "the example has what is in submission.details.person.first_name.text here, and what is "
        "in submission.details.person.family_name.text was written"
    )


def test_a_field_written_twice_in_place_of_another_is_found(package: Package) -> None:
    package.edit("write.py", '"familyName", person.family_name', '"familyName", person.first_name')
    report = examined(package)
    fields = [fault.field for fault in report.faults_of(Property.CARRIED)]
    assert "submission.details.person.family_name.text" in fields


def test_a_dropped_item_of_a_list_is_found(package: Package) -> None:
    package.edit("write.py", "in person.other_names:", "in person.other_names[:1]:")
    [fault] = examined(package).faults_of(Property.CARRIED)
    assert fault.field == "submission.details.person.other_names.*"
    assert "lost is submission.details.person.other_names.1" in fault.sentence


def test_a_field_declared_lost_and_carried_is_found(package: Package) -> None:
    package.edit("lost.py", '"submission.azr_number"', '"submission.details.remarks"')
    faults = examined(package).faults_of(Property.CARRIED)
    assert [fault.field for fault in faults] == [
        "submission.azr_number",
        "submission.details.remarks",
    ]
    assert "declares submission.details.remarks lost, but" in faults[1].sentence


def test_two_codes_written_alike_are_found(package: Package) -> None:
    merged = '{"x": "d"}.get(person.gender, person.gender)'
    package.edit("write.py", '"gender", person.gender', f'"gender", {merged}')
    fault = only_fault(examined(package), Property.CODES)
    assert fault.field == "submission.details.person.gender"
    assert fault.sentence.startswith("code x is written as code d is")


def test_a_code_outside_the_list_of_the_schema_is_found(package: Package) -> None:
    wrong = '{"d": "divers"}.get(person.gender, person.gender)'
    package.edit("write.py", '"gender", person.gender', f'"gender", {wrong}')
    [fault] = examined(package).faults_of(Property.CODES)
    assert fault.field == "submission.details.person.gender"
    assert fault.element == "/application/person/gender"
    assert fault.line is not None
    assert fault.example == "<gender>divers</gender>"
    assert "must be one of: m, w, d, x" in fault.sentence


def test_an_unbounded_text_is_found(package: Package) -> None:
    package.edit("write.py", "details.remarks[:_LONGEST_REMARKS]", "details.remarks")
    fault = only_fault(examined(package), Property.TEXTS)
    assert fault.field == "submission.details.remarks"
    assert fault.element == "/application/remarks"
    assert "at most 4000 characters" in fault.sentence


def test_a_text_that_is_cut_in_silence_is_found(package: Package) -> None:
    package.edit("write.py", "if remarks != details.remarks:", "if False:")
    fault = only_fault(examined(package), Property.TEXTS)
    assert fault.field == "submission.details.remarks"
    assert "no Change" in fault.sentence


def test_a_fault_that_two_missing_fields_make_together_is_shown_by_a_small_message(
    package: Package,
) -> None:
    package.edit(
        "write.py",
        "    _papers(root, message, details, context)\n\n",
        "    if details.remarks is None and details.first_entry is None:\n"
        '        _add(root, "remarks", details.person.first_name.text)\n'
        "    _papers(root, message, details, context)\n"
        "    if details.remarks is None and details.first_entry is None:\n"
        '        _add(root, "nothing")\n\n',
    )
    fault = only_fault(examined(package), Property.VALID)
    assert fault.element == "/application/nothing"
    assert fault.sentence.startswith("a message with submission.")
    assert fault.example is not None
    smallest = json.loads(fault.example)
    assert smallest["documents"] == []
    assert not smallest["details"].get("representative")


def test_an_id_that_is_made_up_is_found(package: Package) -> None:
    package.carry_only("withdrawal")
    package.edit("write.py", "from lxml import etree\n", "import uuid\nfrom lxml import etree\n")
    package.edit("write.py", "str(context.message))", "str(uuid.uuid4()))")
    [fault] = examined(package).faults_of(Property.SAME)
    assert fault.element == "/withdrawal/@uuid"


def test_the_order_of_a_set_is_found(package: Package) -> None:
    package.carry_only("reply")
    package.edit(
        "write.py", 'root.set("version", "1")', 'root.set("version", "1")\n    _extra(root)'
    )
    package.edit(
        "write.py",
        "def _application(",
        "def _extra(root):\n"
        '    for name in {"alpha", "beta", "gamma", "delta", "epsilon"}:\n'
        '        root.set(name, "1")\n\n\ndef _application(',
    )
    package.edit(
        "vendor.xsd".replace("vendor", package.name),
        '<xs:attributeGroup name="Head">',
        '<xs:attributeGroup name="Head">'
        + "".join(
            f'<xs:attribute name="{name}"/>'
            for name in ("alpha", "beta", "gamma", "delta", "epsilon")
        ),
    )
    [fault] = examined(package).faults_of(Property.SAME)
    assert "in another process" in fault.sentence


@pytest.mark.parametrize(
    ("does", "sentence"),
    [
        ("while True: pass", "write did not answer within 10 s"),
        ("hoard = [bytes(2**20) for _ in range(10**6)]", "write needed more than 256 MB of memory"),
        ("import os; os._exit(3)", "write ended its process (exit code 3)"),
        ("import sys; sys.exit(0)", "write raised SystemExit: 0 at write.py, line"),
        ("import ctypes; ctypes.string_at(0)", "write ended its process (signal 11)"),
    ],
)
def test_what_it_does_to_its_process_is_reported_and_not_suffered(
    package: Package, does: str, sentence: str
) -> None:
    package.carry_only("withdrawal")
    package.edit(
        "write.py",
        'root = _root("withdrawal", context)',
        f'root = _root("withdrawal", context)\n        {does}',
    )
    fault = only_fault(examined(package, seconds=10), Property.ANSWERS)
    assert fault.sentence.startswith(sentence)
    assert fault.subjects == ("withdrawal",)


def test_one_kind_of_message_that_hangs_leaves_the_others_examined(package: Package) -> None:
    package.carry_only("withdrawal", "reply")
    package.edit("write.py", 'root = _root("reply", context)', "while True: pass")
    report = examined(package)
    assert only_fault(report, Property.ANSWERS).subjects == ("reply",)
    assert {row.field for row in report.rows} >= {"withdrawal.id"}


def test_an_exception_is_named_by_field_and_line(package: Package) -> None:
    package.carry_only("reply")
    package.edit("write.py", '"text", message.text)', '"text", message.text.strip())')
    line = package.line_of("write.py", "message.text.strip()")
    [fault] = examined(package).faults_of(Property.ANSWERS)
    assert fault.field == "reply.text"
    assert "write raised AttributeError" in fault.sentence
    assert f"write.py, line {line}" in fault.sentence


def test_refusing_what_it_says_to_carry_is_found(package: Package) -> None:
    package.carry_only("withdrawal", "agreement_reply")
    [fault] = examined(package).faults_of(Property.VALID)
    assert fault.subjects == ("agreement_reply",)
    assert "message.unexpected" in fault.sentence


def test_an_exception_while_reading_is_named_by_line(package: Package) -> None:
    package.carry_only("question")
    package.edit("read.py", "except ValueError:", "except KeyError:")
    [fault] = examined(package).faults_of(Property.ANSWERS)
    assert fault.subjects == ("question",)
    assert "read raised" in fault.sentence


def test_a_hostile_update_that_is_read_is_found(package: Package) -> None:
    package.carry_only("status")
    schema = f"{package.name}.xsd"
    package.edit(schema, 'type="xs:string" fixed="1" use="required"', 'type="xs:string"')
    [fault] = examined(package).faults_of(Property.HOSTILE)
    assert fault.sentence == "with another version it is accepted; refuse it"
    assert fault.element == "@version"


def test_a_message_that_the_model_does_not_allow_is_found(package: Package) -> None:
    package.carry_only("question")
    package.edit(
        "read.py",
        "return [upward.validate_python(values)]",
        "return [Question.model_construct(**values)]",
    )
    package.edit("read.py", "import Upward, embedded", "import Question, Upward, embedded")
    report = examined(package)
    assert "text" in {fault.field for fault in report.faults_of(Property.HOSTILE)}


def test_a_kind_without_an_example_is_found(package: Package) -> None:
    package.carry_only("status", "appointment")
    fault = only_fault(examined(package), Property.READ)
    assert fault.subjects == ("appointment",)


def test_schemas_that_do_not_compile_are_found(package: Package) -> None:
    package.edit(f"{package.name}.xsd", 'type="Reason"', 'type="Nothing"')
    fault = only_fault(examined(package), Property.LOADED)
    assert "SchemaError" in fault.sentence
