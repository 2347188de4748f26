"""What a page of an authority is told of a case: the same as stands on the applicant's own page.

Pure. Every sentence is written here, in the reader's language: who shows it needs no texts. Letters
stay in the language in which they were written, and say which. Addresses begin at the hub's host.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal
from uuid import UUID

from hub.mailbox.local import InMailbox
from hub.model.conversation import OpenItem, OpenKind, Phase
from hub.model.document import MediaType
from hub.model.downward import Language
from hub.model.letter import Letter
from hub.web.applicant.correspondence import REASONS, Correspondence, Progress, Sent
from hub.web.applicant.pages import Words, paragraphs, size_of
from hub.web.applicant.reading import awaited

__all__ = ["LABELS", "CaseTold", "LetterTold", "case_told", "letter_told"]

Direction = Literal["ltr", "rtl"]
To = Callable[..., str]
"""The address of another page of the case."""
IsOver = Callable[[OpenItem], bool]

LABELS: Final = (
    *("case.title", "case.authority", "case.number", "next.title", "letters.title", "letters.none"),
    *("letter.new", "letter.documents", "letter.has_documents", "sent.list", "answer.given"),
    *("status.new_letter", "status.page"),
)
"""Sentences of the catalogues that stand on every such page."""


@dataclass(frozen=True, slots=True)
class OpenTold:
    """What the authority waits for. It is answered on `page`, by the deadline if there is one."""

    kind: OpenKind
    letter: UUID
    deadline: date | None
    over: bool
    says: str
    deadline_says: str | None
    go_says: str
    page: str


@dataclass(frozen=True, slots=True)
class SentTold:
    """What became of a message of the applicant; three acknowledgements are told apart."""

    id: UUID
    kind: str
    at: datetime
    progress: Progress
    says: str
    at_says: str
    progress_says: str
    means: str


@dataclass(frozen=True, slots=True)
class Row:
    """A letter in the list. Nobody has opened it if it is not `read`."""

    id: UUID
    kind: str
    at: datetime
    read: bool
    documents: int
    language: Language
    direction: Direction
    title: str
    at_says: str


@dataclass(frozen=True, slots=True)
class CaseTold:
    """Where a case stands. `letters` and `sent` have the newest first."""

    language: Language
    direction: Direction
    labels: dict[str, str]
    authority: str
    application_id: str
    phase: Phase
    says: str
    open: list[OpenTold]
    next_says: str | None
    letters: list[Row]
    sent: list[SentTold]
    page: str


@dataclass(frozen=True, slots=True)
class PartTold:
    """All that a letter says, in one language: paragraphs of lines of plain text."""

    language: Language
    direction: Direction
    heading: str | None
    paragraphs: list[list[str]]


@dataclass(frozen=True, slots=True)
class DocumentTold:
    """A document of a letter, to be fetched at `page`; `gone_says` instead if it is gone."""

    id: UUID
    name: str
    media_type: MediaType
    size: int
    size_says: str
    page: str | None
    gone_says: str | None


@dataclass(frozen=True, slots=True)
class LetterTold:
    """A letter that is opened. `open`: what it asks for; `answered`: what was sent for it last."""

    id: UUID
    kind: str
    at: datetime
    language: Language
    direction: Direction
    title: str
    at_says: str
    parts: list[PartTold]
    documents: list[DocumentTold]
    open: OpenTold | None
    answered: SentTold | None
    page: str


def case_told(
    authority: str,
    application_id: str,
    letters: Sequence[InMailbox],
    found: Correspondence,
    words: Words,
    to: To,
    is_over: IsOver,
) -> CaseTold:
    """Where a case stands, in those words."""
    standing = found.standing
    pairs = awaited(letters, standing.open)
    nothing = "next.nothing" if standing.applicant_next == "nothing" else "next.wait"
    return CaseTold(
        language=words.language,
        direction=words.direction,
        labels={key: words.say(key) for key in LABELS},
        authority=authority,
        application_id=application_id,
        phase=standing.phase,
        says=words.say(f"phase.{standing.phase}"),
        open=[_open(item, letter, words, to, is_over) for item, letter in pairs],
        next_says=None if pairs else words.say(nothing),
        letters=[_row(each, words) for each in reversed(letters)],
        sent=[_sent(each, words) for each in found.sent],
        page=to(),
    )


def letter_told(
    lying: InMailbox,
    letters: Sequence[InMailbox],
    found: Correspondence,
    here: Collection[object],
    words: Words,
    to: To,
    is_over: IsOver,
) -> LetterTold:
    """One letter. `here`: the ids of those of its documents that are kept still."""
    letter = lying.letter
    # What a reminder is about is asked for by the letter of which it reminds.
    pairs = awaited(letters, found.standing.open)
    open_ = next((each for each in pairs if each[0].update == letter.about), None)
    given = found.answer_to(letter.about)
    row = _row(lying, words)
    return LetterTold(
        id=row.id,
        kind=row.kind,
        at=row.at,
        language=row.language,
        direction=row.direction,
        title=row.title,
        at_says=row.at_says,
        parts=[
            PartTold(each.language, _way(each.right_to_left), each.heading, paragraphs(each.text))
            for each in letter.parts
        ],
        documents=list(_documents(letter, here, words, to)),
        open=_open(*open_, words, to, is_over) if open_ else None,
        answered=_sent(given, words) if given else None,
        page=to("letters", letter.id),
    )


def _open(item: OpenItem, letter: Letter, words: Words, to: To, is_over: IsOver) -> OpenTold:
    over, day = is_over(item), item.deadline
    deadline = "open.deadline_over" if over else "open.deadline"
    return OpenTold(
        kind=item.kind,
        letter=letter.id,
        deadline=day,
        over=over,
        says=words.say(f"open.{item.kind}"),
        deadline_says=words.say(deadline, deadline=day) if day else None,
        go_says=words.say(f"open.{item.kind}.go"),
        page=to("letters", letter.id),
    )


def _row(lying: InMailbox, words: Words) -> Row:
    letter = lying.letter
    return Row(
        id=letter.id,
        kind=letter.kind,
        at=lying.provided_at,
        read=lying.read_at is not None,
        documents=len(letter.documents),
        language=letter.language,
        direction=_way(letter.parts[0].right_to_left),
        title=letter.title,
        at_says=words.say("letter.at", at=lying.provided_at),
    )


def _sent(sent: Sent, words: Words) -> SentTold:
    means = f"progress.{sent.progress}.means"
    if sent.cause is not None:
        means = f"refused.{sent.cause if sent.cause in REASONS else 'other'}"
    return SentTold(
        id=sent.id,
        kind=sent.kind,
        at=sent.at,
        progress=sent.progress,
        says=words.say(f"kind.{sent.kind}"),
        at_says=words.say("sent.at", at=sent.at),
        progress_says=words.say(f"progress.{sent.progress}"),
        means=words.say(means),
    )


def _documents(
    letter: Letter, here: Collection[object], words: Words, to: To
) -> Iterator[DocumentTold]:
    for each in letter.documents:
        kept = each.id in here
        kind = "PDF" if each.media_type == "application/pdf" else "JPEG"
        yield DocumentTold(
            id=each.id,
            name=each.file_name or kind,
            media_type=each.media_type,
            size=each.size,
            size_says=f"{kind}, {size_of(each.size)}",
            page=to("letters", letter.id, "documents", each.id) if kept else None,
            gone_says=None if kept else words.say("notice.document_gone.text"),
        )


def _way(right_to_left: bool) -> Direction:
    return "rtl" if right_to_left else "ltr"
