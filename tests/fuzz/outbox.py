"""Names in a system's outbox: only plain ones are taken, and none is quoted."""

from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Any

import asyncssh
from structlog.testing import capture_logs

from hub.transport.sftp.outbox import Outbox
from hub.transport.sftp.settings import SftpSettings

_SETTINGS = SftpSettings.model_validate(
    {
        "host": "127.0.0.1",
        "user": "hub",
        "key_file": "/key",
        "known_hosts_file": "/known",
        "inbox": "/a/in",
        "outbox": "/a/out",
        "done": "/a/done",
    }
)


def one(data: bytes) -> None:
    """Names that lie in the folder itself, and a log that says nothing of the others."""
    nobody: Any = None
    outbox = Outbox(nobody, _SETTINGS, "nord", set())
    entries = [
        asyncssh.SFTPName(name, attrs=asyncssh.SFTPAttrs(permissions=0o100600, size=1))
        for name in data.split(b"\n")
    ]
    with capture_logs() as logs:
        taken = list(outbox._sound(entries))
    for name in taken:
        path = PurePosixPath("/a/out", name.decode("ascii"))
        assert path.parent == PurePosixPath("/a/out")
        assert path.suffix == ".xml"
        assert ".." not in path.parts
    assert all(
        set(entry) <= {"event", "log_level", "system", "name_sha256", "reason"} for entry in logs
    )


def seeds() -> Iterable[bytes]:
    """Names that are taken, and names that are not."""
    yield b"0001.xml\n0002.tmp\n.hidden.xml\n../x.xml\n/etc/passwd\n..\n.\na/b.xml\n\xff.xml"
    yield b"a\0.xml\na\r.xml\na.xml/\nA-_.9.xml\n" + b"a" * 200 + b".xml"
