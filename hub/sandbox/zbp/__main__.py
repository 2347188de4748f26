"""`python -m hub.sandbox.zbp`: the simulated ZBP as a process."""

from pathlib import Path
from typing import Annotated

import typer
import uvicorn

from hub.sandbox.zbp.system import build


def _main(
    port: Annotated[int, typer.Option()],
    folder: Annotated[Path, typer.Option()],
    trusted: Annotated[Path, typer.Option(help="Certificate of who certifies authors, PEM.")],
) -> None:
    uvicorn.run(build(folder, trusted=trusted), host="127.0.0.1", port=port, log_level="warning")


if __name__ == "__main__":
    typer.run(_main)
