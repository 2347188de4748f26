"""Documents: `hub.inspection` says what they are and what is in them, whatever they are."""

from collections.abc import Iterable

from hub.inspection import look
from hub.model.failure import PermanentFailure
from tests.fuzz.rule import well_said
from tests.hostile.papers import a_jpeg, a_pdf, a_zip, packed_objects


def one(data: bytes) -> None:
    """Flags, or a PermanentFailure."""
    for content in (data, b"%PDF-1.7\n" + data + b"\n%%EOF", b"\xff\xd8\xff" + data):
        for media_type in ("application/pdf", "image/jpeg"):
            try:
                flags = look(content, media_type)
            except PermanentFailure as failure:
                well_said(failure)
            else:
                assert list(flags) == sorted(set(flags), key=flags.index)
                assert ", ".join(flags).isprintable()


def seeds() -> Iterable[bytes]:
    """What is looked for."""
    yield a_pdf(
        b"<< /S /JavaScript /JS (x) /OpenAction 3 0 R >>", packed_objects(b"<< /AA << >> >>")
    )
    yield a_pdf(packed_objects(b"<< /S /L#61unch >>", b"/Obj#53tm"), behind=a_zip())
    yield a_jpeg(comment=b"%PDF-1.7", behind=b"x")
