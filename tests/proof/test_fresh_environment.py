"""A vendor's afternoon: a package and an environment of its own, and nothing changed here."""

import asyncio
import json
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

from hub.proof.scaffolding import scaffold

REPOSITORY = Path(__file__).parents[2]
NAME = "elbe"


class Environment:
    """A fresh environment. Offline: it sees the packages of this one, the hub among them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        venv.create(folder, with_pip=False)
        self.python = folder / "bin" / "python"
        inside = sysconfig.get_path("purelib", vars={"base": str(folder)})
        here = sysconfig.get_path("purelib")
        Path(inside, "here.pth").write_text(f"import site; site.addsitedir({here!r})\n")

    def install(self, package: Path) -> None:
        options = ["--no-index", "--no-deps", "--no-build-isolation", "--quiet"]
        self._run(
            sys.executable, "-m", "pip", "--python", self.python, "install", *options, package
        )

    def hub(self, *arguments: object) -> subprocess.CompletedProcess[str]:
        return self._run(self.python, "-m", "hub.cli", *arguments)

    def pytest(self, package: Path) -> subprocess.CompletedProcess[str]:
        # As in the vendor's own repository: this one is nowhere near.
        options = ["-q", "-p", "no:cacheprovider", "-W", "ignore::DeprecationWarning"]
        return self._run(self.python, "-m", "pytest", *options, cwd=package, check=False)

    async def deliver(self, amqp_url: str, folder: Path) -> dict[str, str]:
        said = await asyncio.to_thread(
            self._run, self.python, "-m", "tests.proof.delivery", NAME, amqp_url, folder
        )
        received: dict[str, str] = json.loads(said.stdout.splitlines()[-1])
        return received

    def _run(
        self, *command: object, cwd: Path = REPOSITORY, check: bool = True
    ) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(  # noqa: S603 - commands of this file
            [str(part) for part in command],
            cwd=cwd,
            capture_output=True,
            text=True,
            check=False,
            timeout=100,
        )
        assert not check or done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
        return done


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("vendor") / NAME
    scaffold(NAME, folder)
    return folder


@pytest.fixture(scope="module")
def environment(package: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    environment = Environment(tmp_path_factory.mktemp("environment"))
    environment.install(package)
    return environment


def test_the_package_is_discovered(environment: Environment) -> None:
    listed = environment.hub("adapters", "list").stdout
    assert NAME in listed
    assert "xauslaender" in listed


def test_its_check_passes_at_once(environment: Environment, tmp_path: Path) -> None:
    pages = {"--markdown": tmp_path / "report.md", "--html": tmp_path / "report.html"}
    options = [part for option in pages.items() for part in option]
    shown = environment.hub("adapters", "check", NAME, *options).stdout
    assert "everything holds" in shown
    assert "/application/person/familyName" in shown
    assert all("submission.azr_number" in page.read_text() for page in pages.values())


def test_its_examples_are_those_that_would_be_written(environment: Environment) -> None:
    assert "every example is as it was" in environment.hub("adapters", "examples", NAME).stdout


def test_it_is_routed_to_and_delivered_through(
    environment: Environment, amqp_url: str, tmp_path: Path
) -> None:
    received = asyncio.run(environment.deliver(amqp_url, tmp_path))
    assert received["state"] == "accepted"
    assert received["root"] == "application"
    assert received["namespace"] == f"urn:example:{NAME}:1"
    assert received["uuid"] == received["sent"]


def test_its_own_tests_pass_and_name_the_field_when_one_is_dropped(
    environment: Environment, package: Path
) -> None:
    done = environment.pytest(package)
    assert done.returncode == 0, done.stdout
    assert "11 passed" in done.stdout
    source = package / NAME / "write.py"
    text = source.read_text()
    source.write_text(text.replace('born.set("place", person.birth.place)', "pass"))
    failed = environment.pytest(package)
    assert failed.returncode == 1
    assert "submission.details.person.birth.place" in failed.stdout
    assert "Traceback" not in failed.stdout
    source.write_text(text)
