"""The tables: what is owed, what happened, and what waits for a person.

Each file has those that change together; here `metadata` has got them all. The newest migration
makes exactly these tables (a test compares the two on both databases).
Conditions of partial indexes are written as text, and queries use the same constants: neither
SQLite nor a prepared PostgreSQL statement can match a bound parameter to a partial index.
"""

# In the order of MetaData, in which the tables are made.
# isort: off
from hub.store.tables.metadata import metadata
from hub.store.tables.messages import (
    KNOWN_BY_ANOTHER,
    OWED_AND_FREE,
    UNFINISHED,
    State,
    cases,
    messages,
    steps,
)
from hub.store.tables.journal import ENTERED_OR_CONCLUDED, events
from hub.store.tables.dead_letters import UNDER_WAY, dead_letters, edits
from hub.store.tables.authorities import collectors, cursors, parkings, pauses
from hub.store.tables.mailbox import letters, sendings
from hub.store.tables.pulse import pulse, successes
from hub.store.tables.operators import acts, used_links
# isort: on

__all__ = [
    "ENTERED_OR_CONCLUDED",
    "KNOWN_BY_ANOTHER",
    "OWED_AND_FREE",
    "UNDER_WAY",
    "UNFINISHED",
    "State",
    "acts",
    "cases",
    "collectors",
    "cursors",
    "dead_letters",
    "edits",
    "events",
    "letters",
    "messages",
    "metadata",
    "parkings",
    "pauses",
    "pulse",
    "sendings",
    "steps",
    "successes",
    "used_links",
]
