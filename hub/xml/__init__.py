"""XML room: safe parsing, schema sets, explanations.

Everything here is pure: bytes and trees in, trees, bytes and failures out. Nothing reads the
network, and no failure or explanation ever quotes a value of a document.
"""

from hub.xml.explanation import Explanation
from hub.xml.parsing import RETURN_LIMITS, Element, Limits, encoding_of, parse, serialise
from hub.xml.readable import readable
from hub.xml.redaction import redacted
from hub.xml.schema_files import SchemaError
from hub.xml.schema_set import Invalid, SchemaSet

__all__ = [
    "RETURN_LIMITS",
    "Element",
    "Explanation",
    "Invalid",
    "Limits",
    "SchemaError",
    "SchemaSet",
    "encoding_of",
    "parse",
    "readable",
    "redacted",
    "serialise",
]
