"""The store: what is owed, what happened, and the contents, encrypted.

The only room that speaks SQL. Everything here is durable once the call that wrote it returned.
A unit of work is a plain function of a connection that calls the functions below; `Store.run`
commits it, `Store.read` runs it on a connection that cannot write.
"""

from sqlalchemy import Connection

from hub.store.away import StoreAway
from hub.store.cases import Case, case_by_id, cases_of_application, insert_case, set_case_state
from hub.store.cursors import cursor_of, keep_cursor
from hub.store.dead_letters import (
    DeadLetter,
    DeadLetterState,
    NewDeadLetter,
    bury,
    dead_letter_by_id,
    dead_letters,
    discard,
    refusal_failed,
    refusal_sent,
    refusals_owed,
    set_replayed,
)
from hub.store.documents import Documents
from hub.store.due import due, overdue_places, refill, unpublished
from hub.store.engine import Store, StoreReader, open_store, read_store
from hub.store.journal import Event, journey, record
from hub.store.leases import (
    Claim,
    Claimed,
    NotYours,
    claim,
    extend_lease,
    hand_over,
    postpone,
    release_leases,
)
from hub.store.ledger import Balance, Ledger, Sums, ledger
from hub.store.letters import StoredLetter, letters, put_letter
from hub.store.messages import (
    Direction,
    Inserted,
    Message,
    NewMessage,
    Owes,
    State,
    cases_that_served,
    forget_content,
    insert_message,
    message_by_id,
    message_by_wire,
    messages_of,
)
from hub.store.outstanding import owed_downward
from hub.store.owed import PUBLISH_GRACE, Due, finish, replay
from hub.store.parking import Parking, park, parkings, unpark
from hub.store.sealer import Sealer
from hub.store.steps import record_step, steps_done

__all__ = [
    "PUBLISH_GRACE",
    "Balance",
    "Case",
    "Claim",
    "Claimed",
    "Connection",
    "DeadLetter",
    "DeadLetterState",
    "Direction",
    "Documents",
    "Due",
    "Event",
    "Inserted",
    "Ledger",
    "Message",
    "NewDeadLetter",
    "NewMessage",
    "NotYours",
    "Owes",
    "Parking",
    "Sealer",
    "State",
    "Store",
    "StoreAway",
    "StoreReader",
    "StoredLetter",
    "Sums",
    "bury",
    "case_by_id",
    "cases_of_application",
    "cases_that_served",
    "claim",
    "cursor_of",
    "dead_letter_by_id",
    "dead_letters",
    "discard",
    "due",
    "extend_lease",
    "finish",
    "forget_content",
    "hand_over",
    "insert_case",
    "insert_message",
    "journey",
    "keep_cursor",
    "ledger",
    "letters",
    "message_by_id",
    "message_by_wire",
    "messages_of",
    "open_store",
    "overdue_places",
    "owed_downward",
    "park",
    "parkings",
    "postpone",
    "put_letter",
    "read_store",
    "record",
    "record_step",
    "refill",
    "refusal_failed",
    "refusal_sent",
    "refusals_owed",
    "release_leases",
    "replay",
    "set_case_state",
    "set_replayed",
    "steps_done",
    "unpark",
    "unpublished",
]
