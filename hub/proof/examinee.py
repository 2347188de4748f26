"""The examined format, seen from the outside: calls go to its process, answers come in time.

A process that hangs is killed; one that hung, ended or ran out of memory is replaced before
the next call. Nothing that an adapter does reaches the process that examines it.
"""

import os
import select
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import timedelta
from importlib.metadata import entry_points
from types import TracebackType
from typing import Final, Self

from hub.adapter import Adapter
from hub.proof.protocol import (
    ANSWER,
    CALL,
    Answer,
    Call,
    Died,
    Exhausted,
    Hung,
    Ready,
)

__all__ = ["Bounds", "Examinee", "reference_to"]


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one call may take: time, and memory beyond that of the loaded adapter."""

    time: timedelta = timedelta(seconds=10)
    megabytes: int = 512


class Examinee:
    """One version of an adapter in a process of its own; `hash_seed` is that of its sets."""

    def __init__(self, reference: str, version: str, bounds: Bounds, *, hash_seed: int = 0) -> None:
        self._command = [
            *(sys.executable, "-m", "hub.proof.worker"),
            *(reference, version, str(bounds.megabytes)),
        ]
        self._bounds = bounds
        paths = [path or os.getcwd() for path in sys.path]  # noqa: PTH109 - as text, like the others
        self._environment = os.environ | {
            "PYTHONPATH": os.pathsep.join(paths),
            "PYTHONHASHSEED": str(hash_seed),
        }
        self._process: subprocess.Popen[bytes] | None = None
        self._rest = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end()

    def start(self) -> Answer:
        """Load the adapter; `Ready`, or why it cannot be."""
        self._end()
        self._process = subprocess.Popen(  # noqa: S603 - this Python, with arguments of our own
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=self._environment,
        )
        return self._answer(self._process, _START)

    def call(self, call: Call) -> Answer:
        """The answer, at the latest when its time is over."""
        if self._process is None:
            started = self.start()
            if not isinstance(started, Ready):
                return started
        process = self._process
        assert process is not None  # noqa: S101 - started just now
        assert process.stdin is not None  # noqa: S101 - a pipe, see above
        try:
            process.stdin.write(CALL.dump_json(call) + b"\n")
            process.stdin.flush()
        except BrokenPipeError:
            return self._died(process)
        answer = self._answer(process, self._bounds.time)
        if isinstance(answer, Exhausted):
            self._end()  # what it holds on to would fail the next call
        return answer

    def _answer(self, process: subprocess.Popen[bytes], within: timedelta) -> Answer:
        assert process.stdout is not None  # noqa: S101 - a pipe, see above
        deadline = time.monotonic() + within.total_seconds()
        parts = [self._rest]
        while b"\n" not in parts[-1]:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([process.stdout], [], [], left)[0]:
                self._end()
                return Hung(within.total_seconds())
            part = os.read(process.stdout.fileno(), _CHUNK_BYTES)
            if not part:
                return self._died(process)
            parts.append(part)
        line, _, self._rest = b"".join(parts).partition(b"\n")
        return ANSWER.validate_json(line)

    def _died(self, process: subprocess.Popen[bytes]) -> Died:
        code = process.wait()
        self._end()
        return Died(f"signal {-code}" if code < 0 else f"exit code {code}")

    def _end(self) -> None:
        process, self._process, self._rest = self._process, None, b""
        if process is not None:
            process.kill()
            process.communicate()


def reference_to(adapter: Adapter) -> str:
    """`module:name` under which another process finds `adapter`.

    Raises:
        LookupError: no module holds it under a name.
    """
    for point in entry_points(group="hub.adapters"):
        if point.name == adapter.name and point.load() is adapter:
            return point.value
    homes = {type(each).__module__ for each in adapter.formats.values()}
    found = [
        (name not in homes, f"{name}:{attribute}")
        for name, module in list(sys.modules.items())
        if name != "__main__"
        for attribute, value in list(getattr(module, "__dict__", {}).items())
        if value is adapter
    ]
    if not found:
        raise LookupError(f"give the adapter {adapter.name!r} a name in a module, as in a package")
    return min(found)[1]


_START: Final = timedelta(seconds=60)
_CHUNK_BYTES: Final = 1024 * 1024
