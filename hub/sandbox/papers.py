"""Invented documents: real PDF and JPEG files, the same bytes for the same request.

They say on their face that they are samples. Padding makes a PDF as heavy as a scan of many
pages: an attachment of noise inside a valid file, so that no packing makes it light again.
"""

import hashlib
import random
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from io import BytesIO
from typing import Final
from uuid import UUID, uuid5

from fpdf import FPDF
from PIL import Image, ImageDraw

from hub.model.document import Document, MediaType
from hub.model.identifiers import DocumentId

__all__ = ["Folder", "pdf", "photo"]

_MADE_AT: Final = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
_PHOTO_PIXELS: Final = (350, 450)  # the proportions of a passport photograph


@dataclass(slots=True)
class Folder:
    """Collects the documents of one message; ids follow from the message's own."""

    message: UUID
    documents: list[Document] = field(default_factory=list)

    def add_pdf(self, title: str, *, padding: int = 0) -> DocumentId:
        """Add a PDF of about `padding` bytes more than its one page needs."""
        return self._add(title, "application/pdf", pdf(title, padding=padding), "pdf")

    def add_photo(self, title: str, seed: int) -> DocumentId:
        """Add a JPEG."""
        return self._add(title, "image/jpeg", photo(title, seed), "jpg")

    def _add(self, title: str, kind: MediaType, content: bytes, ending: str) -> DocumentId:
        made = DocumentId(uuid5(self.message, f"document {len(self.documents)}"))
        # Not checked again: decoding tens of megabytes from base64 would only prove this file.
        document = Document.model_construct(
            id=made,
            media_type=kind,
            sha256=_sha256(content),
            size=len(content),
            file_name=f"{title.lower().replace(' ', '-')}.{ending}",
            content=content,
        )
        self.documents.append(document)
        return made


@lru_cache(maxsize=256)
def pdf(title: str, *, padding: int = 0) -> bytes:
    """One page that names itself a sample, and `padding` bytes of noise attached to it."""
    paper = FPDF(format="A4")
    paper.set_creation_date(_MADE_AT)
    paper.add_page()
    paper.set_font("helvetica", size=20)
    paper.cell(text=title, new_x="LMARGIN", new_y="NEXT")
    paper.set_font("helvetica", size=11)
    paper.multi_cell(0, text="Muster. Alle Angaben sind erfunden.\nSample. Everything is invented.")
    if padding:
        noise = random.Random(title).randbytes(padding)
        paper.embed_file(bytes=noise, basename="rauschen.bin", modification_date=_MADE_AT)
    return bytes(paper.output())


@lru_cache(maxsize=256)
def photo(title: str, seed: int) -> bytes:
    """A coloured page with a face that nobody has."""
    draw = random.Random(seed)
    background, skin = (tuple(draw.randrange(60, 256) for _ in range(3)) for _ in range(2))
    image = Image.new("RGB", _PHOTO_PIXELS, background)
    pen = ImageDraw.Draw(image)
    pen.ellipse((95, 90, 255, 310), fill=skin)
    pen.ellipse((135, 170, 155, 190), fill=background)
    pen.ellipse((195, 170, 215, 190), fill=background)
    pen.text((20, 410), f"Muster: {title}", fill=skin)
    out = BytesIO()
    image.save(out, "JPEG", quality=85)
    return out.getvalue()


@lru_cache(maxsize=256)
def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
