"""What makes a form the hub's own: a signed token that says for what it is, and names the message.

The id of the message that a form sends is chosen when the form is made. So whoever sends one form
twice sends one message; and a form of one case, or for one letter, is worth nothing at another.
"""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from itsdangerous import BadSignature, URLSafeSerializer

from hub.model.downward import DownwardKind
from hub.model.identifiers import CaseId, MessageUuid
from hub.store import Sealer

__all__ = ["Form", "Forms"]

_PURPOSE: Final = "form of an applicant's page"


@dataclass(frozen=True, slots=True)
class Form:
    """What a form will send: `message` is its id, `answers` the update that it answers."""

    case: CaseId
    kind: DownwardKind
    answers: MessageUuid | None
    message: MessageUuid


class Forms:
    """Signs forms and knows them again."""

    def __init__(self, sealer: Sealer) -> None:
        # itsdangerous signs with the last of its keys and compares with all, in constant time.
        keys = list(reversed(sealer.fingerprints(_PURPOSE, "signing key")))
        self._signer = URLSafeSerializer(keys, salt=_PURPOSE)

    def token(self, form: Form) -> str:
        """What the page puts into the form."""
        return str(self._signer.dumps([*_about(form), form.message.hex]))

    def form_of(
        self, token: str, case: CaseId, kind: DownwardKind, answers: MessageUuid | None
    ) -> Form | None:
        """The form behind a token, if it was made for just that."""
        try:
            *about, message = self._signer.loads(token)
        except BadSignature:
            return None
        form = Form(case, kind, answers, MessageUuid(UUID(message)))
        return form if about == _about(form) else None


def _about(form: Form) -> list[str]:
    return [form.case.hex, form.kind, form.answers.hex if form.answers else ""]
