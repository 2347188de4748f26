"""Tokens in links and forms: one of the hub's own, or a refusal."""

from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from uuid import UUID

from hub.mailbox.links import LinkBroken, LinkExpired, Links
from hub.model.identifiers import CaseId, MessageUuid
from hub.store import Sealer
from hub.web.applicant.forms import Form, Forms

_NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)
_CASE = CaseId(UUID(int=7))
_SEALER = Sealer.from_text("one:" + "A" * 43 + "=")
_LINKS = Links(_SEALER, "https://hub.example", timedelta(days=30))
_FORMS = Forms(_SEALER)


def one(data: bytes) -> None:
    """Nothing opens but what was signed."""
    token = data.decode(errors="replace")
    with suppress(LinkBroken, LinkExpired):
        assert _LINKS.case_of(token, _NOW) == _CASE
    form = _FORMS.form_of(token, _CASE, "withdrawal", None)
    assert form is None or form.case == _CASE


def seeds() -> Iterable[bytes]:
    """A link, a form's token, and neither."""
    link = _LINKS.to_case(_CASE, _NOW).rpartition("/")[2].encode()
    yield link
    yield link[:-1]
    yield b"." + link
    yield _FORMS.token(Form(_CASE, "withdrawal", None, MessageUuid(UUID(int=8)))).encode()
