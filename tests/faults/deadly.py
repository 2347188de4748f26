"""A hub that ends whenever it is about to send one certain message."""

import os
import signal
from typing import Any, Final

from hub.sandbox.faults import mortal
from hub.transport.http import HttpTransport
from tests.builders import an_id

__all__ = ["DEADLY", "main"]

DEADLY: Final = an_id("deadly")


def main() -> None:
    """Make the message deadly, then run the hub as every campaign does."""
    deliver = HttpTransport.deliver

    async def deadly(self: HttpTransport, parcel: Any, *more: Any) -> Any:
        if any(each.uuid == DEADLY for each in parcel.messages):
            os.kill(os.getpid(), signal.SIGKILL)
        return await deliver(self, parcel, *more)

    setattr(HttpTransport, "deliver", deadly)  # noqa: B010 - a method, which has no setter
    mortal.main()
