"""A running hub, as its parts put it together and as the doors and commands see it."""

from collections.abc import Collection
from dataclasses import dataclass, field

from hub.attendance import Attendance
from hub.broker import Broker, Subscription, Topology, topology
from hub.gates import Gate
from hub.metrics import Metrics
from hub.model.identifiers import AuthorityKey
from hub.routes import Routes
from hub.settings import Settings
from hub.stages.bookkeeping import Bookkeeping, DrawnUp
from hub.stages.edits import Edits
from hub.stages.rehearsals import Rehearsals
from hub.stages.replays import Replays
from hub.store import Clock, Store
from hub.tracing import Tracing
from hub.workshop.workshop import Workshop

__all__ = ["Hub"]


@dataclass(slots=True)
class Hub:
    """What runs. `authorities` and `mailboxes` are whom this hub works for; `providers` are all."""

    settings: Settings
    store: Store
    broker: Broker
    routes: Routes
    workshop: Workshop
    bookkeeping: Bookkeeping
    replays: Replays
    edits: Edits
    rehearsals: Rehearsals
    tracing: Tracing
    clock: Clock
    metrics: Metrics = field(default_factory=Metrics)
    store_gate: Gate | None = None
    scanner_gate: Gate | None = None
    subscriptions: list[Subscription] = field(default_factory=list)
    authorities: dict[AuthorityKey, Subscription] = field(default_factory=dict)
    mailboxes: dict[str, Subscription] = field(default_factory=dict)
    providers: Collection[str] = ()
    attendance: Attendance = field(init=False)

    def __post_init__(self) -> None:
        self.attendance = Attendance(self.store, self.broker.queue_states, self._queues)

    @property
    def unattended(self) -> tuple[str, ...]:
        """The queues that no hub consumed when this one last looked."""
        return self.attendance.unattended

    @property
    def store_away(self) -> bool:
        """Whether the stages wait for the store."""
        return self.store_gate is not None and self.store_gate.away

    @property
    def scanner(self) -> bool | None:
        """Whether the virus scanner answers, as far as a stage has found; None without one."""
        if self.settings.clamd is None or self.scanner_gate is None:
            return None
        return not self.scanner_gate.away

    @property
    def drawn_up(self) -> DrawnUp | None:
        """The ledger as it was drawn up last; None as long as it never was."""
        return self.bookkeeping.last

    @property
    def topology(self) -> Topology:
        """What all hubs together have at the broker."""
        return topology(self.routes.table.authorities, self.providers)

    def _queues(self) -> list[str]:
        return [queue.name for queue in self.topology.queues]
