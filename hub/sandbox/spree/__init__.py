"""The simulated system Spree: at home in queues of the hub's own broker, with a user of its own.

Run it with `python -m hub.sandbox.spree`. What that user may do is said here, for whoever
makes it: everything of its own, and nothing of the hub's but to publish to `hub.returns`.
"""

from typing import Final

__all__ = ["CONFIGURE", "READ", "WRITE"]

CONFIGURE: Final = r"^spree\..*"
WRITE: Final = r"^(spree\..*|hub\.returns)$"
READ: Final = r"^spree\..*"
