import hashlib
import json
from pathlib import Path

import pytest

from hub.cli.failures import CommandFailure
from hub.cli.prepared import prepared
from tests.model.builders import Json, a_document, submission_json

PDF = b"%PDF-1.7 passport"


def written(folder: Path, message: object) -> Path:
    file = folder / "submission.json"
    file.write_text(json.dumps(message), "utf-8")
    return file


def without_content(**fields: str) -> Json:
    return {"id": a_document()["id"], "file_name": "passport.pdf", **fields}


def refused(file: Path) -> tuple[str, ...]:
    with pytest.raises(CommandFailure) as failure:
        prepared(file, file.parent)
    return tuple(sentence.removeprefix(f"{file}: ") for sentence in failure.value.sentences)


def test_documents_are_found_by_name_hashed_and_put_in(tmp_path: Path) -> None:
    (tmp_path / "passport.pdf").write_bytes(PDF)
    (tmp_path / "photo.jpg").write_bytes(b"\xff\xd8\xff\xe0")
    listed = [without_content(), without_content(file_name="photo.jpg"), a_document()]
    message = prepared(written(tmp_path, submission_json(documents=listed)), tmp_path)
    passport, photo, inline = message.documents
    assert (passport.content, passport.size) == (PDF, len(PDF))
    assert passport.sha256 == hashlib.sha256(PDF).hexdigest()
    assert (passport.media_type, photo.media_type) == ("application/pdf", "image/jpeg")
    assert inline.content == b"%PDF-1.7 synthetic"


def test_a_document_that_was_put_before_needs_no_file(tmp_path: Path) -> None:
    listed = a_document() | {"content": None, "file_name": "elsewhere.pdf"}
    file = written(tmp_path, submission_json(documents=[listed]))
    assert prepared(file, tmp_path).documents[0].content is None


def test_a_document_that_is_nowhere_is_named(tmp_path: Path) -> None:
    file = written(tmp_path, submission_json(documents=[a_document(), without_content()]))
    assert refused(file) == (
        f"documents[1]: has no content, and no file of its name is in {tmp_path}",
    )


def test_a_file_that_changed_since_it_was_hashed_is_not_sent(tmp_path: Path) -> None:
    (tmp_path / "passport.pdf").write_bytes(PDF)
    listed = [without_content(sha256="0" * 64)]
    said = refused(written(tmp_path, submission_json(documents=listed)))
    assert said == (f"documents[0].sha256: is not that of {tmp_path / 'passport.pdf'}",)


def test_a_document_is_not_fetched_from_outside_its_folder(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "passport.pdf").write_bytes(PDF)
    listed = [without_content(file_name="../passport.pdf")]
    said = refused(written(tmp_path / "in", submission_json(documents=listed)))
    assert said == ("documents[0].file_name: must be a plain name, without folders",)


def test_every_problem_is_said_by_field(tmp_path: Path) -> None:
    message = submission_json(authority="Stuttgart", langauge="de")
    assert refused(written(tmp_path, message)) == (
        "authority: must match ^[0-9]{6}$",
        "langauge: is not a field of this message",
    )


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"{", "is not JSON"),
        (b"\xff", "is not JSON"),
        (b"[1]", "must be an object"),
        (b'{"documents": [1]}', "does not say which it is: 'type' is missing"),
    ],
)
def test_a_file_without_a_message_says_so(tmp_path: Path, content: bytes, said: str) -> None:
    file = tmp_path / "submission.json"
    file.write_bytes(content)
    assert refused(file) == (said,)
