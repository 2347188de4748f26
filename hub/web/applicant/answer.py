"""Is a form that was filled in an answer that can be sent? If not, what is to be done, in words.

Pure. What passes here passes INTAKE, too, but for what a virus scanner finds there; who filled in
the form should not have to hear of it after it was sent.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from hub.inspection import look
from hub.language import Value
from hub.model.document import MediaType, media_type_of
from hub.model.downward import DownwardKind
from hub.model.failure import PermanentFailure
from hub.model.text import MAX_LONG_TEXT, count
from hub.web.applicant.typed import typed
from hub.web.uploads import Filled, Uploaded

__all__ = ["MAX_FILES", "MAX_MEGABYTES", "TOO_LARGE", "Answer", "Paper", "Problem", "answer_in"]

MAX_MEGABYTES: Final = 20
"""Of all documents of one form. The standard bounds a message at 50 MB with all it embeds."""
MAX_FILES: Final = 10

_ENDINGS: Final[Mapping[MediaType, str]] = {"application/pdf": "pdf", "image/jpeg": "jpg"}
_LONGEST_NAME: Final = 100
_SHOWN: Final = 10
"""Characters that are named, of all that cannot be sent."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a field, `where`: the sentence `problem.<key>` of the catalogues."""

    where: str
    key: str
    values: Mapping[str, Value] = field(default_factory=dict)


TOO_LARGE: Final = Problem("documents", "too_large", {"size": MAX_MEGABYTES})


@dataclass(frozen=True, slots=True)
class Paper:
    """A document that is what it says."""

    name: str
    media_type: MediaType
    content: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """What the applicant says."""

    text: str | None = None
    papers: tuple[Paper, ...] = ()


def answer_in(filled: Filled, kind: DownwardKind) -> Answer | tuple[Problem, ...]:
    """The answer in a form, or everything that is wrong with it."""
    text, foreign = typed(filled.fields.get("text", "") if kind == "reply" else "")
    problems = (*_of_text(text, foreign), *_of_files(filled.files, kind))
    if not problems and kind == "reply" and not text and not filled.files:
        problems = (Problem("text", "empty"),)
    if problems:
        return problems
    return Answer(text or None, tuple(_papers(filled.files)))


def _of_text(text: str, foreign: Sequence[str]) -> Iterator[Problem]:
    if foreign:
        yield Problem("text", "foreign", {"letters": " ".join(foreign[:_SHOWN])})
    if count(text) > MAX_LONG_TEXT:
        yield Problem("text", "too_long", {"count": MAX_LONG_TEXT})


def _of_files(files: Sequence[Uploaded], kind: DownwardKind) -> Iterator[Problem]:
    if kind != "reply" and len(files) != 1:
        yield Problem("documents", "one_file")
    if len(files) > MAX_FILES:
        yield Problem("documents", "too_many_files", {"count": MAX_FILES})
    if sum(len(each.content) for each in files) > MAX_MEGABYTES * 1_000_000:
        yield TOO_LARGE
    for each in files:
        if (key := _wrong_with(each.content)) is not None:
            yield Problem("documents", key, {"name": _plain_name(each.name)})


def _wrong_with(content: bytes) -> str | None:
    media_type = media_type_of(content)
    if media_type is None:
        return "wrong_type" if content else "empty_file"
    try:
        look(content, media_type)
    except PermanentFailure:
        return "damaged_file"
    return None


def _papers(files: Sequence[Uploaded]) -> Iterator[Paper]:
    """Each document once, even if it was chosen twice."""
    for number, each in enumerate({each.content: each for each in files}.values(), start=1):
        media_type = media_type_of(each.content)
        if media_type is not None:
            yield Paper(_name(each.name, number, media_type), media_type, each.content)


def _name(given: str, number: int, media_type: MediaType) -> str:
    """As its owner calls it, if a system can be sent that; its ending says what it is."""
    plain = _plain_name(given)
    stem, foreign = typed(plain.rpartition(".")[0] or plain)
    ending = _ENDINGS[media_type]
    known = stem.isprintable() and not foreign and stem.strip(". ") and len(stem) <= _LONGEST_NAME
    return f"{stem}.{ending}" if known else f"Anlage {number}.{ending}"


def _plain_name(given: str) -> str:
    """Without the folders that some browsers put before it."""
    return given.replace("\\", "/").rpartition("/")[2]
