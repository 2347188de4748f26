"""A file with a message becomes the message: documents found, hashed, everything checked.

What is wrong is said here, before anything is sent, in the words that the hub itself would use.
"""

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from hub.cli.failures import CommandFailure
from hub.model.document import media_type_of
from hub.model.downward import Downward, downward
from hub.model.problems import problems

__all__ = ["prepared"]


def prepared(file: Path, documents: Path) -> Downward:
    """Read the message in `file`; documents without content are those of that name in `documents`.

    Raises:
        CommandFailure: with a sentence for every problem: file, field, what is wrong.
        OSError: a file cannot be read.
    """
    try:
        raw = json.loads(file.read_bytes())
    except ValueError:
        raise CommandFailure(f"{file}: is not JSON") from None
    for number, document in enumerate(_listed(raw)):
        if isinstance(document, dict) and document.get("content") is None:
            _complete(document, documents, f"{file}: documents[{number}]")
    try:
        return downward.validate_json(json.dumps(raw))
    except ValidationError as error:
        said = [f"{field}: {why}" if field else why for field, why in problems(error)]
        raise CommandFailure(*(f"{file}: {sentence}" for sentence in said)) from None


def _listed(raw: object) -> list[Any]:
    # What else may be wrong with the list, the model says better.
    found = raw.get("documents") if isinstance(raw, dict) else None
    return found if isinstance(found, list) else []


def _complete(document: dict[str, Any], folder: Path, where: str) -> None:
    name = document.get("file_name")
    path = _inside(folder, name, where) if isinstance(name, str) else None
    if path is None or not path.is_file():
        if "sha256" not in document:
            raise CommandFailure(f"{where}: has no content, and no file of its name is in {folder}")
        return  # Put to the hub before, under its hash.
    content = path.read_bytes()
    sha256 = hashlib.sha256(content).hexdigest()
    if document.setdefault("sha256", sha256) != sha256:
        raise CommandFailure(f"{where}.sha256: is not that of {path}")
    document.setdefault("size", len(content))
    document.setdefault("media_type", media_type_of(content))
    document["content"] = base64.b64encode(content).decode()


def _inside(folder: Path, name: str, where: str) -> Path:
    if Path(name).name != name:
        raise CommandFailure(f"{where}.file_name: must be a plain name, without folders")
    return folder / name
