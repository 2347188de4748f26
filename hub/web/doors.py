"""What the doors need of a running hub, and nothing else of it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from hub.broker import QueueState
from hub.metrics import Metrics
from hub.routing import RoutingError, RoutingTable
from hub.stages.bookkeeping import DrawnUp
from hub.stages.edits import Edits
from hub.stages.rehearsals import Rehearsals
from hub.stages.replays import Replays
from hub.store import Clock, Store
from hub.workshop.workshop import Workshop

__all__ = ["Doors"]


class _Settings(Protocol):
    @property
    def access(self) -> Path | None:
        """The file of tokens; without one, no door opens."""

    @property
    def public_url(self) -> str:
        """Under which address people reach this hub."""

    @property
    def link_days(self) -> int:
        """For how many days a link to an applicant's letters opens."""


class _Routes(Protocol):
    @property
    def table(self) -> RoutingTable:
        """The table in force."""

    @property
    def error(self) -> RoutingError | None:
        """Why the file on disk is not in force, None if it is."""


class _Publisher(Protocol):
    async def publish(
        self,
        exchange: str,
        key: str,
        body: bytes,
        *,
        type: str,  # noqa: A002 - the broker's word
        headers: Mapping[str, str] | None = None,
        correlation_id: str | None = None,
        content_type: str = "application/json",
    ) -> None:
        """Return once the broker has confirmed."""


class _Broker(Protocol):
    @property
    def publisher(self) -> _Publisher:
        """Sends what came in on its way."""

    @property
    def ready(self) -> bool:
        """Whether the broker can be reached."""

    async def depths(self, queues: Iterable[str]) -> dict[str, int]:
        """Depth of those queues that there are."""

    async def queue_flows(self, queues: Iterable[str]) -> dict[str, QueueState]:
        """Depth, consumers and flow of those queues that there are."""


class Doors(Protocol):
    """A hub, seen from its doors."""

    @property
    def settings(self) -> _Settings:
        """What the operator decided."""

    @property
    def routes(self) -> _Routes:
        """The routing table, reloaded when its file changes."""

    @property
    def broker(self) -> _Broker:
        """Where returned messages go."""

    @property
    def store(self) -> Store:
        """Where documents are staged."""

    @property
    def clock(self) -> Clock:
        """The time by which all hubs on the store go."""

    @property
    def store_away(self) -> bool:
        """Whether the stages wait for the store, which may be read all the same."""

    @property
    def scanner(self) -> bool | None:
        """Whether the virus scanner answers, as far as a stage has found; None without one."""

    @property
    def metrics(self) -> Metrics:
        """What this process has counted."""

    @property
    def providers(self) -> Collection[str]:
        """The mailbox providers that this hub has."""

    @property
    def unattended(self) -> Sequence[str]:
        """The queues that no hub consumed when this one last looked."""

    @property
    def drawn_up(self) -> DrawnUp | None:
        """The ledger as it was drawn up last."""

    @property
    def replays(self) -> Replays:
        """What people asked this hub to replay."""

    @property
    def workshop(self) -> Workshop:
        """Where documents are read by the vendors' code."""

    @property
    def edits(self) -> Edits:
        """Proposes, shows and approves edits of dead letters."""

    @property
    def rehearsals(self) -> Rehearsals:
        """What people asked this hub to rehearse."""
