"""Delivery by HTTP: one POST for each message of a parcel.

What the other side is asked to do: take the `Idempotency-Key` (the message's UUID) for what
it is, answer 2xx once the message is safe (202: its receipt comes later), and refuse with
400 or 422 and its error codes.
"""

from hub.transport.http.transport import HttpTransport

__all__ = ["HttpTransport"]
