"""Compiles a schema set for lxml, the engine that decides.

Where two files with one namespace are each imported, both engines take the first and fail
(FACTS: XML). So each namespace is brought in once: for lxml by a wrapper in memory that
includes all of its files, for xmlschema by adding file after file (`explaining`).
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from lxml import etree

from hub.xml.schema_files import XSD, SchemaError, SchemaFiles

__all__ = ["WRAPPER", "compile_decider", "empty_schema"]

WRAPPER: Final = "urn:residence-hub:wrapper"


def compile_decider(files: SchemaFiles) -> etree.XMLSchema:
    """Compile for lxml, which says yes or no. Not to be shared between threads.

    Raises:
        SchemaError: a schema is wrong.
    """
    wrapper = empty_schema(WRAPPER)
    parts: dict[str, bytes] = {}
    for number, (namespace, tops) in enumerate(files.tops.items()):
        location = f"{WRAPPER}:{number}"
        parts[location] = etree.tostring(_including(namespace, tops))
        _add(wrapper, "import", namespace=namespace, schemaLocation=location)
    parser = etree.XMLParser(no_network=True, load_dtd=False)
    parser.resolvers.add(_InMemory(parts))
    try:
        return etree.XMLSchema(etree.fromstring(etree.tostring(wrapper), parser))
    except etree.XMLSchemaParseError as error:
        raise SchemaError(f"the schemas do not compile: {error}") from error


def empty_schema(namespace: str) -> etree._Element:
    """A schema of that namespace, or of none, in which nothing is yet."""
    root = etree.Element(f"{{{XSD}}}schema", nsmap={"xs": XSD})
    if namespace:
        root.set("targetNamespace", namespace)
    return root


def _including(namespace: str, files: Iterable[Path]) -> etree._Element:
    root = empty_schema(namespace)
    for file in files:
        _add(root, "include", schemaLocation=file.as_uri())
    return root


def _add(schema: etree._Element, reference: str, **attributes: str) -> None:
    # A file without namespace is imported without naming one.
    given = {name: value for name, value in attributes.items() if value}
    etree.SubElement(schema, f"{{{XSD}}}{reference}", given)


class _InMemory(etree.Resolver):
    def __init__(self, parts: Mapping[str, bytes]) -> None:
        super().__init__()
        self._parts = parts

    def resolve(self, system_url: str | None, public_id: str | None, context: Any) -> Any:  # noqa: ARG002 - lxml passes it by place
        part = self._parts.get(system_url or "")
        # None: a file, which lxml reads itself.
        return self.resolve_string(part, context) if part is not None else None
