"""The sentences of one language out of its `.po` file, with values filled in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time
from functools import cache
from importlib.resources.abc import Traversable
from typing import Final, TypeAlias

from babel import Locale
from babel.messages.pofile import read_po

from hub.language.foreign import isolated, without_controls
from hub.language.written import written
from hub.model.downward import Language

__all__ = ["Catalogue", "Value", "catalogue"]

Value: TypeAlias = str | int | date | time
"""What may be filled in. Of a date-time the clock of Germany is shown, where authorities are."""

_TOGETHER: Final[tuple[Language, ...]] = ("de", "en")


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Everything that one domain says in one language."""

    language: Language
    right_to_left: bool
    sentences: Mapping[str, str] = field(repr=False)
    instead: tuple["Catalogue", ...] = field(default=(), repr=False)
    """Who says, one after the other, what `sentences` lacks."""

    def say(self, key: str, values: Mapping[str, Value] | None = None) -> str:
        """The sentence under `key`. What is filled in is taken as it is, never as a template.

        Raises:
            KeyError: no language has the key, or `values` lacks what the sentence names.
        """
        if key in self.sentences:
            filled = {name: self._filled(value) for name, value in (values or {}).items()}
            return self.sentences[key].format_map(filled)
        if not self.instead:
            raise KeyError(f"{self.language}.po has no sentence under {key!r}: add it")
        said = " / ".join(spoken.say(key, values) for spoken in self.instead)
        return isolated(said) if self.right_to_left else said

    def quote(self, text: str) -> str:
        """`text` between the marks of the sentence `quotation`, which run as the text itself."""
        if "quotation" not in self.sentences and self.instead:
            return self.instead[0].quote(text)
        quoted = self.sentences["quotation"].format(text=without_controls(text))
        return isolated(quoted) if self.right_to_left else quoted

    def _filled(self, value: Value) -> str:
        if not isinstance(value, str):
            return written(value, self.language)
        text = without_controls(value)
        return isolated(text) if self.right_to_left else text


def catalogue(domain: Traversable, language: Language) -> Catalogue | None:
    """The catalogue of `language` in the folder `domain`, or None where nobody has written it.

    Raises:
        PoFileError: the file is no `.po` file; the message names the line.
    """
    return _catalogue(domain, language)  # type: ignore[arg-type]  # folders can be hashed


@cache
def _catalogue(domain: Traversable, language: Language) -> Catalogue | None:
    file = domain / f"{language}.po"
    if not file.is_file():
        return None
    others = (other for other in _TOGETHER if language not in _TOGETHER)
    return Catalogue(
        language,
        right_to_left=Locale(language).character_order == "right-to-left",
        sentences=_sentences(file),
        instead=tuple(found for other in others if (found := catalogue(domain, other))),
    )


def _sentences(file: Traversable) -> Mapping[str, str]:
    # A fuzzy sentence is one that its translator has not confirmed: as good as none.
    with file.open("rb") as opened:
        messages = read_po(opened, ignore_obsolete=True, abort_invalid=True)
    return {
        str(message.id): str(message.string)
        for message in messages
        if message.id and message.string and not message.fuzzy
    }
