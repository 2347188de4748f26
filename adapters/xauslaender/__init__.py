"""XAusländer, chapter OZG: the national standard that most systems of authorities speak.

`README.md` beside this file says what is carried, what is lost and what is assumed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, get_args

from adapters.xauslaender.header import VERSION
from adapters.xauslaender.lost import LOST
from adapters.xauslaender.read import read
from adapters.xauslaender.write import write
from hub.adapter import Adapter, Capability, Context, Parcel, ReadContext
from hub.model.details import Service
from hub.model.downward import Downward, DownwardKind
from hub.model.upward import UpdateKind, Upward
from hub.xml import Element, SchemaSet

__all__ = ["adapter"]

_SCHEMAS: Final = Path(__file__).parents[2] / "xsd" / "xauslaender" / VERSION / "xauslaender.xsd"

# No `receipt`: XAusländer has none; the transport's or the status 01 comes nearest.
_CARRIES: Final[frozenset[Capability]] = frozenset(
    (*get_args(Service), *get_args(DownwardKind), *get_args(UpdateKind), "refusal")
)


@dataclass(frozen=True, slots=True)
class _Format:
    schemas: SchemaSet = field(default_factory=lambda: SchemaSet(_SCHEMAS))
    encodings: frozenset[str] = frozenset({"UTF-8"})
    carries: frozenset[Capability] = _CARRIES
    lost: Mapping[str, str] = field(default_factory=lambda: LOST)

    def write(self, message: Downward, context: Context) -> Parcel:
        return write(message, context)

    def read(
        self,
        document: Element,
        context: ReadContext,  # noqa: ARG002 - of the contract; here the message says enough
    ) -> list[Upward]:
        return read(document)


adapter: Final = Adapter("xauslaender", {VERSION: _Format()})
