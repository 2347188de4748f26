"""Every "no" of a door is a problem document (RFC 9457) that says what to do.

Beside the members of the standard it has `cause`, and `location` if it is about one place of what
was sent: the words of a refusal over AMQP, with the same values.

`door` stands around each endpoint and turns failures into answers, so that no exception with
somebody's data in it reaches a log.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import wraps
from http import HTTPStatus
from typing import Final

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from hub.model.failure import AdapterFailed, HubFailure, PermanentFailure, TransientFailure
from hub.xml import Explanation, Invalid

__all__ = ["Rejected", "door", "problem", "problem_of", "unknown_door"]

Endpoint = Callable[[Request], Awaitable[Response]]

_log = structlog.get_logger()
_RETRY_SECONDS: Final = 5
_FAILED: Final = "The hub failed; send the request again later."
_STATUS: Final = {
    "X000": 400,
    "S001": 400,
    "authority.unknown": 404,
    "case.discarded": 409,
    "case.ended": 409,
    "case.submitted": 409,
    "case.unknown": 404,
    "case.withdrawn": 409,
    "forward.had_it": 409,
    "document.too_large": 413,
    "edit.unknown": 404,
    "letter.unknown": 404,
    "message.conflict": 409,
    "message.not_owed": 409,
    "message.under_way": 409,
    "message.unknown": 404,
    "message.waits": 409,
    "place.not_parked": 409,
    "rehearsal.busy": 409,
    "rehearsal.unknown": 404,
    "replay.unknown": 404,
    "xml.too_large": 413,
}


class Rejected(Exception):
    """A door says no before the message was looked at."""

    def __init__(
        self, status: int, cause: str, sentence: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(sentence)
        self.status = status
        self.cause = cause
        self.sentence = sentence
        self.headers = headers


def door(endpoint: Endpoint) -> Endpoint:
    """Let an endpoint fail in the words of the hub; the caller gets a problem document."""

    @wraps(endpoint)
    async def answer(request: Request) -> Response:
        try:
            return await endpoint(request)
        except Rejected as rejected:
            return problem(
                rejected.status, rejected.cause, rejected.sentence, headers=rejected.headers
            )
        except AdapterFailed as failure:
            _log.error("door.failed", door=request.url.path, error=failure.cause)
            return problem(500, "hub.failed", _FAILED)
        except HubFailure as failure:
            return problem_of(failure)
        except ClientDisconnect:
            return problem(400, "connection.closed", "The request was not sent to its end.")
        except TimeoutError:
            return problem(408, "request.too_slow", "The request took too long; send it again.")
        except Exception as error:  # noqa: BLE001 - the edge: what escapes here is logged with its data
            _log.error("door.failed", door=request.url.path, error=type(error).__name__)
            return problem(500, "hub.failed", _FAILED)

    return answer


async def unknown_door(request: Request, error: Exception) -> Response:  # noqa: ARG001 - Starlette's signature
    """The answer where no door is, or not for this method."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    headers = error.headers if isinstance(error, HTTPException) else None
    sentence = f"There is no such door: {HTTPStatus(status).phrase.lower()}."
    return problem(status, "door.unknown", sentence, headers=headers)


def problem_of(failure: HubFailure) -> Response:
    """The answer to a failure that has a meaning."""
    if isinstance(failure, PermanentFailure):
        status = _STATUS.get(failure.cause, 422)
        return problem(
            status,
            failure.cause,
            failure.sentence,
            location=failure.location,
            problems=failure.explanations if isinstance(failure, Invalid) else (),
        )
    wish = failure.retry_after if isinstance(failure, TransientFailure) else None
    seconds = _RETRY_SECONDS if wish is None else int(wish.total_seconds())
    return problem(503, failure.cause, failure.sentence, headers={"Retry-After": str(seconds)})


def problem(
    status: int,
    cause: str,
    sentence: str,
    *,
    location: str | None = None,
    problems: Sequence[Explanation] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """A problem document; `problems` are all of a document's, of which `sentence` is the first."""
    fields: dict[str, object] = {
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": sentence,
        "cause": cause,
    }
    if location is not None:
        fields["location"] = location
    if problems:
        fields["problems"] = [
            {
                "location": each.location,
                "line": each.line,
                "rule": each.rule,
                "sentence": each.text,
            }
            for each in problems
        ]
    return JSONResponse(fields, status, headers=headers, media_type="application/problem+json")
