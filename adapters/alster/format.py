"""What the versions of Alster's XML have in common as formats; each has its own module."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, get_args

from adapters.alster.dialect import Dialect
from adapters.alster.read import read
from adapters.alster.write import ENCODING, write
from hub.adapter import Capability, Context, Parcel, ReadContext
from hub.model.details import Service
from hub.model.downward import Downward, DownwardKind
from hub.model.upward import UpdateKind, Upward
from hub.xml import Element, SchemaSet

__all__ = ["AlsterFormat", "schemas"]

_SCHEMAS: Final = Path(__file__).parents[2] / "xsd" / "alster"

_CARRIES: Final[frozenset[Capability]] = frozenset(
    (*get_args(Service), *get_args(DownwardKind), *get_args(UpdateKind), "receipt", "refusal")
)


@dataclass(frozen=True, slots=True)
class AlsterFormat:
    """One version. Its subclass stands beside its golden examples."""

    dialect: Dialect
    lost: Mapping[str, str]
    schemas: SchemaSet
    encodings: frozenset[str] = frozenset({ENCODING})
    carries: frozenset[Capability] = _CARRIES

    def write(self, message: Downward, context: Context) -> Parcel:
        """See `hub.adapter.Format`."""
        return write(message, context, self.dialect)

    def read(
        self,
        document: Element,
        context: ReadContext,  # noqa: ARG002 - of the contract; here the folder says enough
    ) -> list[Upward]:
        """See `hub.adapter.Format`."""
        return read(document, self.dialect)


def schemas(version: str) -> SchemaSet:
    """The schema set of a version."""
    return SchemaSet(_SCHEMAS / version / "alster.xsd")
