"""Against which schemas written messages are checked: ours, and the official ones if they are here.

`HUB_OFFICIAL_SCHEMAS` names their folder, as it does for the hub: `<adapter>/<version>/*.xsd`.
"""

import os
from pathlib import Path

from adapters.xauslaender import adapter
from hub.xml import Element, SchemaSet

FORMAT = adapter.formats["26.11"]

_FOLDER = Path(os.environ.get("HUB_OFFICIAL_SCHEMAS", "no folder"), "xauslaender", "26.11")
_OFFICIAL = SchemaSet(_FOLDER) if _FOLDER.is_dir() else None


def check(root: Element) -> None:
    FORMAT.schemas.check(root)
    if _OFFICIAL is not None:
        _OFFICIAL.check(root)
