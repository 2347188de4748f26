"""A simulated system that says when it took each message: throughput and latency are read here.

Everybody delivers to it, and it does as little as can be: it reads the body to its end, writes down
the key and the time of the monotonic clock, which all processes of a machine share, and answers
200. Run it with `python -m bench.recipient --port N`; `GET /count` tells how many came, and
`GET /times` when each came first.
"""

import asyncio
import time
from typing import Annotated

import typer
from aiohttp import web

from bench.loop import run

__all__ = ["serve"]


async def serve(port: int) -> None:
    """Serve until the process is ended."""
    first: dict[str, float] = {}
    all_of_them = 0

    async def answer(request: web.BaseRequest) -> web.Response:
        nonlocal all_of_them
        if request.method == "POST":
            async for _ in request.content.iter_any():
                pass  # however large it is
            all_of_them += 1
            first.setdefault(request.headers["Idempotency-Key"], time.monotonic())
            return web.json_response({"receipt": "R-1"})
        if request.path == "/times":
            return web.json_response(first)
        return web.json_response({"messages": len(first), "doubled": all_of_them - len(first)})

    runner = web.ServerRunner(web.Server(answer, access_log=None))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    await asyncio.Event().wait()


def _main(port: Annotated[int, typer.Option()]) -> None:
    run(serve(port))


if __name__ == "__main__":
    typer.run(_main)
