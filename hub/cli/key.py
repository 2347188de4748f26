"""`hub key`: content keys."""

from hub.store import Sealer

__all__ = ["key"]


def key() -> None:
    """Print a new content key, for HUB_CONTENT_KEY or the file of HUB_CONTENT_KEY_FILE.

    To change keys put the new one in front of the old ones, separated by a comma.
    """
    print(Sealer.generate_text())
