"""Copies of store and documents, made while hubs are at work, and put back where nothing is."""

from hub.store.backup.making import back_up
from hub.store.backup.manifest import Manifest
from hub.store.backup.restoring import Restored, restore

__all__ = ["Manifest", "Restored", "back_up", "restore"]
