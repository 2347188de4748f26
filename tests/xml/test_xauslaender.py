"""The schema set of XAusländer 26.11: complete, strict, in step with the model's code lists."""

import pytest
from lxml import etree

from hub.model.codes import code_list
from hub.xml import Invalid, SchemaSet, parse
from tests.xml.documents import ROOTS, SCHEMAS, a_message, own

XSD = {"xs": "http://www.w3.org/2001/XMLSchema"}


@pytest.fixture(scope="module")
def schemas() -> SchemaSet:
    return SchemaSet(SCHEMAS / "xauslaender.xsd")


@pytest.mark.parametrize("number", ROOTS)
def test_every_message_has_a_root_element_and_a_valid_document(
    schemas: SchemaSet, number: str
) -> None:
    schemas.check(parse(a_message(number).encode()))


@pytest.mark.parametrize("number", [number for number in ROOTS if number != "000040"])
def test_no_message_is_valid_without_its_own_content(schemas: SchemaSet, number: str) -> None:
    with pytest.raises(Invalid) as caught:
        schemas.check(parse(a_message(number, body="").encode()))
    assert {each.rule for each in caught.value.explanations} == {"missing element"}


def test_the_eighteen_messages_of_the_chapter_are_there() -> None:
    assert sum(name.startswith("OZG.") for name in ROOTS.values()) == 18


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ('version="26.11"', 'version="26.05"'),
        ('standard="XAusländer"', 'standard="XMeld"'),
        ("nachrichtenkopf.g2g>", "xauslaender:nachrichtenkopf.g2g>"),
        ("<name>Thảo</name>", "<xauslaender:name>Thảo</xauslaender:name>"),
        ("xauslaender:antragsdatum", "antragsdatum"),
        ("<nichtVorhanden>true", "<nichtVorhanden>false"),
        ("<name>Thảo</name>", "<name></name>"),
        ("<xauslaender:antragsdatum >2026-11-03", "<xauslaender:antragsdatum >2026-11-03Z"),
        ("<code>VH</code>", "<code>XX</code>"),
        ("ozg.antragsgrund", "ozg.status"),
    ],
)
def test_what_the_standard_forbids_is_invalid(schemas: SchemaSet, right: str, wrong: str) -> None:
    text = a_message("130101")
    assert right in text
    with pytest.raises(Invalid):
        schemas.check(parse(text.replace(right, wrong).encode()))


def test_a_person_has_at_most_four_nationalities(schemas: SchemaSet) -> None:
    one = own("staatsangehoerigkeit", own("staatsangehoerigkeit", "<code>997</code>"))
    text = a_message("130101")
    schemas.check(parse(text.replace(one, one * 4).encode()))
    with pytest.raises(Invalid):
        schemas.check(parse(text.replace(one, one * 5).encode()))


@pytest.mark.parametrize(
    "name",
    [
        "application_reason",
        "contact_channel",
        "directory_service",
        "document_format",
        "ending_reason",
        "error_code",
        "family_relation",
        "gender",
        "marital_status",
        "notification_reason",
        "residence_reason",
        "skilled_worker_reason",
        "status",
    ],
)
def test_a_code_list_of_the_schemas_is_the_one_of_the_model(name: str) -> None:
    known = code_list(name)
    files = [etree.parse(path) for path in sorted(SCHEMAS.glob("*.xsd"))]
    uses = [
        use for file in files for use in file.xpath(f"//*[@fixed='{known.uri}']/..", namespaces=XSD)
    ]
    assert uses, f"{known.uri} is nowhere in the schemas"
    for use in uses:
        assert use.xpath(".//xs:enumeration/@value", namespaces=XSD) == list(known.codes)
        assert use.xpath("xs:attribute[@name='listVersionID']/@fixed", namespaces=XSD) == [
            known.version
        ]
