"""Documents nobody should send, and the messages that carry them."""

import base64
import hashlib
import io
import zipfile
import zlib
from uuid import uuid4

from hub.model.document import Document, MediaType
from hub.model.downward import Submission
from hub.model.identifiers import DocumentId
from tests.builders import a_submission

__all__ = ["a_jpeg", "a_pdf", "a_zip", "document", "packed_objects", "with_document"]


def a_pdf(*objects: bytes, behind: bytes = b"") -> bytes:
    """A PDF as far as anybody looks at its outside, with these objects."""
    inside = b"".join(b"%d 0 obj\n%b\nendobj\n" % each for each in enumerate(objects, 1))
    return b"%PDF-1.7\n" + inside + b"trailer << /Root 1 0 R >>\nstartxref\n9\n%%EOF\n" + behind


def packed_objects(objects: bytes, name: bytes = b"/ObjStm") -> bytes:
    """An object stream, packed in the usual way."""
    packed = zlib.compress(objects)
    head = b"<< /Type %b /N 1 /First 4 /Filter /FlateDecode /Length %d >>" % (name, len(packed))
    return head + b"\nstream\n" + packed + b"\nendstream"


def a_jpeg(*, comment: bytes = b"", behind: bytes = b"") -> bytes:
    """A JPEG as far as anybody looks at its outside."""
    said = b"\xff\xfe" + (2 + len(comment)).to_bytes(2, "big") + comment
    return b"\xff\xd8" + said + b"\xff\xda\x00\x02" + bytes(range(100)) + b"\xff\xd9" + behind


def a_zip(name: str = "evil.txt") -> bytes:
    """A ZIP with one file."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(name, "evil")
    return packed.getvalue()


def document(content: bytes, media_type: MediaType = "application/pdf") -> Document:
    """A document with this content, whatever it is."""
    return Document(
        id=DocumentId(uuid4()),
        media_type=media_type,
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
        content=base64.b64encode(content),
    )


def with_document(content: bytes, media_type: MediaType = "application/pdf") -> Submission:
    """A submission that brings it, after a document that nobody objects to."""
    documents = (document(a_pdf(b"<< /Type /Catalog >>")), document(content, media_type))
    return a_submission(id=uuid4(), documents_given=documents)
