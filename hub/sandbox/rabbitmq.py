"""A private RabbitMQ node: for the demo, the tests, and for breaking it on purpose.

It listens on loopback only, keeps everything in one folder, touches nothing of a RabbitMQ that
the machine may run, and never outlives its owner: both processes it consists of (the node and
Erlang's name server `epmd`) are our direct children and ask the kernel for a SIGKILL when the
thread that started them ends, however it ends. That is harmless: what a quorum queue confirmed
survives `kill -9` (FACTS: RabbitMQ).
"""

import asyncio
import shutil
import tempfile
from asyncio.subprocess import PIPE, STDOUT, Process
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from tenacity import retry, retry_if_exception_type, stop_after_attempt, wait_fixed

from hub.sandbox.rabbitmq_home import Home
from hub.sandbox.rabbitmq_package import Package, RabbitMQMissing, find_package

__all__ = ["PrivateRabbitMQ", "RabbitMQMissing", "private_rabbitmq"]

START_SECONDS = 60
STOP_SECONDS = 15

QUEUES_SETTLED = """
    Led = fun() -> [] == [Row || Row <- ets:tab2list(ra_state), element(2, Row) =/= leader] end,
    lists:any(fun(_) -> Led() orelse timer:sleep(50) =/= ok end, lists:seq(1, 100)),
    [catch sys:get_state(Worker) ||
        {_, Worker, _, _} <- supervisor:which_children(rabbit_fifo_dlx_sup)]
"""
"""Erlang: every quorum queue has its leader (after 5 s it has none to wait for) and every worker
for dead letters has answered once, thus finished its start."""


@asynccontextmanager
async def private_rabbitmq(
    folder: Path | None = None, *, configuration: Sequence[str] = (), plugins: Sequence[str] = ()
) -> AsyncIterator["PrivateRabbitMQ"]:
    """A running node that ends with the block.

    Args:
        folder: keeps its data for the next time; without one, the data goes with the node.
        configuration: lines for its rabbitmq.conf, such as those of a listener for TLS.
        plugins: of those that come with RabbitMQ.

    Raises:
        RabbitMQMissing: there is no RabbitMQ on this machine and no way to get one.
        RuntimeError: the node did not start; the message ends with its last lines.
    """
    package = await asyncio.to_thread(find_package)
    home = (folder or Path(tempfile.mkdtemp(prefix="hub-rabbitmq-"))).absolute()
    node = PrivateRabbitMQ(package, home, configuration, plugins)
    try:
        await node.start()
        yield node
    finally:
        try:
            await (node.kill() if folder is None else node.stop())
        finally:
            await node.end_name_server()
            if folder is None:
                shutil.rmtree(home, ignore_errors=True)


