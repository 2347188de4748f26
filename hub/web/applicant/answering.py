"""What the page takes: answers to what is open, and the withdrawal. Once sent, it says so.

Nothing is believed but a form that was made for just this case and this letter.
"""

import asyncio
from http import HTTPStatus
from typing import Final

from starlette.responses import RedirectResponse, Response

from hub.mailbox.local import InMailbox
from hub.model.course import ANSWER_TO, OpenKind
from hub.model.downward import DownwardKind
from hub.model.failure import TransientFailure
from hub.model.identifiers import MessageUuid
from hub.web.applicant.answer import MAX_MEGABYTES, TOO_LARGE, Answer, Problem, answer_in
from hub.web.applicant.entrance import NotShown, Visit
from hub.web.applicant.forms import Form, Forms
from hub.web.applicant.outbox import Outbox
from hub.web.applicant.reading import Reading
from hub.web.problems import Rejected
from hub.web.uploads import Filled, TooLarge, Uploads

__all__ = ["Answering"]

_NOT_NOW = Problem("form", "not_now")
_MAX_REST: Final = 200_000
_MAX_FIELD: Final = 128 * 1024
"""Bytes of one field: more than the longest text that a reply may have, in any script."""


class Answering:
    """Pages that send something."""

    def __init__(self, reading: Reading, forms: Forms, outbox: Outbox) -> None:
        self._reading = reading
        self._forms = forms
        self._outbox = outbox
        self._uploads = Uploads(MAX_MEGABYTES * 1_000_000 + _MAX_REST, _MAX_FIELD)

    async def answer(self, visit: Visit) -> Response:
        """Send an answer to a letter; what is wrong with it is said on the letter's page."""
        lying = await self._reading.lying(visit)
        kind = _answer_to(lying)
        try:
            filled = await self._filled(visit)
        except TooLarge:
            return await self._reading.show_letter(visit, lying, [TOO_LARGE], status=413)
        form = self._form(visit, filled, kind, lying.letter.about)
        text = filled.fields.get("text", "")
        answer = await asyncio.to_thread(answer_in, filled, kind)  # looks into the documents
        if not isinstance(answer, Answer):
            return await self._reading.show_letter(visit, lying, answer, text, status=422)
        try:
            await self._outbox.send(visit.case, form, answer)
        except TransientFailure:
            return await self._reading.show_letter(visit, lying, [_NOT_NOW], text, status=503)
        return _sent(visit, form)

    async def withdraw(self, visit: Visit) -> Response:
        """Take the application back."""
        try:
            filled = await self._filled(visit)
        except TooLarge:
            raise NotShown(413, "form") from None
        form = self._form(visit, filled, "withdrawal", None)
        await self._outbox.send(visit.case, form, Answer())
        return _sent(visit, form)

    async def _filled(self, visit: Visit) -> Filled:
        try:
            return await self._uploads.read(visit.request, str(visit.case.id))
        except Rejected as no_form:
            busy = no_form.status == HTTPStatus.SERVICE_UNAVAILABLE
            raise NotShown(no_form.status, "busy" if busy else "form") from None

    def _form(
        self, visit: Visit, filled: Filled, kind: DownwardKind, answers: MessageUuid | None
    ) -> Form:
        token = filled.fields.get("form", "")
        form = self._forms.form_of(token, visit.case.id, kind, answers)
        if form is None:
            raise NotShown(403, "form")
        return form


def _answer_to(lying: InMailbox) -> DownwardKind:
    kinds: dict[str, OpenKind] = {kind: kind for kind in ANSWER_TO}
    kind = kinds.get(lying.letter.kind)
    if kind is None:
        raise NotShown(409, "not_open")
    return ANSWER_TO[kind]


def _sent(visit: Visit, form: Form) -> Response:
    """Another page: to load it again sends nothing."""
    return RedirectResponse(visit.to("messages", form.message), 303)
