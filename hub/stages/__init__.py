"""The stages of a message's way, one file each; no stage knows another.

Every handler does the same four steps: read the row's state, do the one outside thing, commit
the new state with its journal events, publish what follows and acknowledge. A crash between
any two of them leaves something owed, and `dispatch` publishes it again when it is due.
"""

from typing import Final, Literal, get_args

__all__ = ["STAGES", "Stage"]

Stage = Literal["intake", "deliver", "interpret", "mailbox"]
"""What a hub may be told to work at, and others not. What comes beside the stages - publishing what
is due, burying, deleting - belongs to none of them: every hub does it (`hub.parts`)."""

STAGES: Final[frozenset[Stage]] = frozenset(get_args(Stage))
