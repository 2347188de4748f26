"""What the transports over HTTP share: one POST, and what its status means.

No transport of its own. Address, secrets and certificates of an endpoint are read and checked
here, and what was not sent is told apart from what may have arrived.
"""

from hub.transport.posting.answer import (
    Answer,
    error_codes,
    failure_of,
    is_duplicate,
    is_number,
    misconfigured,
    reached,
    refusal,
    wait_of,
)
from hub.transport.posting.poster import Poster, Request

__all__ = [
    "Answer",
    "Poster",
    "Request",
    "error_codes",
    "failure_of",
    "is_duplicate",
    "is_number",
    "misconfigured",
    "reached",
    "refusal",
    "wait_of",
]
