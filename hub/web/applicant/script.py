"""The script of `<application-status>`, for pages of other origins to load.

It is one file, the same for everybody, and holds nothing of anybody. Its style is put in, and what
it must be able to say before the hub has answered, from the catalogues: no sentence stands in two
places. It changes with a release only: a page may pin it by its hash (Subresource Integrity).
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
    folder = files("hub.web.applicant") / "static"
    text = folder.joinpath("application-status.js").read_text("utf-8")
    style = folder.joinpath("application-status.css").read_text("utf-8")
    for place, value in (("const WORDS = {};", _words()), ('const STYLE = "";', style)):
        before, found, after = text.partition(place)
        if not found:
            raise LookupError(f"application-status.js has no line {place}")
        text = f"{before}{place[:14]}{json.dumps(value, ensure_ascii=False)};{after}"
    return text.encode()


def _words() -> dict[str, dict[str, str]]:
    """What must be said before the hub has answered, in every language."""
    spoken = (Words(language) for language in LANGUAGES)
    return {
        words.language: {"direction": words.direction}
        | {name: words.say(key) for name, key in _FIRST.items()}
        for words in spoken
    }
