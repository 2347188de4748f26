"""Makes what docker-compose.yml needs and nobody may know: once, and never over what is there.

`python deploy/prepare.py FOLDER` fills FOLDER/secrets with keys, passwords, tokens and
certificates, and FOLDER/hub with the routing table of the sandbox and the file of access. What
is there stays as it is; what follows from it is written anew each time: addresses, and RabbitMQ's
definitions from the routing table. To change a password, delete its file and start again.

The files can be read by everybody who can reach them, and FOLDER can be entered by its owner
only: Docker shows a container the very file with its owner and rights, and each of them runs as
somebody else.
"""

import hashlib
import json
import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final, get_args
from urllib.parse import quote

from certificates import authority, identity

from hub.adapter import adapters
from hub.broker import users
from hub.model.details import Service
from hub.routing import RoutingTable
from hub.sandbox.samples import SENDER
from hub.sandbox.sftp import Keys, make_keys
from hub.store import Sealer

__all__ = ["prepare"]

_BROKERS: Final = ("rabbitmq", "rabbitmq-2", "rabbitmq-3")
_HUBS: Final = ("hub", "hub-2")
_HERE: Final = ("localhost", "127.0.0.1")
_ALSTER_PORT: Final = 8092
_IN_SANDBOX: Final = {
    "token_env: HUB_SANDBOX_TOKEN": "token_file: /run/secrets/sandbox_token",
    ".var/alster/hub_key": "/run/secrets/alster_hub_key",
    ".var/alster/known_hosts": "/run/secrets/alster_known_hosts",
}
"""Where the routing table of this repository names the sandbox's secrets: where containers do."""


def prepare(folder: Path) -> None:
    """Make what is missing in a folder, and write anew what follows from the rest."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    own = Folder(folder / "secrets", 0o444)
    own.text("content_key", Sealer.generate_text())
    for name in ("postgres_password", "grafana_password", "erlang_cookie"):
        own.text(name, _secret())
    for name in ("metrics_token", "sandbox_token", "portal_token"):
        own.text(name, _secret())
    _certificates(own)
    password = own.text("postgres_hub_password", _secret())
    own.replace(
        "store_url",
        f"postgresql+psycopg://hub:{quote(password, safe='')}@postgres/hub"
        "?sslmode=verify-full&sslrootcert=/run/secrets/ca",
    )
    settings = Folder(folder / "hub", 0o644)
    routing = settings.path("routing.yaml")
    settings.text("routing.yaml", _routing())
    settings.text("access.yaml", _access(own, RoutingTable.load(routing, adapters())))
    _alster(own)
    _broker(own, routing)


class Folder:
    """A folder of files that are written once, with these rights."""

    def __init__(self, folder: Path, mode: int) -> None:
        self._folder = folder
        self._mode = mode
        folder.mkdir(exist_ok=True)

    def path(self, name: str) -> Path:
        """Where that file is, or will be."""
        return self._folder / name

    def missing(self, *names: str) -> bool:
        """Whether one of them is not there yet."""
        return not all(self.path(name).exists() for name in names)

    def text(self, name: str, text: str) -> str:
        """What the file says; first written, if it is not there."""
        if self.missing(name):
            self.replace(name, text)
        return self.path(name).read_text("utf-8")

    def replace(self, name: str, text: str) -> None:
        """Write it whole or not at all."""
        part = self.path(f".{name}.part")
        part.write_text(text, "utf-8")
        part.chmod(self._mode)
        part.replace(self.path(name))


def _certificates(own: Folder) -> None:
    if own.missing("ca", "ca.key"):
        _pair(own, ("ca", "ca.key"), authority("residence hub, containers of this machine"))
    issuer = own.path("ca").read_bytes(), own.path("ca.key").read_bytes()
    for name, hosts in (
        ("rabbitmq", (*_BROKERS, *_HERE)),
        ("postgres", ("postgres",)),
        ("hub", (*_HUBS, *_HERE)),
    ):
        names = f"{name}_certificate", f"{name}_key"
        if own.missing(*names):
            _pair(own, names, identity(name, hosts, issuer))


def _pair(own: Folder, names: tuple[str, str], contents: tuple[bytes, bytes]) -> None:
    for name, content in zip(names, contents, strict=True):
        own.replace(name, content.decode("ascii"))


def _routing() -> str:
    text = (Path(__file__).parents[1] / "routing.yaml").read_text("utf-8")
    for written, meant in _IN_SANDBOX.items():
        text = text.replace(written, meant)
    return text


def _access(own: Folder, routes: RoutingTable) -> str:
    """Who may come to the hub's doors. JSON is YAML."""
    tokens: list[dict[str, Any]] = [
        {"name": "prometheus", "sha256": _hash(own, "metrics_token"), "role": "viewer"},
        {
            "name": "simulated systems",
            "sha256": _hash(own, "sandbox_token"),
            "authorities": sorted(routes.authorities),
        },
        {
            "name": "simulated online service",
            "sha256": _hash(own, "portal_token"),
            "services": list(get_args(Service)),
            "senders": [SENDER.key],
        },
    ]
    return json.dumps({"tokens": tokens}, indent=1)


def _alster(own: Folder) -> None:
    """The keys by which the hub and the simulated Alster know each other."""
    named = ("server_key", "hub_key", "hub_key.pub", "known_hosts")
    if own.missing(*(f"alster_{name}" for name in named)):
        with tempfile.TemporaryDirectory() as folder:
            keys: Keys = make_keys(Path(folder), _ALSTER_PORT)
            for name in named:
                own.replace(f"alster_{name}", (keys.folder / name).read_text("ascii"))


def _broker(own: Folder, routing: Path) -> None:
    """RabbitMQ's users, each with a password, as `hub topology export` has them."""
    names = [user.name for user in users(RoutingTable.load(routing, adapters()), "hub")]
    passwords = {name: own.text(f"rabbitmq_password_{name}", _secret()) for name in names}
    with tempfile.TemporaryDirectory() as folder:
        for name, password in passwords.items():
            Path(folder, name).write_text(password, "utf-8")
        own.replace("rabbitmq_definitions", _exported(own, routing, folder))
    for name, hosts in (("amqp_url", _BROKERS[:1]), ("amqp_url_cluster", _BROKERS)):
        own.replace(name, _addresses("hub", passwords, hosts))
    if "spree" in passwords:
        own.replace("spree_amqp_url", _addresses("spree", passwords, _BROKERS[:1]))


def _addresses(user: str, passwords: dict[str, str], hosts: Iterable[str]) -> str:
    password = quote(passwords[user], safe="")
    return ",".join(f"amqps://{user}:{password}@{host}:5671/" for host in hosts)


def _exported(own: Folder, routing: Path, passwords: str) -> str:
    done = subprocess.run(  # noqa: S603 - the hub's own command
        [sys.executable, "-m", "hub.cli", "topology", "export", "--passwords", passwords],
        env={
            "PATH": os.defpath,
            "HUB_AMQP_URL": f"amqps://hub@{_BROKERS[0]}:5671/",
            "HUB_CONTENT_KEY_FILE": str(own.path("content_key")),
            "HUB_ROUTING": str(routing),
        },
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        sys.exit(f"`hub topology export` says above what is wrong with {routing}.")
    return done.stdout


def _secret() -> str:
    return secrets.token_urlsafe(32)


def _hash(own: Folder, name: str) -> str:
    return hashlib.sha256(own.path(name).read_bytes()).hexdigest()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python deploy/prepare.py FOLDER")
    prepare(Path(sys.argv[1]))
