"""A process that has imported everything and forks a hub whenever it is told to.

Most of a hub's start is importing: seconds of processor time, and most of one for each process of
an adapter. A campaign starts one after every kill, so it has them forked: from a process with one
thread, no loop, and nothing at work. What is forked is a process like any other, alone in its
session, and dies of a real SIGKILL.

`python -m hub.sandbox.faults.stem MODULE`: reads orders as JSON lines, forks for each a process
that runs `MODULE.main()`, and tells its id, and later how it ended. A hub asks on a socket for
processes of its adapters (`nursery`).
"""

import ctypes
import importlib
import json
import os
import selectors
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, NoReturn

from hub.adapter import adapters
from hub.sandbox.faults.nursery import STEM, asked_for
from hub.workshop import worker

__all__: list[str] = []

_PR_SET_PDEATHSIG: Final = 1
_ORDERS: Final = 0
_LATER: Final = (
    "hub.app",
    "hub.cli.run",
    "hub.web.building",
    "hub.web.server",
    "hub.xml.explaining",
    "uvicorn.lifespan.on",
    "uvicorn.loops.auto",
    "uvicorn.protocols.http.auto",
    "uvicorn.protocols.websockets.auto",
)
"""What a hub imports only while it starts or at work."""


def _main(module: str) -> None:
    for each in (module, *_LATER):
        importlib.import_module(each)
    for adapter in adapters().values():
        for format_ in adapter.formats.values():
            format_.schemas.compile()
    with selectors.DefaultSelector() as selector, socket.socket(socket.AF_UNIX) as asking:
        asking.bind(name := f"\0hub-stem-{os.getpid()}")
        asking.listen()
        os.environ[STEM] = name[1:]
        _Stem(module, selector, asking).work()


class _Stem:
    def __init__(
        self, module: str, selector: selectors.BaseSelector, asking: socket.socket
    ) -> None:
        self._module = module
        self._selector = selector
        self._asking = asking
        self._hubs: dict[int, int] = {}
        self._workers: dict[int, int] = {}

    def work(self) -> None:
        """Fork until there are no more orders."""
        self._selector.register(_ORDERS, selectors.EVENT_READ)
        self._selector.register(self._asking, selectors.EVENT_READ)
        while True:
            for key, _ in self._selector.select():
                if key.fd in self._hubs or key.fd in self._workers:
                    self._bury(key.fd)
                elif key.fd == self._asking.fileno():
                    self._bear_worker()
                elif (order := _next_order()) is not None:
                    self._bear_hub(order)
                else:
                    return

    def _bear_hub(self, order: dict[str, Any]) -> None:
        main = importlib.import_module(self._module).main

        def live() -> None:
            os.environ.update(order["settings"])
            main()

        output = os.open(Path(order["log"]), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        pid = _fork(live, (os.open(os.devnull, os.O_RDONLY), output, output))
        # Told first: so short its life may be that its end is seen at once.
        _tell({"started": pid})
        self._watch(pid, self._hubs)

    def _bear_worker(self) -> None:
        connection, _ = self._asking.accept()
        with connection, suppress(OSError):  # a hub may be killed while it asks
            if (asked := asked_for(connection)) is None:
                return
            arguments, stdin, stdout = asked

            def live() -> None:
                sys.argv[1:] = arguments
                worker.main()

            pid = _fork(live, (stdin, stdout, os.open(os.devnull, os.O_WRONLY)))
            self._watch(pid, self._workers)
            connection.sendall(f"{pid}\n".encode())

    def _watch(self, pid: int, among: dict[int, int]) -> None:
        watched = os.pidfd_open(pid)
        among[watched] = pid
        self._selector.register(watched, selectors.EVENT_READ)

    def _bury(self, watched: int) -> None:
        self._selector.unregister(watched)
        os.close(watched)
        hub = self._hubs.pop(watched, None)
        _, status = os.waitpid(hub or self._workers.pop(watched), 0)
        if hub is not None:
            _tell({"ended": hub, "status": os.waitstatus_to_exitcode(status)})


def _next_order() -> dict[str, Any] | None:
    """Byte by byte: what is read too far would not be seen by the selector."""
    line = bytearray()
    while part := os.read(_ORDERS, 1):
        if part == b"\n":
            order: dict[str, Any] = json.loads(line)
            return order
        line += part
    return None


def _fork(live: Callable[[], None], files: tuple[int, int, int]) -> int:
    """A process of its own that does nothing but `live`; `files` become its own first three."""
    pid = os.fork()
    if pid == 0:
        _begin(live, files)
    for file in set(files):
        os.close(file)
    return pid


def _begin(live: Callable[[], None], files: tuple[int, int, int]) -> NoReturn:
    try:
        os.setsid()
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        for number, file in enumerate(files):
            os.dup2(file, number)
        os.closerange(3, os.sysconf("SC_OPEN_MAX"))
        live()
    except SystemExit as told:
        _end(told.code if isinstance(told.code, int) else int(told.code is not None))
    except BaseException:  # noqa: BLE001 - the very end of a process
        sys.excepthook(*sys.exc_info())
        _end(1)
    _end(0)


def _end(status: int) -> NoReturn:
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def _tell(told: dict[str, int]) -> None:
    os.write(1, json.dumps(told).encode() + b"\n")


if __name__ == "__main__":
    _main(sys.argv[1])
