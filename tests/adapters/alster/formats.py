"""Both formats, and what their XML says by the names of version 3."""

from adapters.alster import adapter
from adapters.alster.version3 import DIALECT_3
from adapters.alster.version4 import DIALECT_4
from hub.adapter import Format, Parcel
from hub.model.downward import Downward
from hub.xml import Element, parse, serialise
from tests.builders import a_context

FORMATS = adapter.formats
DIALECTS = {"3": DIALECT_3, "4": DIALECT_4}
VERSIONS = tuple(FORMATS)


def write(version: str, message: Downward, /, **context: object) -> Parcel:
    return FORMATS[version].write(message, a_context(message, **context))


def root_of(version: str, message: Downward, /, **context: object) -> Element:
    """As the system sees it: from bytes in ISO-8859-1, found valid."""
    (only,) = write(version, message, **context).messages
    arrived = on_the_other_side(FORMATS[version], serialise(only.root, only.encoding))
    FORMATS[version].schemas.check(arrived)
    return arrived


def on_the_other_side(format_: Format, data: bytes) -> Element:
    return parse(data, encodings=format_.encodings)


def values(version: str, root: Element, path: str) -> list[str]:
    """Texts at a path of version 3, without prefixes."""
    dialect = DIALECTS[version]
    steps = "/".join(dialect.tag(step) for step in path.split("/"))
    return [each.text or "" for each in root.iterfind(f".//{steps}")]
