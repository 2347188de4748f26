"""docker-compose.yml and the Dockerfile as data: what Docker would make of a service."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

from ruamel.yaml import YAML

__all__ = ["REPOSITORY", "Service", "service", "services"]

REPOSITORY: Final = Path(__file__).parents[2]

_GIVEN: Final = re.compile(r"\$\$|\$\{(?P<name>\w+):-(?P<default>[^}]*)\}")


@dataclass(frozen=True)
class Service:
    """One container: its image's own settings, and over them those of docker-compose.yml."""

    name: str
    image: str
    user: str
    environment: Mapping[str, str]
    command: tuple[str, ...]
    folder: str
    secrets: Mapping[str, Path]
    mounts: Mapping[str, tuple[Path, bool]]
    volumes: Mapping[str, str]
    tmpfs: tuple[str, ...]
    healthcheck: tuple[str, ...]
    options: Mapping[str, Any] = field(repr=False)


_OTHERS: Final[Mapping[str, Mapping[str, Any]]] = {
    "rabbitmq": {
        "ENV": {"HOME": "/var/lib/rabbitmq", "RABBITMQ_DATA_DIR": "/var/lib/rabbitmq"},
        "ENTRYPOINT": ["docker-entrypoint.sh"],
        "CMD": ["rabbitmq-server"],
    },
    "postgres": {"ENTRYPOINT": ["docker-entrypoint.sh"], "CMD": ["postgres"]},
    "prom/prometheus": {"ENTRYPOINT": ["prometheus"], "USER": "nobody"},
    "grafana/grafana": {"USER": "grafana"},
}
"""What the others' images say of how they are run."""


@cache
def _file() -> dict[str, Any]:
    text = (REPOSITORY / "docker-compose.yml").read_text("utf-8")
    found: dict[str, Any] = YAML(typ="safe", pure=True).load(_GIVEN.sub(_filled, text))
    return found


def _filled(given: re.Match[str]) -> str:
    return given["default"] if given["name"] else "$"


def services() -> tuple[str, ...]:
    return tuple(_file()["services"])


def service(name: str, made: Path) -> Service:
    """The service, with its secrets in a folder that `deploy/prepare.py` filled."""
    options = _file()["services"][name]
    image = options["image"].partition(":")[0]
    base = _image() if image == "residence-hub" else _OTHERS[image]
    entrypoint = options.get("entrypoint", base.get("ENTRYPOINT", []))
    command = options.get("command", [] if "entrypoint" in options else base.get("CMD", []))
    paths = [each.split(":") for each in options.get("volumes", ())]
    named = options.get("secrets", ())
    secrets = {each: _made(_file()["secrets"][each]["file"], made) for each in named}
    return Service(
        name=name,
        image=image,
        user=str(options.get("user", base.get("USER", ""))),
        environment={**base.get("ENV", {}), **options.get("environment", {})},
        command=(*entrypoint, *command),
        folder=options.get("working_dir", base.get("WORKDIR", "/")),
        secrets=secrets,
        mounts={
            to: (_made(source, made), rights == ["ro"])
            for source, to, *rights in paths
            if source.startswith(".")
        },
        volumes={to: source for source, to, *_ in paths if not source.startswith(".")},
        tmpfs=tuple(each.partition(":")[0] for each in options.get("tmpfs", ())),
        healthcheck=tuple(options.get("healthcheck", {}).get("test", base.get("HEALTHCHECK", ()))),
        options=options,
    )


def _made(path: str, made: Path) -> Path:
    inside = Path(path).relative_to(".var/compose") if ".var/compose" in path else None
    return REPOSITORY / path if inside is None else made / inside


@cache
def _image() -> dict[str, Any]:
    """What the last stage of the Dockerfile says of how the image is run."""
    text = (REPOSITORY / "Dockerfile").read_text("utf-8").replace("\\\n", " ")
    last: str = re.split(r"^FROM ", text, flags=re.MULTILINE)[-1]
    found: dict[str, Any] = {"ENV": {}}
    for line in last.splitlines():
        word, _, rest = line.partition(" ")
        match word:
            case "ENV":
                found["ENV"].update(pair.split("=", 1) for pair in rest.split())
            case "USER" | "WORKDIR":
                found[word] = rest
            case "ENTRYPOINT" | "CMD":
                found[word] = re.findall(r'"([^"]*)"', rest)
            case "HEALTHCHECK":
                found[word] = ["CMD", *re.findall(r'"([^"]*)"', rest)]
    found["ENV"]["PATH"] = found["ENV"]["PATH"].replace("$PATH", os.defpath)
    return found
