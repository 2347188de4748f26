"""Finds RabbitMQ's programs: installed, else installed by apt, else unpacked without root.

`RABBITMQ_ROOT` names another Debian's root to take them from: how one machine tries several
versions of RabbitMQ (`scripts/test-rabbitmq-4`).

Promises to leave the machine as it found it, except for the packages themselves: no service
is started, no policy stays behind, no broker starts with the next boot. Says on stderr what it
is doing, and in one sentence what to do when there is no way.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Package", "RabbitMQMissing", "find_package", "unpack_package"]

UNPACKED = Path(".var", "rabbitmq")
POLICY = Path("/usr/sbin/policy-rc.d")
APT_LISTS = Path("/var/lib/apt/lists")


class RabbitMQMissing(RuntimeError):
    """There is no RabbitMQ and no way to get one; the message says what to do."""


_ENTER = """
root=$1 folder=$2; shift 2
for each in /proc /dev "$folder"; do
    mkdir -p "$root$each" && mount --rbind "$each" "$root$each" || exit
done
exec chroot "$root" env --chdir="$folder" "$@"
"""
"""Shell: what the command may see of this machine, and only for as long as it runs."""


@dataclass(frozen=True, slots=True)
class Package:
    """RabbitMQ and Erlang below `root`: `/` where installed, else where they were unpacked.

    `foreign`: `root` is another Debian, whose programs need its own libraries and run inside it.
    """

    root: Path
    foreign: bool = False

    @property
    def complete(self) -> bool:
        """Whether both the server and Erlang are there."""
        return any(self._servers()) and (self.root / "usr/lib/erlang/bin").is_dir()

    @property
    def server(self) -> Path:
        """The server's own script: Debian's wrapper around it changes users and is not wanted."""
        return self._seen(max(self._servers()))

    @property
    def erlang(self) -> Path:
        """Folder of `erl`, `epmd` and `erl_call`."""
        return self._seen(self.root / "usr/lib/erlang/bin")

    @property
    def libraries(self) -> str:
        """Where shared libraries lie that the machine itself may not have."""
        found = self.root.glob("usr/lib/*-linux-gnu*")
        return ":".join(str(self._seen(each)) for each in found)

    def command(self, folder: Path, *command: str) -> tuple[str, ...]:
        """The command as it is run here, with `folder` to work in. A foreign one needs root."""
        if not self.foreign:
            return command
        enter = ("unshare", "--mount", "sh", "-c", _ENTER, "enter")
        return (*enter, str(self.root), str(folder), *command)

    def _seen(self, path: Path) -> Path:
        """The path as the package's own programs see it."""
        return Path("/") / path.relative_to(self.root) if self.foreign else path

    def _servers(self) -> Iterator[Path]:
        return self.root.glob("usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin/rabbitmq-server")


def find_package() -> Package:
    """The installed RabbitMQ; if there is none, gets one. May take a minute the first time.

    Raises:
        RabbitMQMissing: it is not installed, and apt is not there or failed; or it is not where
            RABBITMQ_ROOT says.
    """
    if root := os.environ.get("RABBITMQ_ROOT"):
        named = Package(Path(root).absolute(), foreign=True)
        if not named.complete:
            raise RabbitMQMissing(f"RABBITMQ_ROOT is {root}, and there is no RabbitMQ in it.")
        return named
    installed, unpacked = Package(Path("/")), Package(UNPACKED.absolute())
    if installed.complete:
        return installed
    if unpacked.complete:
        return unpacked
    if shutil.which("apt-get") is None:
        raise RabbitMQMissing(
            "RabbitMQ is not installed: install it, or set HUB_AMQP_URL to one that runs."
        )
    if os.geteuid() != 0:
        return unpack_package(unpacked.root)
    _install()
    return installed


def unpack_package(folder: Path) -> Package:
    """Downloads the Debian packages and unpacks them into `folder`; needs no root.

    Raises:
        RabbitMQMissing: apt could not download them.
    """
    _say("RabbitMQ is not installed: downloading its packages (about 35 MB) …")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as temporary:
        workshop = Path(temporary)
        options = _own_lists(workshop)
        _apt(*options, "download", *_wanted_packages(options), folder=workshop)
        _say(f"unpacking them into {folder} …")
        for archive in sorted(workshop.glob("*.deb")):
            _run("dpkg", "-x", str(archive), f"{workshop}/root")
        _make_movable(workshop / "root/usr/lib/erlang/bin/erl")
        shutil.rmtree(folder, ignore_errors=True)
        (workshop / "root").rename(folder)
    return Package(folder)


def _install() -> None:
    _say("RabbitMQ is not installed: installing it with apt-get (its service is not started) …")
    if not any(APT_LISTS.glob("*_Packages*")):
        _apt("update")
    with _no_service_starts():
        _apt("install", "-y", "--no-install-recommends", "rabbitmq-server")
    if Path("/run/systemd/system").is_dir():
        _run("systemctl", "disable", "rabbitmq-server.service", "epmd.service", "epmd.socket")


@contextmanager
def _no_service_starts() -> Iterator[None]:
    """Debian starts a service on installation unless a policy denies it (invoke-rc.d(8))."""
    if POLICY.exists():
        yield
        return
    POLICY.write_text("#!/bin/sh\nexit 101\n", encoding="ascii")
    POLICY.chmod(0o755)
    try:
        yield
    finally:
        POLICY.unlink()


def _own_lists(folder: Path) -> list[str]:
    """Only root may refresh the machine's package lists: without them, our own are fetched."""
    if any(APT_LISTS.glob("*_Packages*")):
        return []
    (folder / "lists/partial").mkdir(parents=True)
    (folder / "cache/archives/partial").mkdir(parents=True)
    options = ["-o", f"Dir::State::lists={folder}/lists", "-o", f"Dir::Cache={folder}/cache"]
    _apt(*options, "update")
    return options


def _wanted_packages(options: list[str]) -> set[str]:
    """All of Erlang, whatever of it may be installed, and the libraries the machine lacks."""
    everything = _would_install([*options, "-o", "Dir::State::status=/dev/null"])
    missing = _would_install(options)
    return {name for name in everything if name.startswith(("erlang-", "rabbitmq-server"))} | {
        name for name in missing if name.startswith("lib")
    }


def _would_install(options: list[str]) -> set[str]:
    simulated = _apt(
        *options, "install", "--simulate", "--no-install-recommends", "rabbitmq-server"
    )
    return set(re.findall(r"^Inst (\S+)", simulated, flags=re.MULTILINE))


def _apt(*arguments: str, folder: Path | None = None) -> str:
    return _run("apt-get", "-q", "-o", "DPkg::Lock::Timeout=300", *arguments, folder=folder)


def _run(*command: str, folder: Path | None = None) -> str:
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
    done = subprocess.run(  # noqa: S603 - the system's own programs, nothing from outside
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        last = done.stdout.strip().rpartition("\n")[2]
        raise RabbitMQMissing(
            f"{command[0]} could not bring RabbitMQ ({last}): "
            "install rabbitmq-server, or set HUB_AMQP_URL to one that runs."
        )
    return done.stdout


def _make_movable(erl: Path) -> None:
    """Debian's `erl` believes it lies in /usr/lib/erlang: let it look where it really is."""
    here = 'ROOTDIR=$(dirname "$(dirname "$(readlink -f "$0")")")'
    erl.write_text(erl.read_text("utf-8").replace("ROOTDIR=/usr/lib/erlang", here), "utf-8")


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    try:
        find_package()
    except RabbitMQMissing as missing:
        sys.exit(str(missing))
