"""Links that open the letters of one case, for whoever was sent one, and for a while.

A link is its own proof: nothing is kept of it, and any hub with the same content key knows it.
It says the case and until when, signed; it says nothing of a person. Who has it reads the letters
of that case and no other's, so it goes to the applicant's own mailbox only, and into no log.
"""

from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from itsdangerous import BadSignature, URLSafeSerializer

from hub.model.failure import PermanentFailure
from hub.model.identifiers import CaseId
from hub.store import Sealer

__all__ = ["LinkBroken", "LinkExpired", "Links"]

_PURPOSE: Final = "link to the letters of a case"
_LONGEST: Final = 500
"""Characters beyond which nobody need look whether a token is one."""


class LinkExpired(PermanentFailure):
    """The link was ours; its time is over."""

    def __init__(self) -> None:
        super().__init__("link.expired", "The link has expired; ask for a new one.")


class LinkBroken(PermanentFailure):
    """The link was changed, cut off, or never ours."""

    def __init__(self) -> None:
        super().__init__("link.broken", "The link is not complete, or was never one of this hub.")


class Links:
    """Makes and reads links. After a change of content keys, older links still open."""

    def __init__(self, sealer: Sealer, public_url: str, lifetime: timedelta) -> None:
        """`public_url`: under which address applicants reach this hub."""
        # itsdangerous signs with the last of its keys and compares with all, in constant time.
        keys = list(reversed(sealer.fingerprints(_PURPOSE, "signing key")))
        self._signer = URLSafeSerializer(keys, salt=_PURPOSE)
        self._cases_url = f"{public_url.rstrip('/')}/cases"
        self._lifetime = lifetime

    def to_case(self, case: CaseId, now: datetime) -> str:
        """The address where the letters of a case are read, from now on for the lifetime."""
        until = int((now + self._lifetime).timestamp())
        return f"{self._cases_url}/{self._signer.dumps([case.hex, until])}"

    def case_of(self, token: str, now: datetime) -> CaseId:
        """The case that the last part of a link opens.

        Raises:
            LinkExpired: its time is over.
            LinkBroken: it is none of ours.
        """
        if len(token) > _LONGEST:
            raise LinkBroken
        try:
            case, until = self._signer.loads(token)
        except BadSignature:
            raise LinkBroken from None
        if now >= datetime.fromtimestamp(until, UTC):
            raise LinkExpired
        return CaseId(UUID(case))
