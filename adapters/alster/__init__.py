"""Alster, a fictional vendor: files in ISO-8859-1 over SFTP, versions 3 and 4 side by side.

`README.md` beside this file says what is carried, what is lost and what is changed.
"""

from typing import Final

from adapters.alster.version3 import VERSION_3
from adapters.alster.version4 import VERSION_4
from hub.adapter import Adapter

__all__ = ["adapter"]

adapter: Final = Adapter("alster", {"3": VERSION_3, "4": VERSION_4})
