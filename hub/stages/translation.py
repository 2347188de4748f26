"""From a row of the store to a parcel that the schemas have proven.

What takes time - building, validating and serialising a message of 50 MB takes seconds - is the
workshop's; here it is only said what to write, for whom, and where its documents are.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from hub.adapter import Context
from hub.model.document import Document
from hub.model.downward import Downward, Submission
from hub.model.failure import PermanentFailure
from hub.model.identifiers import AuthorityKey
from hub.routing import Route, RoutingTable
from hub.stages.content import Kept, open_kept, open_profile
from hub.store import Case, Message, Store
from hub.workshop.packed import Packed
from hub.workshop.workshop import Workshop

__all__ = ["Translated", "Translation"]


_WAIT: Final = timedelta(seconds=60)
"""For a process of the adapter: with the time of a call and of its start, less than a lease."""


@dataclass(frozen=True, slots=True)
class Translated:
    """A parcel, the route it takes, and what its sender asked for."""

    parcel: Packed
    route: Route
    kept: Kept


class Translation:
    """Translates by the format that is in force on the day of delivery."""

    def __init__(
        self,
        store: Store,
        table: Callable[[], RoutingTable],
        workshop: Workshop,
    ) -> None:
        self._store = store
        self._table = table
        self._workshop = workshop

    async def translate(self, message: Message, case: Case, on: date) -> Translated:
        """Write and validate; raise PermanentFailure where format or schema says no.

        Raises:
            AdapterBusy: other messages of the adapter took all the time; nothing was tried.
            HubFailure: whatever else `Workshop.write` raises.
        """
        if message.content is None:
            raise PermanentFailure("content.gone", "The content was deleted after its time.")
        kept = open_kept(self._store.sealer, message.content, message.id)
        route = self._route(kept.message, message.authority, case, on)
        context = self._context(message, case, route)
        parcel = await self._workshop.write(
            route.adapter, route.version, kept.message, context, wait=_WAIT
        )
        return Translated(parcel, route, kept)

    def _route(self, message: Downward, authority: AuthorityKey, case: Case, on: date) -> Route:
        # The message's own: its case may have gone to another authority meanwhile.
        route = self._table().route(authority, case.service, on)
        # Checked at intake too; the table may have changed since.
        if case.test is not (route.endpoint.stage == "test"):
            raise PermanentFailure(
                "stage.mismatch",
                f"The case is marked test: {str(case.test).lower()}, but system {route.system} "
                f"is a {route.endpoint.stage} system.",
            )
        wanted = message.service if isinstance(message, Submission) else message.type
        if wanted not in route.format.carries:
            raise PermanentFailure(
                "format.cannot_carry",
                f"Format {route.adapter} {route.version} cannot carry {wanted}.",
            )
        return route

    def _context(self, message: Message, case: Case, route: Route) -> Context:
        def load(document: Document) -> bytes:
            return self._store.documents.load(case.id, document.sha256)

        return Context(
            authority=route.authority,
            message=message.wire,
            created_at=message.created_at,
            application_id=case.application_id,
            service=case.service,
            sender=open_profile(self._store.sealer, case.profile, case.id).sender,
            back_channel=case.back_channel,
            test=case.test,
            load=load,
        )
