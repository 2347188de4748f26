"""Routing files and adapters to try them with."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import get_args

from hub.adapter import Adapter, Capability, Context, Parcel, ReadContext
from hub.model.details import Service
from hub.model.downward import Downward
from hub.model.upward import Upward
from hub.xml import Element, SchemaSet


@dataclass(frozen=True)
class AFormat:
    """A format that has a place in a table and translates nothing."""

    carries: frozenset[Capability] = frozenset((*get_args(Service), "withdrawal"))
    lost: Mapping[str, str] = field(default_factory=dict, compare=False)
    schemas: SchemaSet = field(default_factory=lambda: SchemaSet(Path("none.xsd")), compare=False)

    def write(self, message: Downward, context: Context) -> Parcel:
        raise NotImplementedError

    def read(self, document: Element, context: ReadContext) -> list[Upward]:
        raise NotImplementedError


ADAPTERS = {
    "xauslaender": Adapter("xauslaender", {"26.11": AFormat(), "27.05": AFormat()}),
    "small": Adapter(
        "small", {"1": AFormat(carries=frozenset({"employment", "family", "withdrawal"}))}
    ),
}

FILE = """\
systems:
  nord:
    adapter: xauslaender
    formats:
      - {version: "26.11", from: 2026-11-01}
      - {version: "27.05", from: 2027-05-01}
    stage: production
    transport: http
    endpoint: {url: "https://nord.example/{authority}", token_env: NORD, timeout_seconds: 30}
    limits: {parallel: 4, attempts: 12}
  klein:
    adapter: small
    formats: [{version: "1", from: 2026-01-01}]
    stage: test
    transport: http
    endpoint: {url: "https://klein.example"}
    limits: {parallel: 1, attempts: 3}
authorities:
  "001900":
    name: Stuttgart
    regional_keys: ["08111"]
    system: nord
    services: all
    back_channel: true
  "990001":
    name: Land
    regional_keys: ["08", "081110000017"]
    system: klein
    services: [employment, family]
    back_channel: false
"""
