"""The simulated systems as processes: their addresses, and how routing.yaml comes to name them."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hub.routing import RoutingTable
from hub.sandbox.processes import Child, free_port
from hub.sandbox.sftp import make_keys

__all__ = ["Addresses", "Simulated", "Way", "directly", "simulated"]

_XAUSLAENDER: Final = "http://127.0.0.1:8091"
_ISAR: Final = "http://127.0.0.1:8093"
_ALSTER: Final = "port: 8092"
_ALSTER_KEYS: Final = ".var/alster/"
"""Where routing.yaml expects the sandbox; replaced by its real addresses and folder."""


@dataclass(frozen=True, slots=True)
class Simulated:
    """One simulated system, and where it shows what it received and sent."""

    name: str
    child: Child
    book_url: str


Way = Callable[[str, str], str]
"""By which address the hub reaches a party, of whom name and address are given."""


def directly(_party: str, url: str) -> str:
    """The way with nothing in between."""
    return url


class Addresses:
    """Free ones, made for this once; so are the keys by which hub and Alster know each other.

    Args:
        folder: for the keys.
        spree_amqp_url: where Spree comes to the broker.
        way: by which the hub reaches the others.
    """

    def __init__(self, folder: Path, spree_amqp_url: str, way: Way = directly) -> None:
        self.folder = folder
        self.spree_amqp_url = spree_amqp_url
        self.xauslaender, self.isar, self.alster_book, self.spree_book = (
            f"http://127.0.0.1:{free_port()}" for _ in range(4)
        )
        self.alster_port = free_port()
        self._seen = {
            _XAUSLAENDER: way("xauslaender", self.xauslaender),
            _ISAR: way("isar", self.isar),
        }
        alster = way("alster", f"sftp://127.0.0.1:{self.alster_port}").rpartition(":")[2]
        self._seen[_ALSTER] = f"port: {alster}"
        make_keys(folder / "alster", int(alster))

    def in_routing(self, text: str) -> str:
        """The routing table's text with these addresses, as the hub sees them."""
        for written, seen in self._seen.items():
            text = text.replace(written, seen)
        return text.replace(_ALSTER_KEYS, f"{self.folder / 'alster'}/")


def simulated(addresses: Addresses, routes: RoutingTable, hub_url: str) -> tuple[Simulated, ...]:
    """Every system that the routing table needs, not yet running."""
    return (
        _xauslaender(addresses, routes, hub_url),
        _isar(addresses),
        _alster(addresses, routes),
        _spree(addresses, routes),
    )


def _xauslaender(addresses: Addresses, routes: RoutingTable, hub_url: str) -> Simulated:
    systems = routes.systems.values()
    tests = [("--test-system", system.name) for system in systems if system.stage == "test"]
    return _simulated(
        "xauslaender",
        addresses,
        (
            "hub.sandbox.system",
            *("--port", _port(addresses.xauslaender)),
            *("--returns-url", f"{hub_url}/returns"),
            *("--token-file", str(addresses.folder / "system.token")),
            *("--folder", str(addresses.folder)),
            *(word for option in tests for word in option),
        ),
        addresses.xauslaender,
    )


def _isar(addresses: Addresses) -> Simulated:
    return _simulated(
        "isar",
        addresses,
        (
            "hub.sandbox.isar",
            *("--port", _port(addresses.isar)),
            *("--token-file", str(addresses.folder / "system.token")),
            *("--folder", str(addresses.folder)),
        ),
        addresses.isar,
    )


def _alster(addresses: Addresses, routes: RoutingTable) -> Simulated:
    return _simulated(
        "alster",
        addresses,
        (
            "hub.sandbox.alster",
            *("--port", str(addresses.alster_port)),
            *("--book-port", _port(addresses.alster_book)),
            *("--folder", str(addresses.folder / "alster")),
            *_authorities(routes, "alster"),
        ),
        addresses.alster_book,
    )


def _spree(addresses: Addresses, routes: RoutingTable) -> Simulated:
    return _simulated(
        "spree",
        addresses,
        (
            "hub.sandbox.spree",
            *("--port", _port(addresses.spree_book)),
            *("--folder", str(addresses.folder)),
            *_authorities(routes, "spree"),
        ),
        addresses.spree_book,
        settings={"SPREE_AMQP_URL": addresses.spree_amqp_url},
    )


def _simulated(
    name: str,
    addresses: Addresses,
    module: tuple[str, ...],
    url: str,
    settings: dict[str, str] | None = None,
) -> Simulated:
    log = addresses.folder / f"{module[0].rpartition('.')[2]}.log"
    child = Child(module, settings=settings or {}, log=log, ready_url=f"{url}/book")
    return Simulated(name, child, f"{url}/book")


def _authorities(routes: RoutingTable, adapter: str) -> list[str]:
    systems, entries = routes.systems, routes.authorities.values()
    keys = [entry.key for entry in entries if systems[entry.system].adapter == adapter]
    return [word for key in keys for word in ("--authority", key)]


def _port(url: str) -> str:
    return url.rpartition(":")[2]
