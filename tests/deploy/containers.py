"""Containers without Docker: each service of docker-compose.yml as Docker would confine it.

One network of their own, in which the names of services lead to this machine. Each process sees
a root that it cannot write to, the folders, secrets and settings that the file gives it, and is
the user of its image, without any capability. Programs are those of this machine; what the
images' own entry points do stands in `images/`.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests.deploy.composed import REPOSITORY, Service, service, services
from tests.deploy.programs import program_named

__all__ = ["Container", "Machine", "machine"]

_USERS: Final = {"rabbitmq": 999, "postgres": 999, "nobody": 65534, "grafana": 472}
"""Numbers of users in the images of others."""

_ROOTS: Final = {"rabbitmq": "RABBITMQ_ROOT", "residence-hub": "HUB_IMAGE_ROOT"}
"""Images to the environment variable that may name a root to take them from."""

_PATIENCE: Final = 120.0
_LOOK_EVERY: Final = 0.2


class Machine:
    """A network of its own, and the containers in it. Made by `machine`."""

    def __init__(self, made: Path, folder: Path, network: int) -> None:
        self._made = made
        self._folder = folder
        self._network = network
        (folder / "hosts").write_text(f"127.0.0.1 localhost {' '.join(services())}\n")
        (folder / "passwd").write_text(_PASSWD)

    @contextmanager
    def up(self, name: str, *arguments: str) -> Iterator["Container"]:
        """Start a service, with further arguments; it is killed with the block at the latest."""
        one = service(name, self._made)
        command = (*one.command, *arguments)
        log = self._folder / f"{name}.log"
        reading, writing = os.pipe()
        with log.open("ab") as output:
            process = subprocess.Popen(
                self._confined(one, command, "--info-fd", str(writing)),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                pass_fds=[writing],
            )
        os.close(writing)
        with os.fdopen(reading) as info:
            inside = _child(info.read())
        try:
            yield Container(self, one, process, inside, log)
        finally:
            process.kill()
            process.wait()

    def run(self, name: str, *command: str, text: str = "") -> subprocess.CompletedProcess[str]:
        """Another process in a container like that one, as `docker compose exec` would start it."""
        one = service(name, self._made)
        return subprocess.run(
            self._confined(one, command), input=text, capture_output=True, text=True, check=False
        )

    def _confined(self, one: Service, command: Sequence[str], *options: str) -> list[str]:
        uid = _number(one.user)
        root = _root_of(one)
        path = ":".join(("/opt/bin", *_programs(root), os.defpath))
        environment = {"PATH": path, **one.environment}
        settings = (word for pair in environment.items() for word in ("--setenv", *pair))
        return [
            *("nsenter", f"--net=/proc/{self._network}/ns/net", "bwrap", *options),
            *("--die-with-parent", "--new-session", "--as-pid-1"),
            *("--unshare-pid", "--unshare-ipc", "--unshare-uts", "--hostname", one.name),
            *("--clearenv", *settings),
            *self._seen(one, root, uid),
            *("--remount-ro", "/", "--chdir", one.folder, "--"),
            *("setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups"),
            # To become another user takes back what --die-with-parent had asked the kernel for.
            *("--pdeathsig=KILL", "--inh-caps=-all", "--bounding-set=-all", "--no-new-privs", "--"),
            *command,
        ]

    def _seen(self, one: Service, root: Path, uid: int) -> Iterator[str]:
        yield from _folders((*one.mounts, *one.volumes, *_ALWAYS))
        for to in one.tmpfs:  # first: this repository may lie below /tmp
            yield from ("--perms", "1777", "--tmpfs", to)
        yield from _system(root)
        for name in ("hosts", "passwd"):
            yield from ("--ro-bind", str(self._folder / name), f"/etc/{name}")
        if one.image == "residence-hub":
            yield from _own(root)
        elif (entry := REPOSITORY / "tests/deploy/images" / one.image).exists():
            yield from ("--ro-bind", str(entry), "/opt/bin/docker-entrypoint.sh")
        elif (program := program_named(one.command[0])) is not None:
            yield from ("--ro-bind", str(program), f"/opt/bin/{program.name}")
        for name, path in one.secrets.items():
            yield from ("--ro-bind", str(path), f"/run/secrets/{name}")
        for to, (path, only_read) in one.mounts.items():
            yield from ("--ro-bind" if only_read else "--bind", str(path), to)
        for to, name in one.volumes.items():
            volume = self._folder / name
            if not volume.exists():
                volume.mkdir(mode=0o700)
                os.chown(volume, uid, uid)
            yield from ("--bind", str(volume), to)


class Container:
    """A service that was started."""

    def __init__(
        self,
        machine: Machine,
        one: Service,
        process: subprocess.Popen[bytes],
        inside: int,
        log: Path,
    ) -> None:
        self._machine = machine
        self._one = one
        self._process = process
        self._inside = inside
        self._log = log

    def until_healthy(self) -> None:
        """Ask as its health check does, until it says yes."""
        self.until(lambda: self._machine.run(self._one.name, *self._one.healthcheck[1:]))

    def until(self, ask: Callable[[], subprocess.CompletedProcess[str]]) -> None:
        """Ask until the exit code is 0; an AssertionError says what it printed."""
        patience = time.monotonic() + _PATIENCE
        while (said := ask()).returncode != 0:
            assert self._process.poll() is None, self.printed
            assert time.monotonic() < patience, (said.stdout, said.stderr, self.printed)
            time.sleep(_LOOK_EVERY)

    def stop(self) -> int:
        """Ask it to end, as Docker does, and wait; the exit code."""
        os.kill(self._inside, signal.SIGTERM)
        return self.ended()

    def ended(self) -> int:
        """Wait until it has ended; the exit code."""
        return self._process.wait(_PATIENCE)

    @property
    def printed(self) -> str:
        """All that it printed."""
        return self._log.read_text("utf-8", "replace")


@contextmanager
def machine(made: Path, folder: Path) -> Iterator[Machine]:
    """A machine for containers, with the secrets of a folder; all end with the block."""
    with subprocess.Popen(
        ["bwrap", "--unshare-net", "--die-with-parent", "--dev-bind", "/", "/", "sh", "-c", _HOLD],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout is not None
        try:
            yield Machine(made, folder, int(holder.stdout.readline()))
        finally:
            holder.kill()


_HOLD: Final = "echo $$; exec cat"
"""Shell: lives as long as the pipe to it."""

_PROGRAMS: Final = ("usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin", "usr/lib/postgresql/*/bin")
_ALWAYS: Final = ("/etc/hosts", "/opt/bin/docker-entrypoint.sh", "/run/secrets/ca", "/var/run")
_SHARED: Final = ("alternatives", "group", "ld.so.cache", "localtime", "nsswitch.conf", "ssl")
_PASSWD: Final = """\
root:x:0:0::/root:/bin/sh
rabbitmq:x:999:999::/var/lib/rabbitmq:/bin/sh
hub:x:10001:10001::/var/lib/hub:/usr/sbin/nologin
nobody:x:65534:65534::/nonexistent:/usr/sbin/nologin
"""


def _number(user: str) -> int:
    """Of the user; the group has the same."""
    return _USERS[user] if user in _USERS else int(user.partition(":")[0])


def _root_of(one: Service) -> Path:
    """Where the image's programs are: on this machine, or in the root of another that is named."""
    named = _ROOTS.get(one.image)
    return Path(os.environ.get(named) or "/" if named else "/")


