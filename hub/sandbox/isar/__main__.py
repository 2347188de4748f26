"""`python -m hub.sandbox.isar`: the simulated Isar as a process."""

from pathlib import Path
from typing import Annotated

import typer
import uvicorn

from hub.sandbox.isar.system import build


def _main(
    port: Annotated[int, typer.Option()],
    folder: Annotated[Path, typer.Option()],
    token_file: Annotated[Path, typer.Option()],
) -> None:
    app = build(folder, token=token_file.read_text("utf-8").strip())
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning")


if __name__ == "__main__":
    typer.run(_main)
