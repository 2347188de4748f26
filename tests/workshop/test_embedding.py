"""What an adapter embeds stands in what is sent as if it had put it there itself."""

import base64
from collections.abc import AsyncIterator
from dataclasses import replace
from uuid import uuid4

import pytest

from hub.model.document import Document
from hub.model.downward import Submission
from hub.model.failure import PermanentFailure, TransientFailure
from hub.model.identifiers import DocumentId
from hub.proof.situation import context_of
from hub.workshop.crew import Bounds
from hub.workshop.documents import Documents
from hub.workshop.protocol import Exhausted, Written, WrittenXml
from hub.workshop.workshop import Workshop
from hub.xml import Invalid, serialise
from tests.builders import a_submission
from tests.workshop.embedder import Embedder, adapter


@pytest.fixture
async def workshop() -> AsyncIterator[Workshop]:
    async with Workshop({"embedder": adapter}, bounds=Bounds(megabytes=48)) as workshop:
        yield workshop


def written_at_once(message: Submission, content: bytes) -> bytes:
    """The same without a workshop: the adapter puts in the documents themselves."""
    context = replace(context_of(message), load=lambda _: content)
    [one] = Embedder().write(message, context).messages
    return serialise(one.root, one.encoding)


@pytest.mark.parametrize(
    "how",
    [
        "embed",
        "twice",
        "latin",
        "loaded",
        # Where a mark would not do:
        "wide",
        "restricted",
        "typed",
        "copied",
        "wrapped",
        "dropped",
    ],
)
async def test_the_same_bytes_are_sent(workshop: Workshop, how: str) -> None:
    message = a_submission(application_id=how, documents=2)
    content = b"%PDF-1.7 \xff" * 10
    context = replace(context_of(message), load=lambda _: content)
    [sent] = (await workshop.write("embedder", "1", message, context)).messages
    assert sent.data == written_at_once(message, content)


@pytest.mark.parametrize("how", ["restricted", "typed"])
async def test_what_the_schema_says_of_a_document_holds_for_the_document(
    workshop: Workshop, how: str
) -> None:
    message = a_submission(application_id=how, documents=1)
    context = replace(context_of(message), load=lambda _: bytes(101))
    with pytest.raises(Invalid):
        await workshop.write("embedder", "1", message, context)


async def test_a_document_never_enters_the_process_of_the_adapter(workshop: Workshop) -> None:
    message = a_submission(application_id="embed", documents=1)
    content = bytes(100 * 1024 * 1024)  # the process may take 48 MiB more
    context = replace(context_of(message), load=lambda _: content)
    [sent] = (await workshop.write("embedder", "1", message, context)).messages
    assert sent.data.count(base64.b64encode(content)) == 1


async def test_a_document_that_cannot_be_loaded_fails_as_it_failed(workshop: Workshop) -> None:
    class Away(TransientFailure):
        pass

    def gone(_document: Document) -> bytes:
        raise Away("store.away", "Away.")

    message = a_submission(application_id="embed", documents=1)
    with pytest.raises(Away):
        await workshop.write("embedder", "1", message, replace(context_of(message), load=gone))


def told(*embedded: DocumentId) -> Written:
    return Written((WrittenXml(DocumentId(uuid4()), "message", "UTF-8", embedded),), (), ())


async def test_an_answer_may_not_name_more_than_anybody_has_to_say() -> None:
    [document] = a_submission(documents=1).documents
    large = document.model_copy(update={"size": 100 * 1024 * 1024})
    documents = Documents([large], lambda _: b"")
    assert documents.fit(told(*[large.id] * 5), [b""] * 6)
    assert not documents.fit(told(*[large.id] * 6), [b""] * 7)
    assert not documents.fit(told(large.id), [b""])
    assert not documents.fit(Exhausted(), [])


async def test_documents_of_other_messages_are_not_embedded() -> None:
    documents = Documents(a_submission(documents=1).documents, lambda _: b"")
    other = told(DocumentId(uuid4()))
    assert documents.fit(other, [b"", b""])
    with pytest.raises(PermanentFailure, match=r"document\.unknown"):
        documents.packed(other, [b"", b""])
