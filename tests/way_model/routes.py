"""Four authorities: two vendors, two versions of one of them, and one with no way back."""

from typing import Final

from hub.routing import RoutingTable
from tests.adapters.every import EVERY

__all__ = ["AUTHORITIES", "TABLE"]

AUTHORITIES: Final = {
    "990001": ("xauslaender", "26.11", "http", True),
    "990002": ("alster", "4", "sftp", True),
    "990003": ("xauslaender", "26.11", "http", False),
    "990004": ("alster", "3", "sftp", True),
}
"""Adapter, version, transport, and whether anything may come back."""


def _routing() -> RoutingTable:
    systems = "".join(
        f'  s{key}: {{adapter: {adapter}, formats: [{{version: "{version}", from: 2020-01-01}}],'
        f" stage: production, transport: {transport}, endpoint: {{}},"
        " limits: {parallel: 4, attempts: 12}}\n"
        for key, (adapter, version, transport, _) in AUTHORITIES.items()
    )
    entries = "".join(
        f'  "{key}": {{name: "Muster {key}", regional_keys: [], system: s{key}, services: all,'
        f" back_channel: {str(back).lower()}}}\n"
        for key, (*_, back) in AUTHORITIES.items()
    )
    return RoutingTable.parse(f"systems:\n{systems}authorities:\n{entries}", EVERY)


TABLE: Final = _routing()
