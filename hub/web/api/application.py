"""Puts the calls together: one application, one way to fail, one document that describes it."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any, Final, cast

import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route

from hub.model.failure import HubFailure
from hub.web.access import Access
from hub.web.api.accounting import accounting_calls
from hub.web.api.bodies import MAX_BODY_BYTES, BoundedBodies
from hub.web.api.deciding import deciding_calls
from hub.web.api.mending import mending_calls
from hub.web.api.reading import reading_calls
from hub.web.api.rehearsing import rehearsing_calls
from hub.web.api.retrying import retrying_calls
from hub.web.doors import Doors
from hub.web.problems import Rejected, problem, problem_of

__all__ = ["Problem", "api", "describe_refusals", "fail_in_problems", "openapi"]

_log = structlog.get_logger()


class Problem(BaseModel):
    """Why a call was refused (RFC 9457): `cause` is a stable code, `detail` is for people."""

    title: str
    status: int
    detail: str
    cause: str
    # By a factory: a default would stand in the schema, and where there is no place it is left out.
    location: Annotated[
        str,
        Field(default_factory=str, description="The place in what was sent, if it is about one."),
    ]


def describe_refusals(meanings: Mapping[int, str]) -> dict[int | str, dict[str, Any]]:
    """What a call may answer instead, for its document: status and meaning."""
    return {
        status: {
            "description": meaning,
            "content": {"application/problem+json": {"schema": Problem.model_json_schema()}},
        }
        for status, meaning in meanings.items()
    }


_REFUSALS: Final = describe_refusals(
    {
        400: "The body cannot be read.",
        401: "No known token was sent.",
        403: "The role of the token does not suffice.",
        404: "There is no such thing.",
        409: "It cannot be done as things stand; `detail` says why.",
        422: "The call makes no sense; `detail` says why.",
        503: "The store is away; ask again.",
    }
)


def api(hub: Doors, access: Access, now: Callable[[], datetime]) -> FastAPI:
    """The application, to be mounted at /api/v1."""
    application = FastAPI(
        title="Residence hub",
        version="1",
        summary="What operators see and do, for programs.",
        openapi_url="/openapi.json",
        docs_url=None,  # its pages would load scripts from elsewhere
        redoc_url=None,
        redirect_slashes=False,  # they would lead back by http behind a proxy that ends TLS
        responses=_REFUSALS,
    )
    application.include_router(reading_calls(hub, access, now))
    application.include_router(deciding_calls(hub, access, now))
    application.include_router(retrying_calls(hub, access, now))
    application.include_router(mending_calls(hub, access, now))
    application.include_router(accounting_calls(hub, access, now))
    application.include_router(rehearsing_calls(hub, access))
    application.add_middleware(BoundedBodies, access=access)
    fail_in_problems(application)
    return application


def fail_in_problems(application: FastAPI) -> None:
    """Whatever goes wrong in its calls is answered by a problem document."""
    application.add_exception_handler(Rejected, _rejected)
    application.add_exception_handler(HubFailure, _failed)
    application.add_exception_handler(RequestValidationError, _senseless)
    application.add_exception_handler(HTTPException, _unknown)
    application.middleware("http")(_unforeseen)


def openapi() -> dict[str, Any]:
    """The document that describes the calls; it needs no running hub."""
    nobody = cast("Doors", None)  # the calls ask their hub only once they are called
    return api(nobody, Access(None), datetime.now).openapi()


async def _rejected(request: Request, error: Exception) -> Response:  # noqa: ARG001 - Starlette's signature
    assert isinstance(error, Rejected)  # noqa: S101 - registered for it
    return problem(error.status, error.cause, error.sentence, headers=error.headers)


async def _failed(request: Request, error: Exception) -> Response:  # noqa: ARG001 - Starlette's signature
    assert isinstance(error, HubFailure)  # noqa: S101 - registered for it
    return problem_of(error)


async def _senseless(request: Request, error: Exception) -> Response:  # noqa: ARG001 - Starlette's signature
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for it
    first = error.errors()[0]
    where = ".".join(str(step) for step in first["loc"])
    return problem(422, "call.invalid", f"{where}: {first['msg']}.", location=where)


async def _unknown(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for it
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        # Starlette names the methods of one of the calls with this address only.
        allowed = {"Allow": ", ".join(sorted(_methods(request)))}
        return problem(error.status_code, "call.unknown", "There is no such call.", headers=allowed)
    if error.status_code == HTTPStatus.BAD_REQUEST:
        return problem(error.status_code, "call.unreadable", "The body cannot be read.")
    if error.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        sentence = f"The body of a call may have at most {MAX_BODY_BYTES} bytes."
        return problem(error.status_code, "call.too_large", sentence)
    return problem(
        error.status_code, "call.unknown", "There is no such call.", headers=error.headers
    )


def _methods(request: Request) -> set[str]:
    routes = (route for route in request.app.routes if isinstance(route, Route))
    return {
        method
        for route in routes
        if route.matches(request.scope)[0] is not Match.NONE
        for method in route.methods or ()
    }


async def _unforeseen(
    request: Request, call_next: Callable[[Request], Awaitable[Response]]
) -> Response:
    try:
        return await call_next(request)
    except Exception as error:  # noqa: BLE001 - the edge: what escapes here is logged with its data
        _log.error("api.failed", error=type(error).__name__)
        return problem(500, "hub.failed", "The hub failed; its log names the kind of error.")
