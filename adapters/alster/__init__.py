"""Alster, a fictional vendor: files in ISO-8859-1 over SFTP, versions 3 and 4 side by side.

`README.md` beside this file says what is carried, what is lost and what is changed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, get_args

from adapters.alster import version3, version4
from adapters.alster.dialect import Dialect
from adapters.alster.read import read
from adapters.alster.write import ENCODING, write
from hub.adapter import Adapter, Capability, Context, Parcel, ReadContext
from hub.model.details import Service
from hub.model.downward import Downward, DownwardKind
from hub.model.upward import UpdateKind, Upward
from hub.xml import Element, SchemaSet

__all__ = ["adapter"]

_SCHEMAS: Final = Path(__file__).parents[2] / "xsd" / "alster"

_CARRIES: Final[frozenset[Capability]] = frozenset(
    (*get_args(Service), *get_args(DownwardKind), *get_args(UpdateKind), "receipt", "refusal")
)


@dataclass(frozen=True, slots=True)
class _Format:
    dialect: Dialect
    lost: Mapping[str, str]
    schemas: SchemaSet
    encodings: frozenset[str] = frozenset({ENCODING})
    carries: frozenset[Capability] = _CARRIES

    def write(self, message: Downward, context: Context) -> Parcel:
        return write(message, context, self.dialect)

    def read(
        self,
        document: Element,
        context: ReadContext,  # noqa: ARG002 - of the contract; here the folder says enough
    ) -> list[Upward]:
        return read(document, self.dialect)


def _format(dialect: Dialect, lost: Mapping[str, str]) -> _Format:
    return _Format(dialect, lost, SchemaSet(_SCHEMAS / dialect.version / "alster.xsd"))


adapter: Final = Adapter(
    "alster",
    {
        "3": _format(version3.VERSION_3, version3.LOST),
        "4": _format(version4.VERSION_4, version4.LOST),
    },
)
