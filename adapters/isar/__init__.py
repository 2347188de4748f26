"""Isar: a fictional vendor whose system is called by SOAP, one document at a time.

`README.md` beside this file says what is carried, what is lost and which calls are made.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, get_args

from adapters.isar.lost import LOST
from adapters.isar.read import read
from adapters.isar.write import write
from hub.adapter import Adapter, Capability, Context, Parcel, ReadContext
from hub.model.details import Service
from hub.model.downward import Downward, DownwardKind
from hub.model.upward import UpdateKind, Upward
from hub.xml import Element, SchemaSet

__all__ = ["adapter"]

_VERSION: Final = "2.1"
_SCHEMAS: Final = Path(__file__).parents[2] / "xsd" / "isar" / _VERSION / "isar.xsd"
_CARRIES: Final[frozenset[Capability]] = frozenset(
    (*get_args(Service), *get_args(DownwardKind), *get_args(UpdateKind), "receipt", "refusal")
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
        context: ReadContext,  # noqa: ARG002 - of the contract; the message says enough
    ) -> list[Upward]:
        return read(document)


adapter: Final = Adapter("isar", {_VERSION: _Format()})
