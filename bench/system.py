"""A system that accepts everything at once, and knows how often each message came.

Run it with `python -m bench.system --port N`; `GET /count` tells what it has.
"""

from collections import Counter
from typing import Annotated

import typer
from aiohttp import web

__all__ = ["build"]


def build() -> web.Application:
    """Make it; it remembers keys, no contents."""
    seen: Counter[str] = Counter()

    async def take(request: web.Request) -> web.Response:
        await request.read()
        seen[request.headers["Idempotency-Key"]] += 1
        return web.json_response({"receipt": "R-1"})

    async def count(_request: web.Request) -> web.Response:
        return web.json_response({"messages": len(seen), "doubled": seen.total() - len(seen)})

    app = web.Application()
    app.router.add_post("/{authority}", take)
    app.router.add_get("/count", count)
    return app


def _main(port: Annotated[int, typer.Option()]) -> None:
    web.run_app(build(), host="127.0.0.1", port=port, print=None, access_log=None)


if __name__ == "__main__":
    typer.run(_main)
