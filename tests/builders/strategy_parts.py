"""Any part of a message that the model allows."""

from hub.proof.strategies import texts

__all__ = ["texts"]