class PrivateRabbitMQ:
    """One node with its own data, ports, cookie and name server. Made by `private_rabbitmq`."""

    def __init__(
        self,
        package: Package,
        folder: Path,
        configuration: Sequence[str] = (),
        plugins: Sequence[str] = (),
        *,
        name: str = "hub",
        guest_of: "PrivateRabbitMQ | None" = None,
    ) -> None:
        """`guest_of`: the node of its cluster whose name server and cookie it shares."""
        host = None if guest_of is None else guest_of.home
        self.home: Home = Home(package, folder, f"{name}@localhost", host)
        self.folder, self.name, self.port = folder, self.home.name, self.home.port
        self._configuration = configuration
        self._plugins = plugins
        self._vhosts: list[str] = []
        self._users: list[_User] = []
        self._node: Process | None = None
        self._name_server: Process | None = None

    @property
    def url(self) -> str:
        """Of the default vhost. RabbitMQ admits `guest` on loopback only."""
        return f"amqp://guest:guest@127.0.0.1:{self.port}/"

    async def start(self) -> None:
        """Starts the node and waits until it accepts connections (6 to 7 s)."""
        self.home.furnish(self._configuration, self._plugins)
        await self._start_name_server()
        self._node = await self.home.spawn(str(self.home.package.server))
        await self._wait_for_port(self._node, self.port)

    async def stop(self) -> None:
        """Ends the node in good order; what is durable is still there after `start`."""
        if self._node is None:
            return
        try:
            if self._node.returncode is None:
                self._node.terminate()
                await asyncio.wait_for(self._node.wait(), STOP_SECONDS)
        except TimeoutError:
            pass
        finally:
            await self._end()

    async def kill(self) -> None:
        """`kill -9`: every connection is cut in the middle of what it was doing.

        RabbitMQ 3.10 writes the register of its quorum queues to disk up to a second after one
        was declared; killed before, it never elects a leader for that queue again and loses
        what it held. That is no fault a test should meet by chance: the register is written
        first, as it would be on a broker that runs for more than a second.
        """
        if self._node is not None and self._node.returncode is None:
            with suppress(RuntimeError):  # still starting: there is no register yet
                await self.evaluate("[ok = dets:sync(Table) || Table <- dets:all()].")
        await self._end()

    async def wipe(self) -> None:
        """Loses everything the broker held, as a lost disk would, and starts it again."""
        await self.kill()
        shutil.rmtree(self.folder / "data")
        await self.start()
        for name in self._vhosts:
            await self._add_vhost(name)
        for user in self._users:
            await self._add_user(user)

    async def delete_queue(self, name: str) -> None:
        """Deletes a queue of the default vhost with all that lies in it, if it is there."""
        await self.evaluate(
            f"{QUEUES_SETTLED},"
            f' case rabbit_amqqueue:lookup(rabbit_misc:r(<<"/">>, queue, {_binary(name)})) of'
            ' {ok, Queue} -> rabbit_amqqueue:delete(Queue, false, false, <<"guest">>);'
            " _ -> none end."
        )

    async def vhost(self, name: str) -> str:
        """Adds an empty vhost and gives its URL; takes some 20 ms."""
        await self._add_vhost(name)
        self._vhosts.append(name)
        return self.url + quote(name, safe="")

    async def user(
        self, name: str, password: str, configure: str, write: str, read: str, vhost: str = "/"
    ) -> str:
        """Adds a user who may do that much in one vhost, and gives the URL to come with.

        Args:
            name: of nobody else on this node.
            password: what the user shows.
            configure: what it may declare and delete, as a regular expression over names.
            write: where it may publish.
            read: what it may consume and bind from.
            vhost: where.
        """
        user = _User(name, password, vhost, (configure, write, read))
        await self._add_user(user)
        self._users.append(user)
        given = f"{quote(name, safe='')}:{quote(password, safe='')}"
        return f"amqp://{given}@127.0.0.1:{self.port}/{quote(vhost, safe='')}"

    async def remove_vhost(self, name: str) -> None:
        """Removes the vhost with all it holds and its users, and closes its connections.

        RabbitMQ 3.10 breaks down when a queue is deleted before it has begun to look after
        its dead letters, as after a restart: hence this waits until each has.
        """
        self._vhosts.remove(name)
        await self.evaluate(
            f'{QUEUES_SETTLED}, ok = rabbit_vhost:delete(<<"{name}">>, <<"guest">>).'
        )
        for user in [each for each in self._users if each.vhost == name]:
            self._users.remove(user)
            await self.evaluate(
                f'ok = rabbit_auth_backend_internal:delete_user({_binary(user.name)}, <<"guest">>).'
            )

    async def end_name_server(self) -> None:
        """Ends `epmd`, once the node has ended."""
        name_server, self._name_server = self._name_server, None
        await _kill(name_server)

    async def _end(self) -> None:
        node, self._node = self._node, None
        await _kill(node)

    async def _start_name_server(self) -> None:
        """Our own epmd, in the foreground: one that Erlang starts would stay behind."""
        if self._name_server is not None or self.home.host is not None:
            return
        port = self.home.name_server_port
        epmd = str(self.home.package.erlang / "epmd")
        self._name_server = await self.home.spawn(epmd, "-address", "127.0.0.1", "-port", str(port))
        await self._wait_for_port(self._name_server, port)

    async def _wait_for_port(self, process: Process, port: int) -> None:
        try:
            async with asyncio.timeout(START_SECONDS):
                while not await _accepts(port):
                    if process.returncode is not None:
                        raise RuntimeError(
                            f"RabbitMQ ended while starting: {self.home.last_lines()}"
                        )
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise RuntimeError(
                f"RabbitMQ did not start in {START_SECONDS} s: {self.home.last_lines()}"
            ) from None

    async def _add_vhost(self, name: str) -> None:
        everything = '<<".*">>, <<".*">>, <<".*">>'
        await self.evaluate(
            f'ok = rabbit_vhost:add(<<"{name}">>, <<"guest">>), '
            "ok = rabbit_auth_backend_internal:set_permissions("
            f'<<"guest">>, <<"{name}">>, {everything}, <<"guest">>).'
        )

    async def _add_user(self, user: "_User") -> None:
        allowed = ", ".join(map(_binary, user.permissions))
        await self.evaluate(
            "ok = rabbit_auth_backend_internal:add_user("
            f'{_binary(user.name)}, {_binary(user.password)}, <<"guest">>), '
            "ok = rabbit_auth_backend_internal:set_permissions("
            f'{_binary(user.name)}, {_binary(user.vhost)}, {allowed}, <<"guest">>).'
        )

    @retry(
        retry=retry_if_exception_type(ConnectionError),
        wait=wait_fixed(0.2),
        stop=stop_after_attempt(10),
        reraise=True,
    )
    async def evaluate(self, expression: str) -> None:
        """Asks the running node through `erl_call`: 20 ms, where `rabbitmqctl` takes 1 s.

        On a machine under load a node that runs is sometimes not reached; then nothing was asked.
        """
        home = self.home
        process = await asyncio.create_subprocess_exec(
            *home.package.command(
                home.folder, str(home.package.erlang / "erl_call"), "-n", self.name, "-e"
            ),
            env=home.environment(),
            stdin=PIPE,
            stdout=PIPE,
            stderr=STDOUT,
        )
        answer, _ = await process.communicate(f"{expression}\n".encode())
        if b"failed to connect" in answer:
            raise ConnectionError(f"RabbitMQ was not reached: {answer.decode('utf-8', 'replace')}")
        if not answer.startswith(b"{ok"):
            raise RuntimeError(f"RabbitMQ answered {answer.decode('utf-8', 'replace')}")


@dataclass(frozen=True, slots=True)
class _User:
    name: str
    password: str
    vhost: str
    permissions: tuple[str, str, str]


def _binary(text: str) -> str:
    """As Erlang writes a string of bytes."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'<<"{escaped}">>'


async def _kill(process: Process | None) -> None:
    if process is not None and process.returncode is None:
        process.kill()
        await process.wait()


async def _accepts(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    await writer.wait_closed()
    return True
