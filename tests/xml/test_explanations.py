"""Explanations: they name path, line and rule, say what to do, and never quote a value."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from hub.xml import (
    Element,
    Explanation,
    Invalid,
    SchemaSet,
    parse,
    readable,
    redacted,
    serialise,
)
from tests.xml.documents import SCHEMAS, a_message, own

SCHEMA_SET = SchemaSet(SCHEMAS / "xauslaender.xsd")
SECRET = "Geheim"
ROOT = "/xauslaender:OZG.Antrag.130101"
PERSON = f"{ROOT}/xauslaender:angabenZurPerson"


def explained(right: str, wrong: str, number: str = "130101") -> Explanation:
    text = a_message(number)
    assert right in text
    broken = text.replace(right, wrong, 1)
    found = SCHEMA_SET.explain(parse(broken.encode()))
    assert found
    assert SECRET not in repr(found)
    return found[0]


NEXT = "xauslaender:grundDesAntrags"
MISPLACED = "is known to the schema, but not at this place or not so often; move or remove it."
DAY = own("antragsdatum", "2026-11-03")


@pytest.mark.parametrize(
    ("right", "wrong", "rule", "path", "sentence"),
    [
        (
            "12345</postleitzahl>",
            f"{SECRET}</postleitzahl>",
            "pattern",
            f"{ROOT}/anschrift.autor/gebaeude/postleitzahl",
            "The value must have the form [0-9]{5}.",
        ),
        (
            "<code>d</code>",
            f"<code>{SECRET}</code>",
            "enumeration",
            f"{PERSON}/xauslaender:geschlecht/xauslaender:geschlecht/code",
            "The value must be one of: m, w, x, d.",
        ),
        (
            DAY,
            "",
            "missing element",
            f"{ROOT}/xauslaender:antragsdatum",
            "xauslaender:antragsdatum is missing; add it before xauslaender:grundDesAntrags.",
        ),
        (
            "<name>Thảo</name>",
            "",
            "missing element",
            f"{PERSON}/xauslaender:vorname",
            "name or nichtVorhanden is missing; add it at the end of xauslaender:vorname.",
        ),
        (
            DAY,
            DAY + own("unbekannt", SECRET),
            "unexpected element",
            f"{ROOT}/xauslaender:unbekannt",
            f"xauslaender:unbekannt is not allowed here; expected here: {NEXT}.",
        ),
        (
            "<name>Thảo</name>",
            f"<name>Thảo</name><name>{SECRET}</name>",
            "unexpected element",
            f"{PERSON}/xauslaender:vorname/name[2]",
            f"name {MISPLACED}",
        ),
        (
            "<hausnummer>7</hausnummer><postleitzahl>12345</postleitzahl>",
            "<postleitzahl>12345</postleitzahl><hausnummer>7</hausnummer>",
            "order",
            f"{ROOT}/anschrift.autor/gebaeude/hausnummer",
            "hausnummer stands too late; move it before postleitzahl.",
        ),
        (
            ">2026-11-03</x",
            ">2026-13-03</x",
            "type",
            f"{ROOT}/xauslaender:antragsdatum",
            "The value is not of type date; write a day such as 2026-11-02.",
        ),
        (
            "<name>Thảo",
            "<name>",
            "length",
            f"{PERSON}/xauslaender:vorname/name",
            "The value must be at least 1 characters long; an empty one counts as 0.",
        ),
        (
            'test="true"',
            f'test="{SECRET}"',
            "type",
            f"{ROOT}/@test",
            "The value is not of type boolean; write true or false.",
        ),
        (
            'listVersionID="4"',
            f'listVersionID="{SECRET}"',
            "fixed value",
            f"{ROOT}/xauslaender:grundDesAntrags/@listVersionID",
            "The value is fixed; write 4.",
        ),
        (
            'listVersionID="4"',
            "",
            "missing attribute",
            f"{ROOT}/xauslaender:grundDesAntrags",
            "xauslaender:grundDesAntrags needs the attribute listVersionID.",
        ),
        (
            'listVersionID="4"',
            f'listVersionID="4" extra="{SECRET}"',
            "unexpected attribute",
            f"{ROOT}/xauslaender:grundDesAntrags",
            "xauslaender:grundDesAntrags must not have the attribute extra; remove it.",
        ),
        (
            "<name>Thảo",
            f"{SECRET}<name>Thảo",
            "unexpected text",
            f"{PERSON}/xauslaender:vorname",
            "Text stands between the elements of xauslaender:vorname; remove it.",
        ),
        (
            "<name>Thảo",
            f"<name><b>{SECRET}</b>Thảo",
            "unexpected element",
            f"{PERSON}/xauslaender:vorname/name",
            "name holds text only; remove the elements in it.",
        ),
    ],
)
def test_an_explanation_says_where_which_rule_and_what_to_do(
    right: str, wrong: str, rule: str, path: str, sentence: str
) -> None:
    found = explained(right, wrong)
    assert (found.rule, found.path, found.sentence) == (rule, path, sentence)


@pytest.mark.parametrize(
    ("right", "wrong", "found"),
    [
        ("12345</p", "1234x Ä–5</p", "it is 9999x x·9 (pattern)"),
        ("12345</p", f"{SECRET * 20}</p", f"it is {'x' * 24}… (pattern)"),
        ("<name>Thảo", "<name>", "it is empty (length)"),
        ('listVersionID="4"', 'listVersionID="v4"', "it is x9 (fixed value)"),
        (DAY, "", "add it before xauslaender:grundDesAntrags (missing element)"),
    ],
)
def test_it_reads_as_one_sentence_with_the_form_of_what_was_found(
    right: str, wrong: str, found: str
) -> None:
    explanation = explained(right, wrong)
    assert explanation.text.startswith(f"{explanation.path}, line {explanation.line}: ")
    assert explanation.text.endswith(f"; {found}.")
    assert explanation.text.count(". ") == 0


def test_a_document_that_was_never_text_has_the_lines_that_people_would_give_it() -> None:
    written = parse(a_message("130101").replace("12345</p", "1234x</p").encode())
    unread = etree.Element(written.tag, written.attrib, nsmap=written.nsmap)
    for child in written:
        _copy(child, unread)
    explanation, *_ = SCHEMA_SET.explain(unread)
    lines = readable(unread).decode().splitlines()
    assert explanation.line is not None
    assert "1234x" in lines[explanation.line - 1]


def _copy(element: Element, parent: Element) -> None:
    made = etree.SubElement(parent, element.tag, element.attrib)
    made.text = (element.text or "").strip() or None
    for child in element:
        _copy(child, made)


def test_the_line_is_the_one_of_the_document() -> None:
    text = a_message("130102").replace("fristdatum >", "fristdatum >\n\n")
    lines = text.replace("Wo wohnen Sie?", "").splitlines()
    [number] = [i for i, line in enumerate(lines, start=1) if "xauslaender:frage" in line]
    [found] = SCHEMA_SET.explain(parse(text.replace("Wo wohnen Sie?", "").encode()))
    assert found.line == number


def test_a_range_names_its_bound() -> None:
    found = explained(">5<", ">6<", number="130201")
    assert (found.rule, found.sentence) == ("range", "The value must be at most 5.")


def test_a_document_of_another_kind_is_named_as_such() -> None:
    [found] = SCHEMA_SET.explain(parse(f"<a>{SECRET}</a>".encode()))
    assert (found.path, found.rule) == ("/a", "unknown root")


def test_the_failure_carries_the_first_place_and_all_explanations() -> None:
    text = a_message("130101").replace("<code>d<", f"<code>{SECRET}<").replace("12345", SECRET)
    with pytest.raises(Invalid) as caught:
        SCHEMA_SET.check(parse(text.encode()))
    failure = caught.value
    assert failure.cause == "X001"
    first, *others = failure.explanations
    assert failure.location == f"{first.path} (line {first.line})"
    assert failure.sentence == first.text
    assert others


def test_at_most_twenty_explanations_are_given() -> None:
    text = a_message("000002")
    error = text[text.index("<xauslaender:fehler ") : text.rindex("</xauslaender:Adm")]
    broken = text.replace(error, error.replace("<code>X001", "<code>Y") * 30)
    assert len(SCHEMA_SET.explain(parse(broken.encode()))) == 20


def test_a_valid_document_needs_no_explanation() -> None:
    assert SCHEMA_SET.explain(parse(a_message("130111").encode())) == ()


PLACES = len(list(parse(a_message("130101").encode()).iter()))
XSI_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
printable = st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn"])


@given(
    st.text(printable, max_size=20),
    st.integers(0, PLACES - 1),
    st.sampled_from(["text", "tail", "new attribute", "attributes", "xsi:type"]),
)
def test_no_value_ever_gets_into_an_explanation(tail: str, place: int, where: str) -> None:
    secret = f"{SECRET}{tail}"
    root = parse(a_message("130101").encode())
    element = list(root.iter())[place]
    if where == "text":
        element.text = secret
    elif where == "tail" and element is not root:
        element.tail = secret
    elif where == "new attribute":
        element.set("neu", secret)
    elif where == "xsi:type":
        element.set(XSI_TYPE, secret)
    else:
        for name in element.attrib:
            element.set(name, secret)
    assert SECRET not in all_that_is_said(parse(serialise(root)))


def all_that_is_said(root: Element) -> str:
    try:
        SCHEMA_SET.check(root)
    except Invalid as failure:
        return f"{failure}{failure.location}{failure.explanations!r}"
    return "valid"


@pytest.mark.parametrize(
    ("document", "rule", "path"),
    [
        ("<a xmlns='urn:x'/>", "missing element", "/a"),
        ("<a xmlns='urn:x'><b xmlns='urn:y'/></a>", "schema", "/a/b"),
        ("<a xmlns='urn:x'><c><d>1</d></c></a>", "unexpected element", "/a/c"),
        ("<a xmlns='urn:x'><any xmlns='urn:x'/></a>", "unexpected element", "/a/any"),
    ],
)
def test_wildcards_of_a_vendors_schema_are_explained_too(
    tmp_path: Path, document: str, rule: str, path: str
) -> None:
    schema = tmp_path / "a.xsd"
    schema.write_text(
        """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:x"
            elementFormDefault="qualified"><xs:element name="a"><xs:complexType><xs:sequence>
            <xs:any namespace="##other"/><xs:element name="c"><xs:complexType><xs:all>
            <xs:element name="d"/><xs:element name="e"/></xs:all></xs:complexType></xs:element>
            </xs:sequence></xs:complexType></xs:element></xs:schema>"""
    )
    found = SchemaSet(schema).explain(parse(document.encode()))
    assert (rule, path) in {(each.rule, each.path) for each in found}


def test_of_a_value_only_its_form_is_left() -> None:
    assert redacted("Müller-M̂, 12345\t①日\x00€") == "xxxxxx-xx, 99999 9x··"
    assert redacted("") == ""
    assert redacted("abc", longest=2) == "xx…"
