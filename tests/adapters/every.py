"""The project's own adapters by name. Entry points are only there where it is installed."""

import os
from pathlib import Path

from adapters.alster import adapter as alster
from adapters.isar import adapter as isar
from adapters.spree import adapter as spree
from adapters.xauslaender import adapter as xauslaender
from hub.adapter import Adapter, Format
from hub.xml import Element, SchemaSet

EVERY: dict[str, Adapter] = {each.name: each for each in (alster, isar, spree, xauslaender)}

FORMATS: dict[str, Format] = {
    f"{adapter.name} {version}": format_
    for adapter in EVERY.values()
    for version, format_ in adapter.formats.items()
}
"""Every version of every adapter, such as `alster 3`."""

_OFFICIAL = Path(os.environ.get("HUB_OFFICIAL_SCHEMAS", "no folder"))
_OFFICIAL_SETS = {
    name: SchemaSet(folder)
    for name in FORMATS
    if (folder := _OFFICIAL.joinpath(*name.split(" "))).is_dir()
}


def check(name: str, root: Element) -> None:
    """Against our schemas, and the official ones where `HUB_OFFICIAL_SCHEMAS` has them."""
    FORMATS[name].schemas.check(root)
    if name in _OFFICIAL_SETS:
        _OFFICIAL_SETS[name].check(root)
