"""What a failure may say, whoever raised it."""

from hub.model.failure import HubFailure
from hub.xml import redacted

__all__ = ["well_said"]


def well_said(failure: HubFailure, secret: str = "") -> None:
    """Fail if it has no cause, says more than a person reads, or quotes what was read."""
    said = f"{failure.cause} {failure.sentence} {getattr(failure, 'location', None) or ''}"
    assert failure.cause
    assert failure.sentence
    assert len(said) < 2_000, "it is too long"
    assert said.isprintable(), "it is not printable"
    assert len(secret) < 8 or secret not in said or redacted(secret) == secret, "it quotes"
