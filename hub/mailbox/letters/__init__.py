"""Letters: what an update says to the applicant, in plain words of their language.

German (written for level B1) and English are there; who reads another language gets both
together until its catalogue is written. The hub says only what the update says: no advice, and
the authority's own words stand in quotation marks, as they came.
"""

from typing import Final

from hub.mailbox.letters.catalogue import Catalogue, catalogue
from hub.mailbox.letters.contents import Part, Quote, document_names, paragraphs, title
from hub.model.document import Document
from hub.model.downward import Language, MailboxAddress
from hub.model.identifiers import ApplicationId, CaseId, MessageUuid
from hub.model.letter import Letter
from hub.model.upward import Status, Update

__all__ = ["write_letter"]

FALLBACK: Final[tuple[Language, ...]] = ("de", "en")


def write_letter(
    update: Update,
    *,
    id: MessageUuid,  # noqa: A002 - an id is called id
    case: CaseId,
    application_id: ApplicationId,
    authority_name: str,
    language: Language,
    mailbox: MailboxAddress,
) -> Letter:
    """Write the letter about `update`: the same input always gives the same letter.

    `language` of the letter is the one in which it is written or, of several, begins.
    """
    catalogues = _catalogues(language)
    closing = {"authority": authority_name, "application": application_id}
    bodies = [
        "\n\n".join([*_body(update, spoken), spoken.say("closing", closing)])
        for spoken in catalogues
    ]
    return Letter(
        id=id,
        about=update.id,
        case=case,
        application_id=application_id,
        kind=update.type,
        status=update.status if isinstance(update, Status) else None,
        language=catalogues[0].language,
        mailbox=mailbox,
        sender=authority_name,
        title=" / ".join(spoken.say(title(update).key) for spoken in catalogues),
        body=_together(catalogues, bodies),
        documents=_documents(update, catalogues[0]),
        created_at=update.created_at,
    )


def _catalogues(language: Language) -> list[Catalogue]:
    languages = (language,) if catalogue(language) else FALLBACK
    return [found for spoken in languages if (found := catalogue(spoken))]


def _body(update: Update, spoken: Catalogue) -> list[str]:
    said = [_paragraph(part, spoken) for part in paragraphs(update)]
    return [spoken.say("greeting"), *said, *_document_list(update, spoken)]


def _paragraph(part: Part, spoken: Catalogue) -> str:
    if isinstance(part, Quote):
        quotation = spoken.say("quotation", {"text": part.text})
        return f"{spoken.say(part.introduction)}\n{quotation}"
    return spoken.say(part.key, part.values)


def _document_list(update: Update, spoken: Catalogue) -> list[str]:
    if not update.documents:
        return []
    names = _names(update, spoken)
    lines = [f"{number}. {name}" for number, name in enumerate(names, start=1)]
    return ["\n".join([spoken.say("documents"), *lines])]


def _names(update: Update, spoken: Catalogue) -> list[str]:
    keys = document_names(update)
    return [spoken.say(keys[document.id]) for document in update.documents]


def _together(catalogues: list[Catalogue], bodies: list[str]) -> str:
    if len(bodies) == 1:
        return bodies[0]
    headings = [f"*** {spoken.say('language.name')} ***" for spoken in catalogues]
    return "\n\n".join(part for pair in zip(headings, bodies, strict=True) for part in pair)


_ENDINGS: Final = {"application/pdf": "pdf", "image/jpeg": "jpg"}


def _documents(update: Update, spoken: Catalogue) -> tuple[Document, ...]:
    """The documents under names that a reader understands: vendors' messages give them none."""
    return tuple(
        document.model_copy(
            update={"file_name": f"{number} {name}.{_ENDINGS[document.media_type]}"}
        )
        for number, (document, name) in enumerate(
            zip(update.documents, _names(update, spoken), strict=True), start=1
        )
    )
