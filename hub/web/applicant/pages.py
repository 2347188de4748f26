"""How a page is made: from which template, in which language, with which headers.

The hub's own words come from the catalogues in `texts`; letters stay in the language in which they
were written, and each part says which that is, so that screen readers can read it out.
"""

import hashlib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, Final, Literal, get_args

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from hub.language import Catalogue, Value, catalogue
from hub.model.downward import Language
from hub.web.applicant.correspondence import REASONS

__all__ = ["LANGUAGES", "TEXTS", "Pages", "Words", "paragraphs", "size_of", "stylesheet"]

TEXTS: Final[Traversable] = files("hub.web.applicant") / "texts"
LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)

_HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none';"
        " frame-ancestors 'none'"
    ),
    "X-Robots-Tag": "noindex",
}


class Words:
    """What the hub says on a page, in one language."""

    def __init__(self, language: Language) -> None:
        found = catalogue(TEXTS, language)
        if found is None:
            raise LookupError(f"{language}.po is missing in hub/web/applicant/texts")
        self._catalogue: Catalogue = found
        self.language = language
        self.direction: Literal["ltr", "rtl"] = "rtl" if found.right_to_left else "ltr"

    def say(self, key: str, **values: Value) -> str:
        """The sentence under a key."""
        return self._catalogue.say(key, values)


class Pages:
    """Renders pages."""

    def __init__(self) -> None:
        self._templates = Environment(
            loader=PackageLoader("hub.web.applicant"),
            autoescape=select_autoescape(default=True, default_for_string=True),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.globals.update(
            css=_address(),
            reasons=REASONS,
            names={language: Words(language).say("language.name") for language in LANGUAGES},
            directions={language: Words(language).direction for language in LANGUAGES},
        )
        self._templates.filters.update(paragraphs=paragraphs, size=size_of)

    def show(
        self,
        template: str,
        words: Words,
        values: Mapping[str, Any] | None = None,
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """The page of a template."""
        html = self._templates.get_template(template).render(
            {**(values or {}), "words": words, "say": words.say}
        )
        return HTMLResponse(html, status, headers={**_HEADERS, **(headers or {})})

    def notice(
        self,
        words: Words,
        key: str,
        *,
        status: int,
        home: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """A page that says why there is no other: `<key>.title` and `<key>.text`."""
        values = {"key": key, "home": home}
        return self.show("notice.html", words, values, status=status, headers=headers)


async def stylesheet(request: Request) -> Response:
    """The one stylesheet; its address changes with it, so that browsers may keep it."""
    if request.url.path != _address():
        return Response(status_code=404)
    headers = {"Cache-Control": "public, max-age=31536000, immutable"}
    return Response(_css(), media_type="text/css", headers=headers)


@cache
def _css() -> bytes:
    return files("hub.web.applicant").joinpath("static", "page.css").read_bytes()


@cache
def _address() -> str:
    return f"/applicant/{hashlib.sha256(_css()).hexdigest()[:12]}/page.css"


def paragraphs(text: str) -> list[list[str]]:
    """Plain text as paragraphs of lines."""
    return [paragraph.splitlines() for paragraph in text.split("\n\n") if paragraph.strip()]


def size_of(size: int) -> str:
    """A number of bytes as people say it."""
    return f"{size / 1_000_000:.1f} MB" if size >= 1_000_000 else f"{-(-size // 1000)} kB"
