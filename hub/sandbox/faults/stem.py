"""A process that has imported everything and forks a hub whenever it is told to.

Most of a hub's start is importing (2 to 3 s of processor time). A campaign starts one after every
kill, so it has them forked: from a process with one thread, no loop, and nothing open. What is
forked is a process like any other, alone in its session, and dies of a real SIGKILL.

`python -m hub.sandbox.faults.stem MODULE`: reads orders as JSON lines, forks for each a process
that runs `MODULE.main()`, and tells its id, and later how it ended.
"""

import ctypes
import importlib
import json
import os
import selectors
import signal
import sys
from pathlib import Path
from typing import Final, NoReturn

from hub.adapter import adapters

__all__: list[str] = []

_PR_SET_PDEATHSIG: Final = 1
_ORDERS: Final = 0
_LATER: Final = (
    "hub.app",
    "hub.cli.run",
    "hub.web",
    "hub.workshop.worker",
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
    ended_by: dict[int, int] = {}
    with selectors.DefaultSelector() as selector:
        selector.register(_ORDERS, selectors.EVENT_READ)
        while True:
            for key, _ in selector.select():
                if key.fd != _ORDERS:
                    selector.unregister(key.fd)
                    _tell_end(key.fd, ended_by.pop(key.fd))
                elif order := _next_order():
                    pid = _fork(module, order)
                    # Told first: so short its life may be that its end is seen at once.
                    _tell({"started": pid})
                    watched = os.pidfd_open(pid)
                    ended_by[watched] = pid
                    selector.register(watched, selectors.EVENT_READ)
                else:
                    return


def _next_order() -> dict[str, dict[str, str] | str] | None:
    """Byte by byte: what is read too far would not be seen by the selector."""
    line = bytearray()
    while part := os.read(_ORDERS, 1):
        if part == b"\n":
            order: dict[str, dict[str, str] | str] = json.loads(line)
            return order
        line += part
    return None


def _fork(module: str, order: dict[str, dict[str, str] | str]) -> int:
    pid = os.fork()
    if pid == 0:
        _live(module, order)
    return pid


def _live(module: str, order: dict[str, dict[str, str] | str]) -> NoReturn:
    try:
        _become(order)
        importlib.import_module(module).main()
    except SystemExit as told:
        _end(told.code if isinstance(told.code, int) else 1)
    except BaseException:  # noqa: BLE001 - the very end of a process
        sys.excepthook(*sys.exc_info())
        _end(1)
    _end(0)


def _become(order: dict[str, dict[str, str] | str]) -> None:
    """A process of its own: session, output, settings, and an end with the stem."""
    os.setsid()
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    nothing = os.open(os.devnull, os.O_RDONLY)
    output = os.open(Path(str(order["log"])), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.dup2(nothing, 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.closerange(3, os.sysconf("SC_OPEN_MAX"))
    assert isinstance(order["settings"], dict)  # noqa: S101 - as the other side writes it
    os.environ.update(order["settings"])


def _end(status: int) -> NoReturn:
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def _tell_end(watched: int, pid: int) -> None:
    os.close(watched)
    _, status = os.waitpid(pid, 0)
    _tell({"ended": pid, "status": os.waitstatus_to_exitcode(status)})


def _tell(told: dict[str, int]) -> None:
    os.write(1, json.dumps(told).encode() + b"\n")


if __name__ == "__main__":
    _main(sys.argv[1])
