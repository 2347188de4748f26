"""Which files a schema set consists of, proven complete before any engine reads them.

lxml skips an import it cannot load without a word (FACTS: XML), so every reference is
followed here first: it must lead to a file inside the set's own folder.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lxml import etree

from hub.model.failure import BrokenFile

__all__ = ["XSD", "SchemaError", "SchemaFiles", "read_schema", "schema_files"]

XSD: Final = "http://www.w3.org/2001/XMLSchema"
_REFERENCES: Final = tuple(f"{{{XSD}}}{name}" for name in ("import", "include", "redefine"))


class SchemaError(BrokenFile, RuntimeError):
    """A schema set is broken: a reference leads nowhere, or it does not compile."""


@dataclass(frozen=True, slots=True)
class SchemaFiles:
    """The files of a set, and those of them that no other refers to, by target namespace.

    From these everything else is reached. A file without target namespace is under "".
    """

    tops: Mapping[str, tuple[Path, ...]]
    every: tuple[Path, ...]


def schema_files(entry: Path) -> SchemaFiles:
    """Walk a set from its entry: one .xsd file, or a folder with every .xsd in it.

    Raises:
        SchemaError: naming every reference that does not lead to a file inside the folder.
    """
    entry = entry.resolve()
    start = sorted(entry.rglob("*.xsd")) if entry.is_dir() else [entry]
    if not start:
        raise SchemaError(f"{entry}: no .xsd file in this folder")
    walk = _Walk(entry if entry.is_dir() else entry.parent)
    walk.run(start)
    if walk.problems:
        raise SchemaError("\n".join(walk.problems))
    tops = [file for file in start if file not in walk.referred] or start
    return SchemaFiles(_by_namespace(tops, walk.namespaces), tuple(walk.namespaces))


class _Walk:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.namespaces: dict[Path, str] = {}
        self.referred: set[Path] = set()
        self.problems: list[str] = []

    def run(self, start: list[Path]) -> None:
        waiting = list(start)
        while waiting:
            file = waiting.pop()
            if file not in self.namespaces:
                waiting += self._visit(file)

    def _visit(self, file: Path) -> Iterator[Path]:
        root = read_schema(file)
        self.namespaces[file] = root.get("targetNamespace", "")
        for reference in root.iterchildren(*_REFERENCES):
            location = reference.get("schemaLocation")
            target = (file.parent / location).resolve() if location else file
            if location and target.is_relative_to(self._folder) and target.is_file():
                self.referred.add(target)
                yield target
            else:
                self._report(file, reference, location)

    def _report(self, file: Path, reference: etree._Element, location: str | None) -> None:
        leads_to = location or f"{reference.get('namespace')} (no schemaLocation)"
        self.problems.append(
            f"{file}:{reference.sourceline}: leads to {leads_to}, which is no file inside "
            f"{self._folder}; put the schema there and refer to it by its relative path"
        )


def read_schema(file: Path) -> etree._Element:
    """The root of one file of a set.

    Raises:
        SchemaError: it is no XML, or no schema.
    """
    # Schemas are the operator's own files; published ones may carry a DOCTYPE (XML Signature).
    parser = etree.XMLParser(no_network=True, load_dtd=False, resolve_entities=False)
    try:
        root = etree.parse(file, parser).getroot()
    except (OSError, etree.XMLSyntaxError) as error:
        raise SchemaError(f"{file}: cannot be read as XML: {error}") from error
    if root.tag != f"{{{XSD}}}schema":
        raise SchemaError(f"{file}: is not an XML schema")
    return root


def _by_namespace(files: list[Path], namespaces: Mapping[Path, str]) -> dict[str, tuple[Path, ...]]:
    found: dict[str, tuple[Path, ...]] = {}
    for file in files:
        namespace = namespaces[file]
        found[namespace] = (*found.get(namespace, ()), file)
    return found
