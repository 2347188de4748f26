"""The golden examples: where they lie, and how each side is written to its file.

Run `python -m tests.adapters.isar.golden` after a wanted change, and read the diff:
the examples are what vendors copy from.
"""

import copy
from pathlib import Path
from typing import Final

from lxml import etree
from pydantic import BaseModel

import adapters.isar
from adapters.isar import adapter
from hub.adapter import Authority, ReadContext
from hub.model.downward import Downward
from hub.model.upward import Upward
from hub.xml import Element, parse, serialise
from tests.adapters.isar.samples_of_system import UPDATES
from tests.adapters.xauslaender.samples import MESSAGES
from tests.builders import a_context, an_authority

FORMAT = adapter.formats["2.1"]
EXAMPLES: Final = Path(adapters.isar.__file__).parent / "examples"
TO_AUTHORITY: Final = EXAMPLES / "to_authority"
TO_APPLICANT: Final = EXAMPLES / "to_applicant"

_AUTHORITY: Final[Authority] = an_authority()


def xml_of(message: Downward) -> str:
    """The message as the format writes it, indented for people."""
    (sent,) = FORMAT.write(message, a_context(message)).messages
    return indented(sent.root)


def message_of(xml: str) -> Upward:
    """The document as the hub treats one that arrives: parsed, found valid, read."""
    document = parse(xml.encode())
    FORMAT.schemas.check(document)
    (message,) = FORMAT.read(document, ReadContext(_AUTHORITY))
    return message


def json_of(message: BaseModel) -> str:
    return message.model_dump_json(indent=2, exclude_none=True) + "\n"


def indented(root: Element) -> str:
    spaced = copy.deepcopy(root)
    etree.indent(spaced)
    return serialise(spaced).decode() + "\n"


def main() -> None:
    """Write all examples anew."""
    for folder in (TO_AUTHORITY, TO_APPLICANT):
        folder.mkdir(parents=True, exist_ok=True)
    for name, message in MESSAGES.items():
        (TO_AUTHORITY / f"{name}.json").write_text(json_of(message), "utf-8")
        (TO_AUTHORITY / f"{name}.xml").write_text(xml_of(message), "utf-8")
    for name, document in UPDATES.items():
        xml = indented(document)
        (TO_APPLICANT / f"{name}.xml").write_text(xml, "utf-8")
        (TO_APPLICANT / f"{name}.json").write_text(json_of(message_of(xml)), "utf-8")


if __name__ == "__main__":
    main()
