"""Where what is proven of a short text of base64 holds for a long one."""

from pathlib import Path

import pytest

from hub.xml import SchemaSet

SET = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns="urn:a" xmlns:a="urn:a"
  targetNamespace="urn:a" elementFormDefault="qualified">{}</xs:schema>"""
SMALL = """<xs:simpleType name="Small"><xs:restriction base="xs:base64Binary">
  <xs:maxLength value="100"/></xs:restriction></xs:simpleType>"""
ADDS = """<xs:complexType name="Adds"><xs:simpleContent><xs:extension base="{}">
  <xs:attribute name="n" type="xs:int"/></xs:extension></xs:simpleContent></xs:complexType>"""
KEY = """<xs:element name="r"><xs:complexType><xs:sequence>
  <xs:element name="e" type="xs:base64Binary" maxOccurs="9"/></xs:sequence></xs:complexType>
  <xs:unique name="u"><xs:selector xpath="a:e"/><xs:field xpath="{}"/></xs:unique></xs:element>"""


@pytest.mark.parametrize(
    ("schema", "names"),
    [
        ('<xs:element name="e" type="xs:base64Binary"/>', {"e"}),
        (
            '<xs:element name="e" type="base64Binary" xmlns="http://www.w3.org/2001/XMLSchema"/>',
            {"e"},
        ),
        (ADDS.format("xs:base64Binary") + '<xs:element name="e" type="Adds"/>', {"e"}),
        (ADDS.format("xs:base64Binary") + '<xs:element name="e" type="a:Adds"/>', {"e"}),
        (
            f'<xs:element name="e">{ADDS.format("xs:base64Binary")}</xs:element>'.replace(
                ' name="Adds"', ""
            ),
            {"e"},
        ),
        (KEY.format("@n"), {"e"}),
        # Where a long text may be refused that a short one is not:
        (SMALL + '<xs:element name="e" type="Small"/>', set()),
        (SMALL + ADDS.format("Small") + '<xs:element name="e" type="Adds"/>', set()),
        (ADDS.format("xs:string") + '<xs:element name="e" type="Adds"/>', set()),
        ('<xs:element name="e" type="xs:string"/>', set()),
        ('<xs:element name="e" type="xs:base64Binary" fixed="AAAA"/>', set()),
        ('<xs:element name="e"/>', set()),
        (KEY.format("."), set()),
        (KEY.format("@n|."), set()),
        (
            SMALL
            + """<xs:complexType name="T"><xs:sequence><xs:element name="e" type="Small"/>
              </xs:sequence></xs:complexType><xs:element name="e" type="xs:base64Binary"/>""",
            set(),
        ),
    ],
)
def test_only_what_takes_any_base64(tmp_path: Path, schema: str, names: set[str]) -> None:
    (tmp_path / "set.xsd").write_text(SET.format(schema))
    schemas = SchemaSet(tmp_path)
    schemas.compile()
    assert schemas.base64_elements == names


def test_every_file_of_the_set_is_asked(tmp_path: Path) -> None:
    include = '<xs:include schemaLocation="parts/other.xsd"/>'
    (tmp_path / "parts").mkdir()
    other = tmp_path / "parts" / "other.xsd"
    (tmp_path / "set.xsd").write_text(
        SET.format(include + '<xs:element name="e" type="xs:base64Binary"/>')
    )
    other.write_text(SET.format('<xs:element name="f" type="xs:base64Binary"/>'))
    assert SchemaSet(tmp_path / "set.xsd").base64_elements == {"e", "f"}
    other.write_text(
        SET.format(
            SMALL
            + """<xs:complexType name="T"><xs:sequence><xs:element name="e" type="Small"/>
              </xs:sequence></xs:complexType>"""
        )
    )
    assert SchemaSet(tmp_path / "set.xsd").base64_elements == set()
