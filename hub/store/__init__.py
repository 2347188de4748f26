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
    page_of_dead,
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
    dead_letters_of,
    discard,
    refusal_failed,
    refusal_sent,
    refusals_owed,
    replay_passed,
    set_replayed,
)
from hub.store.documents import Documents
from hub.store.due import due, overdue_places, refill, unpublished
from hub.store.edits import (
    Edit,
    EditState,
    NewEdit,
    decide_edit,
    edit_by_id,
    edit_sent,
    edits_of,
    open_edits,
    propose_edit,
)
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
from hub.store.open_questions import OpenQuestion, open_questions
from hub.store.outstanding import owed_downward
from hub.store.owed import PUBLISH_GRACE, Due, correct, finish, replay
from hub.store.parking import Parking, park, parkings, probe_now, unpark
from hub.store.pauses import Pause, end_pause, pause, pauses
from hub.store.pulse import Beats, add_beats, beats, forget_beats, last_successes, minute_of
from hub.store.sealer import Sealer
from hub.store.search import PAGE, Criteria, Found, Page, Place, search
from hub.store.steps import record_step, steps_done, steps_of_case
from hub.store.unfinished import Unfinished, open_dead_letters, unfinished
from hub.store.used_links import use_link
from hub.store.writer import Committed

__all__ = [
    "PAGE",
    "PUBLISH_GRACE",
    "Act",
    "AuditedAct",
    "Balance",
    "Beats",
    "Case",
    "Claim",
    "Claimed",
    "Committed",
    "Connection",
    "Criteria",
    "DeadGroup",
    "DeadLetter",
    "DeadLetterState",
    "Direction",
    "Documents",
    "Due",
    "Edit",
    "EditState",
    "Event",
    "Found",
    "Inserted",
    "Ledger",
    "Meant",
    "Message",
    "NewDeadLetter",
    "NewEdit",
    "NewMessage",
    "NotYours",
    "OpenQuestion",
    "Outcome",
    "Owes",
    "Page",
    "Parking",
    "Pause",
    "Place",
    "Sealer",
    "Seen",
    "State",
    "Store",
    "StoreAway",
    "StoreReader",
    "StoredLetter",
    "Sums",
    "Unfinished",
    "acts",
    "add_beats",
    "audit",
    "beats",
    "bury",
    "case_by_id",
    "cases_of_application",
    "cases_that_served",
    "claim",
    "correct",
    "count_replay",
    "cursor_of",
    "dead_groups",
    "dead_letter_by_id",
    "dead_letters",
    "dead_letters_of",
    "decide_edit",
    "discard",
    "due",
    "edit_by_id",
    "edit_sent",
    "edits_of",
    "end_pause",
    "extend_lease",
    "finish",
    "forget_beats",
    "forget_content",
    "hand_over",
    "insert_case",
    "insert_message",
    "journey",
    "keep_cursor",
    "last_act",
    "last_successes",
    "ledger",
    "letters",
    "lock_case",
    "message_by_id",
    "message_by_wire",
    "messages_of",
    "minute_of",
    "move_case",
    "open_dead_letters",
    "open_edits",
    "open_questions",
    "open_store",
    "outcome_of",
    "overdue_places",
    "owed_downward",
    "page_of_dead",
    "park",
    "parkings",
    "pause",
    "pauses",
    "postpone",
    "probe_now",
    "propose_edit",
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
    "replay_passed",
    "search",
    "select_dead",
    "set_case_state",
    "set_replayed",
    "steps_done",
    "steps_of_case",
    "unfinished",
    "unpark",
    "unpublished",
    "use_link",
    "verify_acts",
]
