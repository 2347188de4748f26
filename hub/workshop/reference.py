"""How another process finds an adapter that this one has."""

import importlib
import sys
from importlib.metadata import entry_points

from hub.adapter import Adapter

__all__ = ["reference_to", "referred"]


def reference_to(adapter: Adapter) -> str:
    """`module:name` under which another process finds `adapter`.

    Raises:
        LookupError: no module holds it under a name.
    """
    for point in entry_points(group="hub.adapters"):
        if point.name == adapter.name and point.load() is adapter:
            return point.value
    homes = {type(each).__module__ for each in adapter.formats.values()}
    found = [
        (name not in homes, f"{name}:{attribute}")
        for name, module in list(sys.modules.items())
        if name != "__main__"
        for attribute, value in list(getattr(module, "__dict__", {}).items())
        if value is adapter
    ]
    if not found:
        raise LookupError(f"give the adapter {adapter.name!r} a name in a module, as in a package")
    return min(found)[1]


def referred(reference: str) -> Adapter:
    """The adapter that another process calls so.

    Raises:
        TypeError: it is something else.
    """
    module, _, name = reference.partition(":")
    adapter = getattr(importlib.import_module(module), name)
    if not isinstance(adapter, Adapter):
        raise TypeError(f"{reference} is not a hub.adapter.Adapter")
    return adapter
