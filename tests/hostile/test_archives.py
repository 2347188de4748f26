"""ZIP files: the hub writes them and never reads any, so only names could do harm."""

import io
import re
import zipfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from hub.model.failure import PermanentFailure
from hub.transport.sftp.archive import pack
from hub.workshop.packed import PackedXml
from tests.transport.contract import a_document_beside

ROOT = Path(__file__).parents[2]
MESSAGE = PackedXml(UUID(int=1), "message", b"<a/>", "UTF-8")
UNPACKS = re.compile(r"^\s*(?:import|from) (zipfile|tarfile|gzip|bz2|lzma|zlib)\b", re.M)


def test_no_other_module_packs_or_unpacks_anything() -> None:
    found = {
        (path.relative_to(ROOT).as_posix(), each[1])
        for folder in ("hub", "adapters")
        for path in (ROOT / folder).rglob("*.py")
        if "sandbox" not in path.parts
        for each in UNPACKS.finditer(path.read_text("utf-8"))
    }
    assert found == {
        ("adapters/xauslaender/packets.py", "zipfile"),  # writes; names are ids of documents
        ("hub/transport/sftp/archive.py", "zipfile"),  # writes
        ("hub/inspection/pdf.py", "zlib"),  # bounded: test_documents.py, "a bomb"
    }


@pytest.mark.parametrize(
    "name",
    [
        *("../a.pdf", "/etc/a.pdf", "a/b.pdf", "..", ".", ".a.pdf", "C:a.pdf", "a\\b.pdf"),
        *("", " a.pdf", "a\n.pdf", "a\0.pdf", "ä.pdf", "a" * 200, "a.pdf ", "-a.pdf"),
        *("message.xml", "Message.XML", "manifest.json", "MANIFEST.JSON"),
    ],
)
def test_a_name_that_could_lead_elsewhere_is_refused(name: str) -> None:
    with pytest.raises(PermanentFailure, match=r"parcel\.attachments"):
        pack(MESSAGE, [a_document_beside(name)])


def test_two_names_that_are_one_on_windows_are_refused() -> None:
    with pytest.raises(PermanentFailure, match=r"parcel\.attachments"):
        pack(MESSAGE, [a_document_beside("a.pdf"), a_document_beside("A.PDF")])


def test_what_is_written_is_plain_files_side_by_side() -> None:
    packed = pack(MESSAGE, [a_document_beside("a.pdf"), a_document_beside("b.pdf")])
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        assert archive.testzip() is None
        entries: list[Any] = archive.infolist()
    names = [entry.filename for entry in entries]
    assert names == ["manifest.json", "message.xml", "a.pdf", "b.pdf"]
    plain = SimpleNamespace(links=0o120000, kinds=0o170000)
    for entry in entries:
        assert (entry.external_attr >> 16) & plain.kinds != plain.links
        assert not entry.flag_bits & 1, "it is encrypted"
        assert entry.compress_size == entry.file_size
