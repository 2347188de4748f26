"""A small hub behind its doors: real store, real broker, one authority, two formats."""

import hashlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import aiohttp
from lxml import etree

from hub.adapter import Adapter, Capability, Context, Parcel, ReadContext
from hub.broker import Broker
from hub.metrics import Metrics
from hub.model.downward import Downward
from hub.model.failure import PermanentFailure
from hub.model.identifiers import MessageUuid
from hub.model.upward import Status, Upward
from hub.routing import RoutingError, RoutingTable
from hub.stages.bookkeeping import DrawnUp
from hub.stages.edits import Edits
from hub.stages.rehearsals import Rehearsals
from hub.stages.replays import Replays
from hub.store import Clock, Store
from hub.web.building import build
from hub.web.server import serving
from hub.workshop.workshop import Workshop
from hub.xml import Element, SchemaSet
from tests.rehearsal.vendors import VENDOR as TRIAL

AUTHORITY = "001900"
TOKENS = {
    "system": "token-of-the-system",
    "neighbour": "token-of-a-neighbour",
    "service": "token-of-a-service",
    "portal": "token-of-a-portal-for-two",
    "viewer": "token-of-a-viewer",
}
SECRET = "Żółć-Müller"  # stands for what the authority wrote about a person

ROUTING = """\
systems:
  nord:
    adapter: vendor
    formats: [{version: "1", from: 2020-01-01}, {version: "2", from: 2026-01-01}]
    stage: production
    transport: http
    endpoint: {url: "https://nord.example"}
    limits: {parallel: 4, attempts: 12}
authorities:
  "001900":
    {name: Stuttgart, regional_keys: [], system: nord, services: [family], back_channel: true}
"""


@dataclass(frozen=True)
class AFormat:
    """Reads a name and a day; knows one name it cannot read, and one at which it breaks."""

    schemas: SchemaSet
    encodings: frozenset[str] = frozenset({"UTF-8"})
    lost: Mapping[str, str] = field(default_factory=dict)
    carries: frozenset[Capability] = frozenset({"family", "withdrawal", "status"})

    def write(self, message: Downward, context: Context) -> Parcel:
        raise NotImplementedError

    def read(self, document: Element, context: ReadContext) -> list[Upward]:
        name = document.findtext("{*}name")
        if name == "unreadable":
            raise PermanentFailure("vendor.name", "The name says nothing.", location="name")
        if name == "bug":
            raise RuntimeError(f"no idea what {context.authority.name} means by {SECRET}")
        message = MessageUuid(UUID(int=1))
        return [Status(id=message, answers=message, created_at=datetime.now(UTC), status="01")]


_HERE = Path(__file__).parent
VENDOR = Adapter(
    "vendor",
    {
        "1": AFormat(SchemaSet(_HERE / "old.xsd")),
        "2": AFormat(SchemaSet(_HERE / "new.xsd")),
    },
)


def a_table() -> RoutingTable:
    return RoutingTable.parse(ROUTING, {"vendor": VENDOR})


def a_document(name: str = "Ada", day: str = "2026-11-02", space: str = "urn:new") -> bytes:
    root = etree.Element(f"{{{space}}}update", nsmap={None: space})
    etree.SubElement(root, f"{{{space}}}name").text = name
    etree.SubElement(root, f"{{{space}}}day").text = day
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True)


def tokens_file(folder: Path) -> Path:
    def entry(name: str, allowed: str) -> str:
        sha256 = hashlib.sha256(TOKENS[name].encode()).hexdigest()
        return f"  - {{name: {name}, sha256: {sha256}, {allowed}}}\n"

    path = folder / "access.yaml"
    path.write_text(
        "tokens:\n"
        + entry("system", 'authorities: ["001900", "001800"]')
        + entry("neighbour", 'authorities: ["000900"]')
        + entry("service", 'senders: ["alp:000001"]')
        + entry("portal", 'senders: ["alp:000001", "alp:000002"]')
        + entry("viewer", "role: viewer")
    )
    return path


@dataclass
class Settings:
    access: Path
    public_url: str = "http://127.0.0.1:8090"
    link_days: int = 30


@dataclass
class Routes:
    table: RoutingTable = field(default_factory=a_table)
    error: RoutingError | None = None


@dataclass
class AHub:
    settings: Settings
    broker: Broker
    store: Store
    workshop: Workshop
    routes: Routes = field(default_factory=Routes)
    metrics: Metrics = field(default_factory=Metrics)
    clock: Clock = field(default_factory=lambda: Clock(lambda: datetime.now(UTC)))
    store_away: bool = False
    scanner: bool | None = None
    drawn_up: DrawnUp | None = None
    unattended: tuple[str, ...] = ()
    providers: tuple[str, ...] = ("local",)
    replays: Replays = field(init=False)
    edits: Edits = field(init=False)
    rehearsals: Rehearsals = field(init=False)

    def __post_init__(self) -> None:
        publisher, now = self.broker.publisher, lambda: datetime.now(UTC)
        self.replays = Replays(self.store, publisher, now)
        self.edits = Edits(self.store, publisher, lambda: self.routes.table, self.workshop, now)
        self.rehearsals = Rehearsals(self.store, {"vendor": VENDOR, "trial": TRIAL}, now)


@asynccontextmanager
async def standing_before(hub: AHub) -> AsyncIterator[aiohttp.ClientSession]:
    """A client, and the doors of that hub open."""
    async with (
        serving(build(hub), "127.0.0.1", 0) as port,
        aiohttp.ClientSession(f"http://127.0.0.1:{port}") as client,
    ):
        yield client
