"""XML room: safe parsing, schema sets, explanations."""

from pathlib import Path

from lxml import etree

Element = etree._Element


class SchemaSet:
    """A schema set."""

    def __init__(self, entry: Path) -> None:
        self.entry = entry


__all__ = ["Element", "SchemaSet"]
