"""POST /submissions: for online services that do not speak AMQP.

What is sent here is the message of the contract at the broker, with its documents beside it as
files of one form. It is checked as INTAKE will check it, so that what is wrong is said at once; it
then goes the same way as every other. What only INTAKE can find is told by GET.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from hub.broker import SUBMISSIONS
from hub.model.document import MAX_DOCUMENT_BYTES, Document, media_type_of
from hub.model.downward import Downward, Submission
from hub.model.failure import PermanentFailure
from hub.model.identifiers import DirectoryKey, MessageUuid
from hub.stages.admissible import case_of, digest_of, known_as, route_of
from hub.stages.reading import read_message
from hub.stages.standing import check_down
from hub.store import (
    Connection,
    case_by_id,
    dead_letter_of_correlation,
    message_by_id,
)
from hub.traceparent import TRACEPARENT, traceparent_in
from hub.web.access import Access
from hub.web.doors import Doors
from hub.web.problems import Rejected, door
from hub.web.uploads import Filled, TooLarge, Uploaded, Uploads, in_chunks

__all__ = ["submission_doors"]

_MAX_FORM: Final = 50 * 1_000_000
"""The standard bounds a message at 50 MB with all it embeds."""
_MAX_MESSAGE: Final = 2 * 1024 * 1024
_log = structlog.get_logger()


def submission_doors(hub: Doors, access: Access, now: Callable[[], datetime]) -> list[Route]:
    """The door for submissions and what follows them, and the one that says what became of one."""
    entry = _Entry(hub, access, now)
    return [
        Route("/submissions", door(entry.take), methods=["POST"]),
        Route("/submissions/{id}", door(entry.tell), methods=["GET"]),
    ]


class _Entry:
    def __init__(self, hub: Doors, access: Access, now: Callable[[], datetime]) -> None:
        self._hub = hub
        self._access = access
        self._now = now
        self._uploads = Uploads(_MAX_FORM, _MAX_MESSAGE)

    async def take(self, request: Request) -> Response:
        """202 once the broker has the message: from then on the hub answers for it."""
        sender = self._access.sender(request)
        try:
            filled = await self._uploads.read(request, sender)
        except TooLarge:
            raise Rejected(
                413,
                "submission.too_large",
                f"A form may have at most {_MAX_FORM} bytes; put large documents to the hub"
                " before, at PUT /documents/{sha256}.",
            ) from None
        message = await self._with_documents(_message_in(filled), filled.files, sender)
        key = await self._hub.store.read(lambda c: self._checked(c, message, sender))
        await self._hub.broker.publisher.publish(
            SUBMISSIONS,
            key,
            message.model_dump_json().encode(),
            type=message.type,
            headers=_headers(request),
            correlation_id=_correlation(sender, message.id),
        )
        _log.info("submission.taken", kind=message.type, documents=len(message.documents))
        where = f"/submissions/{message.id}"
        return JSONResponse({"id": str(message.id)}, 202, headers={"Location": where})

    async def tell(self, request: Request) -> Response:
        """What became of a message of this sender."""
        sender = self._access.sender(request)
        try:
            id_ = MessageUuid(UUID(request.path_params["id"]))
        except ValueError:
            raise _unknown() from None
        return JSONResponse(await self._hub.store.read(lambda c: _became(c, id_, sender)))

    async def _with_documents(
        self, message: Downward, files: Sequence[Uploaded], sender: DirectoryKey
    ) -> Downward:
        """The message as it is published: its documents lie with the hub, under its sender."""
        given = {each.field: each.content for each in files if each.field != "message"}
        listed = {str(each.id) for each in message.documents}
        if foreign := [name for name in given if name not in listed]:
            raise PermanentFailure(
                "document.not_listed",
                f"{len(foreign)} files are in fields that are not named by the id of a document"
                " of the message.",
                location="documents",
            )
        for position, each in enumerate(message.documents):
            content = given.get(str(each.id), each.content)
            if content is not None:
                await self._stage(each, content, sender, f"documents[{position}]")
        return message.without_content()

    async def _stage(
        self, document: Document, content: bytes, sender: DirectoryKey, where: str
    ) -> None:
        if len(content) != document.size or media_type_of(content) != document.media_type:
            raise PermanentFailure(
                "document.media_type",
                f"The file is not the {document.media_type} of {document.size} bytes that the"
                " message says it is.",
                location=where,
            )
        try:
            await self._hub.store.documents.stage(
                sender, document.sha256, in_chunks(content), MAX_DOCUMENT_BYTES
            )
        except PermanentFailure as failure:
            raise PermanentFailure(failure.cause, failure.sentence, location=where) from None

    def _checked(self, connection: Connection, message: Downward, sender: DirectoryKey) -> str:
        """The routing key, if INTAKE would take the message as things stand."""
        table = self._hub.routes.table
        known_as(connection, message.id, digest_of(message))
        if isinstance(message, Submission):
            _own(message.sender.key, sender)
            route = route_of(message, table, frozenset(self._hub.providers), self._now().date())
            return f"{message.service}.{route.authority.key}"
        case = case_of(connection, message)
        _own(case.sender, sender)
        check_down(connection, message, case, table, self._now())
        return f"{case.service}.{case.authority}"


def _message_in(filled: Filled) -> Downward:
    body = filled.fields.get("message", "").encode()
    for each in filled.files:
        if each.field == "message":
            body = each.content
    if not body:
        raise Rejected(400, "message.missing", "Put the message, as JSON, into the field message.")
    if len(body) > _MAX_MESSAGE:
        raise Rejected(
            413, "message.too_large", f"The message may have at most {_MAX_MESSAGE} bytes."
        )
    return read_message(body)


def _became(
    connection: Connection, id_: MessageUuid, sender: DirectoryKey
) -> dict[str, str | None]:
    row = message_by_id(connection, id_)
    case = case_by_id(connection, row.case) if row is not None else None
    if row is not None and case is not None and case.sender == sender:
        return {"id": str(id_), "state": row.state, "cause": row.cause}
    letter = dead_letter_of_correlation(connection, _correlation(sender, id_))
    if row is not None or letter is None:
        raise _unknown()
    return {
        "id": str(id_),
        "state": "refused",
        "cause": letter.cause,
        "sentence": letter.sentence,
        "location": letter.location,
    }


def _unknown() -> Rejected:
    return Rejected(
        404,
        "message.unknown",
        "The hub has no such message of this sender, or not yet. If in doubt send it again:"
        " with the same id it is the same message.",
    )


def _correlation(sender: DirectoryKey, id_: MessageUuid) -> str:
    """By it its sender finds the dead letter, should INTAKE refuse the message; nobody else can."""
    return f"{sender}/{id_}"


def _own(named: DirectoryKey, sender: DirectoryKey) -> None:
    if named != sender:
        raise PermanentFailure(
            "sender.not_allowed",
            "This token does not speak for the sender of the case.",
            location="sender.key",
        )


def _headers(request: Request) -> dict[str, str]:
    trace = traceparent_in(request.headers)
    return {TRACEPARENT: trace} if trace else {}
