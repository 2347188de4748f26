"""The hub of the next version: this one, with one more migration. `python -m tests.drills.newer`.

It stands for any version that keeps the rule of docs/upgrade.md: its migrations add, and what they
add may be left empty by a hub that does not know it.
"""

import os
from pathlib import Path
from typing import Final

from alembic.config import Config
from alembic.script import ScriptDirectory

from hub.cli import main
from hub.store import migrations

__all__ = ["config", "newest_known"]

_OURS: Final = Path(migrations.__file__).parent
_NEWER: Final = Path(__file__).parent / "newer_versions"


def newest_known() -> str | None:
    """The newest revision of the version that is there."""
    return ScriptDirectory(str(_OURS)).get_current_head()


def config() -> Config:
    """What the next version has in the place of `hub.store.migrations._config`."""
    config = Config()
    config.set_main_option("script_location", str(_OURS))
    config.set_main_option("path_separator", "os")
    config.set_main_option("version_locations", f"{_OURS / 'versions'}{os.pathsep}{_NEWER}")
    return config


if __name__ == "__main__":
    migrations._config = config
    main()
