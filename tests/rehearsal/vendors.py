"""A vendor whose versions behave in every way, and a table that changes from one to another."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from lxml import etree

from hub.adapter import (
    Adapter,
    Capability,
    Context,
    Parcel,
    PermanentFailure,
    ReadContext,
    XmlMessage,
)
from hub.model.downward import Downward
from hub.model.upward import Upward
from hub.workshop.reference import reference_to
from hub.xml import Element, SchemaSet

__all__ = ["CUT_OVER", "REFERENCES", "VENDOR", "a_table_text"]

CUT_OVER = date(2099, 5, 1)


@dataclass(frozen=True)
class AFormat:
    """Writes if it behaves `well`; else refuses, takes all memory, hangs, ends, or spies."""

    behaves: str
    schemas: SchemaSet = field(
        default_factory=lambda: SchemaSet(Path(__file__).with_name("vendors.xsd")), compare=False
    )
    encodings: frozenset[str] = frozenset({"UTF-8"})
    carries: frozenset[Capability] = frozenset({"family", "withdrawal"})
    lost: Mapping[str, str] = field(default_factory=dict)

    def write(self, message: Downward, context: Context) -> Parcel:
        if self.behaves == "refuses" and message.type == "submission":
            raise PermanentFailure("family.gone", "This version has no families.")
        if self.behaves == "ends":
            os._exit(3)
        if self.behaves == "spies":
            found = sorted(name for name in os.environ if name.startswith("HUB_"))
            raise PermanentFailure("spy", f"I see {found}.")
        if self.behaves == "takes":
            bytearray(8 * 1024**3)
        while self.behaves == "hangs":
            pass
        return Parcel((XmlMessage(context.message, "A", etree.Element("A")),))

    def read(self, document: Element, context: ReadContext) -> list[Upward]:
        raise NotImplementedError


VENDOR = Adapter(
    "trial",
    {each: AFormat(each) for each in ("well", "refuses", "takes", "hangs", "ends", "spies")},
)
REFERENCES = {"trial": reference_to(VENDOR)}


def a_table_text(then: str, *, name: str = "Musterstadt") -> str:
    """A version that behaves well today, and one that behaves `then` from the cut-over on."""
    return f"""\
systems:
  one: {{adapter: trial, formats: [{{version: well, from: 2020-01-01}},
    {{version: {then}, from: {CUT_OVER}}}], stage: production, transport: http,
    endpoint: {{url: "https://one.example"}}, limits: {{parallel: 1, attempts: 3}}}}
authorities:
  "990001": {{name: {name}, regional_keys: [], system: one, services: [family],
    back_channel: false}}
"""
