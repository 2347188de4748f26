"""Letters: what an update says to the applicant, in plain words of their language.

Nine languages are there, German for level B1; a language whose catalogue is missing gets German
and English together. The hub says only what the update says: no advice, and the authority's own
words stand in quotation marks, as they came.
"""

from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final

from hub.language import Catalogue, catalogue
from hub.mailbox.letters.contents import Paragraph, Quote, document_names, paragraphs, title
from hub.model.downward import Language, MailboxAddress
from hub.model.identifiers import ApplicationId, CaseId, MessageUuid
from hub.model.letter import Enclosure, Letter, Part
from hub.model.reminder import Reminder
from hub.model.upward import Status, Update

__all__ = ["TEXTS", "write_letter"]

TEXTS: Final[Traversable] = files("hub.mailbox.letters") / "texts"
"""The catalogues of letters, and of the e-mail that says that one waits (`notice.…`)."""

_FALLBACK: Final[tuple[Language, ...]] = ("de", "en")


def write_letter(
    update: Update | Reminder,
    *,
    id: MessageUuid,  # noqa: A002 - an id is called id
    case: CaseId,
    application_id: ApplicationId,
    authority_name: str,
    language: Language,
    mailbox: MailboxAddress,
    answered_below: bool,
) -> Letter:
    """Write the letter about `update`: the same input always gives the same letter.

    `answered_below`: where it is read, a form below takes the answer; else it says where to answer.
    """
    catalogues = _catalogues(language)
    closing = {"authority": authority_name, "application": application_id}
    texts = [
        "\n\n".join(
            [
                *_body(update, spoken, answered_below=answered_below),
                spoken.say("closing", closing),
            ]
        )
        for spoken in catalogues
    ]
    return Letter(
        id=id,
        about=update.about if isinstance(update, Reminder) else update.id,
        case=case,
        application_id=application_id,
        kind=update.type,
        status=update.status if isinstance(update, Status) else None,
        mailbox=mailbox,
        sender=authority_name,
        title=" / ".join(spoken.say(title(update).key) for spoken in catalogues),
        parts=tuple(
            _part(spoken, text, alone=len(catalogues) == 1)
            for spoken, text in zip(catalogues, texts, strict=True)
        ),
        documents=tuple(_enclosures(update, catalogues[0])),
        created_at=update.created_at,
    )


def _catalogues(language: Language) -> list[Catalogue]:
    languages = (language,) if catalogue(TEXTS, language) else _FALLBACK
    return [found for spoken in languages if (found := catalogue(TEXTS, spoken))]


def _part(spoken: Catalogue, text: str, *, alone: bool) -> Part:
    heading = None if alone else spoken.say("language.name")
    return Part(
        language=spoken.language, right_to_left=spoken.right_to_left, heading=heading, text=text
    )


def _body(update: Update | Reminder, spoken: Catalogue, *, answered_below: bool) -> list[str]:
    found = paragraphs(update, answered_below=answered_below)
    said = [_paragraph(paragraph, spoken) for paragraph in found]
    return [spoken.say("greeting"), *said, *_document_list(update, spoken)]


def _paragraph(paragraph: Paragraph, spoken: Catalogue) -> str:
    if isinstance(paragraph, Quote):
        return f"{spoken.say(paragraph.introduction)}\n{spoken.quote(paragraph.text)}"
    return spoken.say(paragraph.key, paragraph.values)


def _document_list(update: Update | Reminder, spoken: Catalogue) -> list[str]:
    if not update.documents:
        return []
    names = _names(update, spoken)
    lines = [f"{number}. {name}" for number, name in enumerate(names, start=1)]
    return ["\n".join([spoken.say("documents"), *lines])]


def _names(update: Update | Reminder, spoken: Catalogue) -> list[str]:
    keys = document_names(update)
    return [spoken.say(keys[document.id]) for document in update.documents]


_ENDINGS: Final = {"application/pdf": "pdf", "image/jpeg": "jpg"}


def _enclosures(update: Update | Reminder, spoken: Catalogue) -> Iterator[Enclosure]:
    """The documents under names that a reader understands: vendors' messages give them none."""
    names = _names(update, spoken)
    for number, (document, name) in enumerate(zip(update.documents, names, strict=True), start=1):
        file_name = f"{number} {name}.{_ENDINGS[document.media_type]}"
        yield Enclosure.model_construct(**{**dict(document), "file_name": file_name})
