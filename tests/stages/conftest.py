"""Stages whose outside party is the store are tested on both databases."""

from tests.store.conftest import opener, postgresql, sealer, store, url

__all__ = ["opener", "postgresql", "sealer", "store", "url"]
