"""`hub` without its start: a process that has imported it forks for each command.

Most of what a command takes is importing, a second of it; the pages have dozens. The script that
`client` writes takes the place of `hub` in the PATH and hands over its arguments, environment,
folder and open files; what runs is `hub.cli.main`, as ever.
"""

import json
import os
import signal
import socket
import sys
from pathlib import Path
from typing import Final

__all__ = ["client"]

_LARGEST: Final = 1_000_000
_CLIENT: Final = """#!{python} -IS
import json, os, socket, sys
with socket.socket(socket.AF_UNIX) as hub:
    hub.connect({address!r})
    asked = json.dumps([sys.argv[1:], dict(os.environ), os.getcwd()]).encode()
    socket.send_fds(hub, [asked], [0, 1, 2])
    hub.shutdown(socket.SHUT_WR)
    sys.exit(int(hub.recv(8) or b"70"))
"""


def client(folder: Path, address: Path) -> None:
    """Write the script `hub` that asks the process at `address`."""
    script = folder / "hub"
    script.write_text(_CLIENT.format(python=sys.executable, address=str(address)), "utf-8")
    script.chmod(0o755)


def _serve(address: str) -> None:
    # What the commands would import by themselves.
    import hub.app
    import hub.web.building
    import hub.xml.explaining  # noqa: F401
    from hub.adapter import adapters
    from hub.cli.commands import COMMANDS, imported

    for name in COMMANDS:
        imported(name)
    adapters()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the forks: none stays behind
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(address)
        server.listen()
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        while True:
            asking, _ = server.accept()
            if os.fork() == 0:
                server.close()
                _answer(asking)
            asking.close()


def _answer(asking: socket.socket) -> None:
    """Be the command, and say how it ended."""
    from hub.cli import main

    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    asked, files, _, _ = socket.recv_fds(asking, _LARGEST, 3)
    while more := asking.recv(_LARGEST):
        asked += more
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    arguments, environment, folder = json.loads(asked)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    code = 1
    try:
        main(arguments)
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        asking.sendall(str(code).encode())
        os._exit(code)


if __name__ == "__main__":
    _serve(sys.argv[1])
