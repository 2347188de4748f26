"""The script of `<application-status>`, for pages of other origins to load.

It is the same for everybody and holds nothing of anybody. What it must be able to say before the
hub has answered is put in from the catalogues, so that no sentence stands in two places. It changes
with a release only: a page may pin it by its hash (Subresource Integrity).
"""

import hashlib
import json
from functools import cache
from importlib.resources import files
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from hub.web.applicant.pages import LANGUAGES, Words

__all__ = ["script"]

_PLACE: Final = "const WORDS = {};"
_FIRST: Final = {
    "status.loading": "status.loading",
    "status.away": "status.away",
    "status.title": "notice.link.title",
    "status.text": "notice.link.text",
}
_MINUTES_KEPT: Final = 10


async def script(request: Request) -> Response:
    """The script; a browser that has it already is told so."""
    body = _script()
    tag = f'"{hashlib.sha256(body).hexdigest()}"'
    headers = {
        "Access-Control-Allow-Origin": "*",
        "Cache-Control": f"public, max-age={_MINUTES_KEPT * 60}",
        "Cross-Origin-Resource-Policy": "cross-origin",
        "ETag": tag,
    }
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(body, media_type="text/javascript", headers=headers)


@cache
def _script() -> bytes:
    file = files("hub.web.applicant").joinpath("static", "application-status.js")
    written, found, rest = file.read_text("utf-8").partition(_PLACE)
    if not found:
        raise LookupError(f"{file.name} has no line {_PLACE}")
    return f"{written}const WORDS = {json.dumps(_words(), ensure_ascii=False)};{rest}".encode()


def _words() -> dict[str, dict[str, str]]:
    """What must be said before the hub has answered, in every language."""
    spoken = (Words(language) for language in LANGUAGES)
    return {
        words.language: {"direction": words.direction}
        | {name: words.say(key) for name, key in _FIRST.items()}
        for words in spoken
    }
