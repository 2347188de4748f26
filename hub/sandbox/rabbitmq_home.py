"""The folder that is the whole machine to a private RabbitMQ.

All that its programs would look for in the system's places they find here instead, with ports of
their own; and the kernel kills what was started here when the thread that started it ends.
"""

import asyncio
import secrets
from asyncio.subprocess import DEVNULL, STDOUT, Process
from collections.abc import Sequence
from pathlib import Path

from hub.sandbox.processes import free_port
from hub.sandbox.rabbitmq_package import Package

__all__ = ["Home"]


class Home:
    """Where one node is at home.

    Args:
        package: the programs.
        folder: keeps what the node keeps.
        name: of the node.
        host: the home of a node of its cluster, whose name server and cookie it shares.
    """

    def __init__(self, package: Package, folder: Path, name: str, host: "Home | None") -> None:
        self.package = package
        self.folder = folder
        self.name = name
        self.host = host
        self.port, self._distribution_port = free_port(), free_port()
        self.name_server_port: int = free_port() if host is None else host.name_server_port

    @property
    def cookie(self) -> Path:
        """The file of the word by which nodes and tools know each other."""
        return self.folder / ".erlang.cookie"

    def furnish(self, configuration: Sequence[str], plugins: Sequence[str]) -> None:
        """Write what the node reads when it starts."""
        self.folder.mkdir(parents=True, exist_ok=True)
        lines = (f"listeners.tcp.1 = 127.0.0.1:{self.port}", *configuration, "")
        (self.folder / "rabbitmq.conf").write_text("\n".join(lines), encoding="utf-8")
        enabled = f"[{','.join(plugins)}].\n"
        (self.folder / "enabled_plugins").write_text(enabled, encoding="ascii")
        cookie = self.cookie
        if not cookie.exists():
            host = self.host
            word = secrets.token_hex(16) if host is None else host.cookie.read_text("ascii")
            cookie.touch(mode=0o600)
            cookie.write_text(word, encoding="ascii")
            cookie.chmod(0o400)

    async def spawn(self, *command: str) -> Process:
        """Starts a process that the kernel kills when this thread ends.

        In a session of its own: a Ctrl-C at the terminal reaches us, not it, and we end it
        when we are done with it.
        """
        with (self.folder / "output.log").open("ab") as output:
            return await asyncio.create_subprocess_exec(
                *("setpriv", "--pdeathsig", "KILL"),
                *self.package.command(self.folder, *command),
                cwd=self.folder,
                env=self.environment(),
                stdin=DEVNULL,
                stdout=output,
                stderr=STDOUT,
                start_new_session=True,
            )

    def environment(self) -> dict[str, str]:
        """Everything RabbitMQ would look for in the system's places, in our folder instead."""
        here = str(self.folder)
        return {
            "HOME": here,
            "PATH": f"{self.package.erlang}:/usr/sbin:/usr/bin:/sbin:/bin",
            "LD_LIBRARY_PATH": self.package.libraries,
            "LANG": "C.UTF-8",
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "ERL_EPMD_PORT": str(self.name_server_port),
            "ERL_FLAGS": "-start_epmd false",
            "RABBITMQ_NODENAME": self.name,
            "RABBITMQ_DIST_PORT": str(self._distribution_port),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
            "RABBITMQ_CONF_ENV_FILE": "/dev/null",
            "RABBITMQ_CONFIG_FILE": f"{here}/rabbitmq.conf",
            "RABBITMQ_CONFIG_FILES": f"{here}/conf.d",
            "RABBITMQ_ADVANCED_CONFIG_FILE": f"{here}/advanced.config",
            "RABBITMQ_ENABLED_PLUGINS_FILE": f"{here}/enabled_plugins",
            "RABBITMQ_MNESIA_BASE": f"{here}/data",
            "RABBITMQ_LOG_BASE": f"{here}/log",
            # Makes the script become the node instead of starting it as its own child, so that
            # a signal to our child is a signal to the node.
            "RUNNING_UNDER_SYSTEMD": "true",
        }

    def last_lines(self) -> str:
        """What was printed here last."""
        lines = (self.folder / "output.log").read_text("utf-8", "replace").splitlines()
        return " / ".join(line.strip() for line in lines[-8:] if line.strip())
