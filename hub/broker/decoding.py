"""Properties of messages that cannot be read are as if they were not there.

RabbitMQ passes a sender's properties on as they came: names that are not UTF-8, times beyond all
years, tables inside tables. pamqp raises at each of them, and aiormq's reader ends with that, and
with it the connection: one such message would end it each time it is given out, for every queue.
So three of pamqp's decoders are replaced, in the table by which it finds them. What does not
decode says nothing; the message itself goes on and is judged by its stage.
"""

import struct
from datetime import datetime
from typing import Final

from pamqp import decode
from pamqp.common import FieldTable

__all__ = ["read_what_can_be_read"]

_MOST_OF_A_TABLE: Final = 16 * 1024
"""Bytes. The hub's own headers have some hundred; reading a table costs the square of its size,
on the loop."""


def read_what_can_be_read() -> None:
    """Have pamqp read every frame of RabbitMQ to its end. Once for the process."""
    decode.METHODS.update(shortstr=_short_text, timestamp=_moment, table=_table)


def _short_text(value: bytes) -> tuple[int, str]:
    try:
        return decode.short_str(value)
    except UnicodeDecodeError:
        return 1 + value[0], ""


def _moment(value: bytes) -> tuple[int, datetime | None]:
    try:
        return decode.timestamp(value)
    except (ValueError, OverflowError, OSError):
        return 8, None


def _table(value: bytes) -> tuple[int, FieldTable]:
    (length,) = struct.unpack_from("!I", value)
    if length > _MOST_OF_A_TABLE:
        return 4 + length, {}
    try:
        return decode.field_table(value)
    except (ValueError, OverflowError, OSError, ArithmeticError, RecursionError):
        return 4 + length, {}