def _programs(root: Path) -> list[str]:
    found = [max(root.glob(each), default=None) for each in _PROGRAMS]
    return [f"/{path.relative_to(root)}" for path in found if path is not None]


def _system(root: Path) -> Iterator[str]:
    """Programs and libraries, without anything of this machine that the image would have not."""
    for name in ("usr", "bin", "sbin", "lib", "lib64"):
        path = root / name
        if path.is_symlink():
            yield from ("--symlink", str(path.readlink()), f"/{name}")
        elif path.exists():
            yield from ("--ro-bind", str(path), f"/{name}")
    for name in _SHARED:
        if (path := root / "etc" / name).exists():
            yield from ("--ro-bind", str(path), f"/etc/{name}")
    yield from ("--symlink", "/run", "/var/run", "--proc", "/proc", "--dev", "/dev")


def _folders(paths: Iterable[str]) -> Iterator[str]:
    """Those above: bwrap by itself would make them root's alone."""
    above = {str(each) for path in paths for each in Path(path).parents}
    for each in sorted(above - {"/"}):
        yield from ("--perms", "0755", "--dir", each)


def _own(root: Path) -> Iterator[str]:
    """What the Dockerfile copies into the image; this environment in its stead, without one."""
    yield from _folders(["/var/lib/hub/documents"])
    if root != Path("/"):
        for name in ("hub", "alive.py"):
            yield from ("--ro-bind", str(root / "opt" / name), f"/opt/{name}")
        return
    parts = [REPOSITORY / name for name in ("hub", "adapters", "xsd")]
    for path in (Path(sys.prefix), *parts, *_interpreter()):
        yield from (*_folders([str(path)]), "--ro-bind", str(path), str(path))
    yield from ("--symlink", sys.prefix, "/opt/hub")
    yield from ("--ro-bind", str(REPOSITORY / "deploy/alive.py"), "/opt/alive.py")


def _interpreter() -> Iterator[Path]:
    """Where Python lies, if not among the system's programs."""
    base = Path(sys.base_prefix)
    if Path("/usr") not in (base, *base.parents):
        yield base


def _child(info: str) -> int:
    found: int = json.loads(info)["child-pid"]
    return found
