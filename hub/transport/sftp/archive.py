"""One message as one ZIP: the XML, the documents beside it, and a manifest that proves both.

The same message gives the same bytes: no times, no compression (PDF and JPEG do not gain from
it). So its size alone says whether what lies there already is the same.
"""

import hashlib
import json
import re
import zipfile
from collections.abc import Iterable, Mapping
from io import BytesIO
from typing import Final

from hub.adapter import Attachment
from hub.model.failure import PermanentFailure
from hub.workshop.packed import PackedXml

__all__ = ["MANIFEST", "MESSAGE", "pack"]

MANIFEST: Final = "manifest.json"
MESSAGE: Final = "message.xml"

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,120}")
_NO_TIME: Final = (1980, 1, 1, 0, 0, 0)
_READABLE: Final = 0o600 << 16


def pack(message: PackedXml, beside: Iterable[Attachment]) -> bytes:
    """Load the documents and pack everything; blocks.

    Raises:
        PermanentFailure: `document.hash`, a document is not what its sender said;
            `parcel.attachments`, two documents under one name, or under none that may be.
    """
    files = {MESSAGE: message.data}
    taken = {MESSAGE, MANIFEST}  # as Windows compares them: there, A.pdf is a.pdf
    for attachment in beside:
        if attachment.name.lower() in taken or not _NAME.fullmatch(attachment.name):
            raise _unfit("A document has the name of another file, or one that no file may have.")
        taken.add(attachment.name.lower())
        files[attachment.name] = _checked(attachment)
    return _zip({MANIFEST: _manifest(message, files), **files})


def _checked(attachment: Attachment) -> bytes:
    content = attachment.load()
    if hashlib.sha256(content).hexdigest() != attachment.document.sha256:
        raise PermanentFailure(
            "document.hash",
            "A document is not the one that its sender named.",
            location=f"document {attachment.document.id}",
        )
    return content


def _manifest(message: PackedXml, files: Mapping[str, bytes]) -> bytes:
    entries = [
        {"name": name, "sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}
        for name, content in files.items()
    ]
    return json.dumps({"message": str(message.uuid), "files": entries}, indent=1).encode()


def _zip(files: Mapping[str, bytes]) -> bytes:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, _NO_TIME)
            entry.external_attr = _READABLE
            archive.writestr(entry, content)
    return packed.getvalue()


def _unfit(sentence: str) -> PermanentFailure:
    return PermanentFailure("parcel.attachments", sentence)
