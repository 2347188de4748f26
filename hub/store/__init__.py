"""The store: what is owed, what happened, and the contents, encrypted.

The only room that speaks SQL. Everything here is durable once the call that wrote it returned.
A unit of work is a plain function of a connection that calls the functions below; `Store.run`
commits it, `Store.read` runs it on a connection that cannot write.
"""

from sqlalchemy import Connection

from hub.store.audit import Act, AuditedAct, acts, audit, last_act, verify_acts
from hub.store.away import StoreAway
from hub.store.cases import (
    Case,
    case_by_id,
    cases_of_application,
    insert_case,
    lock_case,
    move_case,
    set_case_state,
)
from hub.store.cursors import cursor_of, keep_cursor
from hub.store.dead_groups import (
    DeadGroup,
    Meant,
    Outcome,
    Seen,
    dead_groups,
    outcome_of,
    select_dead,
)
from hub.store.dead_letters import (
    DeadLetter,
    DeadLetterState,
    NewDeadLetter,
    bury,
    count_replay,
    dead_letter_by_id,
    dead_letters,
    discard,
    refusal_failed,
    refusal_sent,
    refusals_owed,
    replay_passed,
    set_replayed,
)
from hub.store.documents import Documents
from hub.store.due import due, overdue_places, refill, unpublished
from hub.store.engine import Store, open_store
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
from hub.store.open_questions import OpenQuestion, open_questions
from hub.store.owed import PUBLISH_GRACE, Due, finish, replay
from hub.store.parking import Parking, park, parkings, unpark
from hub.store.pauses import Pause, end_pause, pause, pauses
from hub.store.sealer import Sealer
from hub.store.status import Status, needs, status
from hub.store.steps import record_step, steps_done

__all__ = [
    "PUBLISH_GRACE",
    "Act",
    "AuditedAct",
    "Balance",
    "Case",
    "Claim",
    "Claimed",
    "Connection",
    "DeadGroup",
    "DeadLetter",
    "DeadLetterState",
    "Direction",
    "Documents",
    "Due",
    "Event",
    "Inserted",
    "Ledger",
    "Meant",
    "Message",
    "NewDeadLetter",
    "NewMessage",
    "NotYours",
    "OpenQuestion",
    "Outcome",
    "Owes",
    "Parking",
    "Pause",
    "Sealer",
    "Seen",
    "State",
    "Status",
    "Store",
    "StoreAway",
    "StoredLetter",
    "Sums",
    "acts",
    "audit",
    "bury",
    "case_by_id",
    "cases_of_application",
    "cases_that_served",
    "claim",
    "count_replay",
    "cursor_of",
    "dead_groups",
    "dead_letter_by_id",
    "dead_letters",
    "discard",
    "due",
    "end_pause",
    "extend_lease",
    "finish",
    "forget_content",
    "hand_over",
    "insert_case",
    "insert_message",
    "journey",
    "keep_cursor",
    "last_act",
    "ledger",
    "letters",
    "lock_case",
    "message_by_id",
    "message_by_wire",
    "messages_of",
    "move_case",
    "needs",
    "open_questions",
    "open_store",
    "outcome_of",
    "overdue_places",
    "park",
    "parkings",
    "pause",
    "pauses",
    "postpone",
    "put_letter",
    "record",
    "record_step",
    "refill",
    "refusal_failed",
    "refusal_sent",
    "refusals_owed",
    "release_leases",
    "replay",
    "replay_passed",
    "select_dead",
    "set_case_state",
    "set_replayed",
    "status",
    "steps_done",
    "unpark",
    "unpublished",
    "verify_acts",
]
