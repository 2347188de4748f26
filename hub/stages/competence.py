"""Who gets a submission that its authority is not competent for: decided on plain data.

The standard gives an authority the sentence "not competent" (130109) and perhaps the name of
another, as text. What follows is the hub's: the submission may go to one other authority at a
time, and never to one that has had it.
"""

from collections.abc import Sequence
from datetime import date, datetime

from hub.model.conversation import standing
from hub.model.failure import PermanentFailure
from hub.model.identifiers import AuthorityKey
from hub.model.transitions import TABLE, Phase
from hub.model.upward import NotCompetent
from hub.routing import Route, RoutingTable
from hub.stages.standing import SENTENCES, said_of
from hub.store import Case, Message

__all__ = ["check_forwarding", "competent", "submission_of"]


def competent(
    table: RoutingTable, authority: AuthorityKey, update: NotCompetent
) -> AuthorityKey | None:
    """To whom routing.yaml lets the hub forward by itself what `authority` is not competent for.

    Only where its entry says so, and the authority it names is exactly one of the table's.
    """
    entry = table.authorities.get(authority)
    if entry is None or entry.when_not_competent != "forward":
        return None
    named = table.named(update.competent_authority or "")
    return None if named is None or named.key == authority else named.key


def submission_of(rows: Sequence[Message]) -> Message:
    """The submission of a case, as its authority was sent it last."""
    return [row for row in rows if row.kind == "submission"][-1]


def check_forwarding(
    case: Case, rows: Sequence[Message], table: RoutingTable, to: AuthorityKey, now: datetime
) -> Route:
    """The route by which the submission of a case could go to another authority.

    Args:
        case: the case.
        rows: all its messages, in the order in which they came in.
        table: the routing table in force.
        to: the authority that is to have it.
        now: the time.

    Raises:
        PermanentFailure: it cannot; the sentence says why, and what could be done.
    """
    _check_standing(rows)
    if to in {row.authority for row in rows if row.kind == "submission"}:
        raise PermanentFailure(
            "forward.had_it", f"Authority {to} has had this case; name one that has not."
        )
    submission = submission_of(rows)
    until = submission.content_until
    if submission.content is None or (until is not None and until <= now):
        raise PermanentFailure(
            "content.gone",
            "The content of the submission was deleted after its time: the applicant has to"
            " apply again.",
        )
    return _route(case, table, to, now.date())


def _check_standing(rows: Sequence[Message]) -> None:
    phase = standing(said_of(rows)).phase
    if phase is not Phase.NOT_COMPETENT:
        cause = TABLE[phase, "submission"].cause or "case.discarded"
        raise PermanentFailure(cause, SENTENCES[cause], location="case")


def _route(case: Case, table: RoutingTable, to: AuthorityKey, on: date) -> Route:
    route = table.route(to, case.service, on)
    if case.test is not (route.endpoint.stage == "test"):
        raise PermanentFailure(
            "stage.mismatch",
            f"The case is marked test: {str(case.test).lower()}, but authority {to} is served by"
            f" a {route.endpoint.stage} system.",
        )
    if case.service not in route.format.carries:
        raise PermanentFailure(
            "format.cannot_carry",
            f"Format {route.adapter} {route.version} of authority {to} cannot carry"
            f" {case.service}.",
        )
    return route
