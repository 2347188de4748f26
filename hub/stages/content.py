"""How a message's content lies in the store: sealed JSON, without its documents."""

from typing import Annotated, Final

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from hub.model.case import Profile
from hub.model.downward import Downward
from hub.model.failure import PermanentFailure
from hub.model.identifiers import CaseId, MessageUuid
from hub.model.record import Record
from hub.model.reminder import Reminder
from hub.model.upward import Update
from hub.store import Message, Sealer

__all__ = [
    "Kept",
    "open_kept",
    "open_profile",
    "open_update",
    "seal_kept",
    "seal_profile",
    "seal_update",
    "wish_of",
]


_letters: Final[TypeAdapter[Update | Reminder]] = TypeAdapter(
    Annotated[Update | Reminder, Field(discriminator="type")],
    config=ConfigDict(hide_input_in_errors=True),
)


class Kept(Record):
    """A message to the authority, and where its sender wants to hear of a refusal."""

    message: Annotated[Downward, Field(discriminator="type")]
    reply_to: str | None = None
    correlation: str | None = None


def seal_kept(sealer: Sealer, kept: Kept) -> bytes:
    """Seal for the row of this message and no other."""
    return sealer.seal(kept.model_dump_json().encode(), _about(kept.message.id))


def open_kept(sealer: Sealer, sealed: bytes, message: MessageUuid) -> Kept:
    """Raise PermanentFailure if the key is gone or the bytes are not this message's.

    Or if they are not what this version of the hub reads.
    """
    try:
        return Kept.model_validate_json(sealer.open(sealed, _about(message)))
    except ValidationError:
        raise PermanentFailure(
            "content.unreadable", "The content is not what this version of the hub reads."
        ) from None


def wish_of(sealer: Sealer, row: Message) -> tuple[str | None, str | None]:
    """Where the sender of a row's message wants to hear of a refusal, and under which name."""
    if row.content is None:
        return None, None
    try:
        kept = open_kept(sealer, row.content, row.id)
    except PermanentFailure:  # nobody can read it any more: perhaps that is why it dies
        return None, None
    return kept.reply_to, kept.correlation


def seal_update(sealer: Sealer, update: Update | Reminder, row: MessageUuid) -> bytes:
    """Seal what the applicant will read under the id of its row."""
    return sealer.seal(_letters.dump_json(update), _about(row))


def open_update(sealer: Sealer, sealed: bytes, row: MessageUuid) -> Update | Reminder:
    """Raise PermanentFailure if the key is gone or the bytes are not this row's."""
    return _letters.validate_json(sealer.open(sealed, _about(row)))


def seal_profile(sealer: Sealer, profile: Profile, case: CaseId) -> bytes:
    """Seal what the hub must know of a case."""
    return sealer.seal(profile.model_dump_json().encode(), f"case:{case}")


def open_profile(sealer: Sealer, sealed: bytes, case: CaseId) -> Profile:
    """Raise PermanentFailure if the key is gone or the bytes are not this case's."""
    return Profile.model_validate_json(sealer.open(sealed, f"case:{case}"))


def _about(message: MessageUuid) -> str:
    return f"message:{message}"
