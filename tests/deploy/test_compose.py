"""docker-compose.yml and its variant, as Docker Compose itself reads them."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest

from hub.settings import Settings
from tests.deploy.composed import REPOSITORY
from tests.deploy.programs import needed, program_named

VARIANTS: Final = {
    "alone": (),
    "demo": ("--profile", "demo", "--profile", "setup"),
    "cluster": ("-f", "docker-compose.yml", "-f", "docker-compose.cluster.yml"),
}
LOOPBACK: Final = "127.0.0.1"


@pytest.fixture(params=VARIANTS)
def variant(request: pytest.FixtureRequest) -> dict[str, Any]:
    return composed(request.param)


@cache
def composed(name: str) -> dict[str, Any]:
    said = subprocess.run(
        [*compose(), *VARIANTS[name], "config", "--format", "json"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (said.returncode, said.stderr) == (0, "")
    found: dict[str, Any] = json.loads(said.stdout)
    return found


def compose() -> list[str]:
    if program_named("docker-compose") is None and shutil.which("docker"):
        with_plugin = subprocess.run(
            ["docker", "compose", "version"], capture_output=True, check=False
        )
        if with_plugin.returncode == 0:
            return ["docker", "compose"]
    return [needed("docker-compose")]


def test_every_container_is_confined(variant: dict[str, Any]) -> None:
    for name, service in variant["services"].items():
        assert service["read_only"], name
        assert service["cap_drop"] == ["ALL"], name
        assert "cap_add" not in service, name
        assert "privileged" not in service, name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert service["mem_limit"], name
        assert service["pids_limit"], name
        own = service["image"].startswith("residence-hub:")  # the Dockerfile has it
        assert own or service["healthcheck"], name
        assert service.get("user") not in {"root", "0"}, name


def test_every_image_has_a_version(variant: dict[str, Any]) -> None:
    for name, service in variant["services"].items():
        version = service["image"].rpartition(":")[2]
        assert version.lstrip("v")[0].isdigit(), name
        assert version.count(".") >= 1, name


def test_what_is_published_is_published_on_this_machine_only(variant: dict[str, Any]) -> None:
    published = {
        (name, port["target"], port["host_ip"])
        for name, service in variant["services"].items()
        for port in service.get("ports", ())
    }
    assert {host for *_, host in published} == {LOOPBACK}
    assert {(name.partition("-")[0], port) for name, port, _ in published} == {
        ("hub", 8090),
        ("rabbitmq", 5671),
        ("grafana", 3000),
    }


def test_the_store_is_reached_by_hubs_only(variant: dict[str, Any]) -> None:
    inside = {
        name for name, each in variant["services"].items() if "store" in each.get("networks", ())
    }
    assert {name.partition("-")[0] for name in inside} == {"hub", "postgres"}
    assert all(variant["networks"][name]["internal"] for name in ("broker", "store", "watch"))


def test_no_secret_is_in_the_environment(variant: dict[str, Any]) -> None:
    for name, service in variant["services"].items():
        for variable, value in service.get("environment", {}).items():
            secret = any(word in variable for word in ("PASSWORD", "TOKEN", "_KEY", "COOKIE"))
            assert not secret or str(value).startswith("/run/secrets/"), (name, variable)
            assert "://" not in str(value) or "@" not in str(value), (name, variable)


def test_hubs_are_given_settings_that_there_are(variant: dict[str, Any]) -> None:
    known = {f"HUB_{name.upper()}" for name in Settings.model_fields}
    for name, service in variant["services"].items():
        given = {each for each in service.get("environment") or () if each.startswith("HUB_")}
        assert given <= known, name


def test_every_file_that_is_named_is_there(variant: dict[str, Any], made: Path) -> None:
    for path in files(variant):
        inside = str(path).partition("/.var/compose/")[2]
        assert (made / inside if inside else path).exists(), path


def files(variant: dict[str, Any]) -> Iterator[Path]:
    yield from (Path(each["file"]) for each in variant.get("secrets", {}).values())
    for service in variant["services"].values():
        for volume in service.get("volumes", ()):
            if volume["type"] == "bind" and not volume["source"].endswith(".var/compose"):
                yield Path(volume["source"])


def test_the_variant_has_three_nodes_and_two_hubs() -> None:
    cluster = composed("cluster")
    names = set(cluster["services"])
    assert {"hub", "hub-2", "rabbitmq", "rabbitmq-2", "rabbitmq-3"} <= names
    hubs = [cluster["services"][name] for name in ("hub", "hub-2")]
    assert {each["environment"]["HUB_AMQP_URL_FILE"] for each in hubs} == {
        "/run/secrets/amqp_url_cluster"
    }
    data = {
        volume["source"]
        for name in names
        if name.startswith("rabbitmq")
        for volume in cluster["services"][name]["volumes"]
        if volume["target"] == "/var/lib/rabbitmq"
    }
    assert len(data) == 3
