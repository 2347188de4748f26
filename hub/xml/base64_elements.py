"""Which elements of a schema set may hold any base64, whatever its length.

Where one text of base64 is valid in such an element, every other is, too: what is proven of a short
one holds for a document of 5 MB, of which libxml2 needs 30 ms to look at each letter.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from lxml import etree

from hub.xml.schema_files import XSD, SchemaFiles, read_schema

__all__ = ["base64_elements"]

_ELEMENT: Final = f"{{{XSD}}}element"
_COMPLEX: Final = f"{{{XSD}}}complexType"
_SIMPLE: Final = f"{{{XSD}}}simpleType"
_EXTENSION: Final = f"{{{XSD}}}simpleContent/{{{XSD}}}extension"
_FIELD: Final = f"{{{XSD}}}field"


def base64_elements(files: SchemaFiles) -> frozenset[str]:
    """Their local names.

    Only where every element of that name, in whichever namespace, is declared as
    `xs:base64Binary`, or as a complex type that adds attributes to it: no type derived by
    restriction, and no element whose value the schema gives. None at all where the schemas
    compare texts of elements with each other (`xs:key` and its like).

    Raises:
        SchemaError: a file cannot be read any more.
    """
    schemas = [read_schema(file) for file in files.every]
    if any(_compares_texts(field) for schema in schemas for field in schema.iter(_FIELD)):
        return frozenset()
    types = _always(_named_types(schemas))
    return _always(_elements(schemas, types))


def _compares_texts(field: etree._Element) -> bool:
    paths = field.get("xpath", "").split("|")
    return not all(path.rpartition("/")[2].strip().startswith("@") for path in paths)


def _named_types(schemas: Iterable[etree._Element]) -> Iterator[tuple[str, bool]]:
    for schema in schemas:
        for type_ in schema.iter(_COMPLEX, _SIMPLE):
            if (name := type_.get("name")) is not None:
                yield name, _adds_to_base64(type_)


def _elements(
    schemas: Iterable[etree._Element], types: frozenset[str]
) -> Iterator[tuple[str, bool]]:
    for schema in schemas:
        for element in schema.iter(_ELEMENT):
            if (name := element.get("name")) is not None:  # else it refers to one that has
                yield name, _holds_any(element, types)


def _holds_any(element: etree._Element, types: frozenset[str]) -> bool:
    if element.get("fixed") is not None or element.get("substitutionGroup") is not None:
        return False
    if (type_ := element.get("type")) is None:
        return any(_adds_to_base64(inline) for inline in element.iterchildren(_COMPLEX))
    return _is_base64(element, type_) or (not _is_xsd(element, type_) and _local(type_) in types)


def _adds_to_base64(type_: etree._Element) -> bool:
    return any(
        _is_base64(extension, extension.get("base", "")) for extension in type_.iterfind(_EXTENSION)
    )


def _is_base64(at: etree._Element, type_: str) -> bool:
    return _is_xsd(at, type_) and _local(type_) == "base64Binary"


def _is_xsd(at: etree._Element, type_: str) -> bool:
    return at.nsmap.get(type_.rpartition(":")[0] or None) == XSD


def _local(type_: str) -> str:
    return type_.rpartition(":")[2]


def _always(found: Iterable[tuple[str, bool]]) -> frozenset[str]:
    """The names of which it was never said that they do not."""
    yes, no = set[str](), set[str]()
    for name, holds in found:
        (yes if holds else no).add(name)
    return frozenset(yes - no)
