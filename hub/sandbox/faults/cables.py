"""The ways between the hub and all others, each over a cable of its own."""

from contextlib import AsyncExitStack
from types import TracebackType
from typing import Self

from hub.sandbox.faults.cable import Cable

__all__ = ["Cables"]


class Cables:
    """Lays a cable to whoever is to be reached by one; takes all of them up with the block.

    Attributes:
        by_name: the cables laid so far.
    """

    def __init__(self) -> None:
        self.by_name: dict[str, Cable] = {}
        self._laid = AsyncExitStack()

    def lay(self, party: str, url: str) -> str:
        """The address by which the party at `url` is reached from now on."""
        cable = self.by_name[party] = Cable(url)
        cable.heal()
        self._laid.push_async_exit(cable)
        return cable.url

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._laid.__aexit__(kind, error, trace)
