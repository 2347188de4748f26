"""Parsing of documents from anywhere."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from hub.model.failure import PermanentFailure
from hub.xml import Limits, parse, serialise

LAUGHS = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10 if i else "Geheim"}">' for i in range(10))


def refused(data: bytes, limits: Limits = Limits()) -> PermanentFailure:  # noqa: B008 - frozen
    with pytest.raises(PermanentFailure) as caught:
        parse(data, limits)
    assert "Geheim" not in f"{caught.value}{caught.value.location}"
    return caught.value


@pytest.mark.parametrize(
    "before",
    [
        "",
        '<?xml version="1.0"?>',
        "\ufeff",
        "\n <!-- <a> --> <?hint <b?>",
        "<!-- Geheim --><!---->",
    ],
)
@pytest.mark.parametrize(
    "doctype",
    [
        "<!DOCTYPE a>",
        f"<!DOCTYPE a [{LAUGHS}]>",
        '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE a PUBLIC "-//X" "http://127.0.0.1:9/x.dtd">',
        "<!DOCTYPE",
    ],
)
def test_any_doctype_is_refused_before_it_is_read(before: str, doctype: str) -> None:
    assert refused(f"{before}{doctype}<a>&x;&l9;</a>".encode()).cause == "xml.doctype"


def test_the_word_doctype_in_a_comment_or_text_is_harmless() -> None:
    root = parse(b"<!-- <!DOCTYPE a> --><a><![CDATA[<!DOCTYPE a>]]></a>")
    assert root.text == "<!DOCTYPE a>"


def test_many_unfinished_comments_take_no_longer_than_their_length() -> None:
    began = time.process_time()
    assert refused(b"<!--x-->" * 50_000 + b"<!-- " * 50_000).cause == "X000"
    assert time.process_time() - began < 5


@pytest.mark.parametrize("depth", [65, 250, 5_000, 400_000])
def test_nesting_beyond_the_limit_is_refused(depth: int) -> None:
    failure = refused(b"<a>" * depth + b"</a>" * depth)
    assert failure.cause == "xml.too_deep"
    assert failure.location == "line 1"


def test_nesting_up_to_the_limit_is_accepted() -> None:
    assert parse(b"<a>" * 64 + b"</a>" * 64).tag == "a"


@pytest.mark.parametrize(
    ("data", "limits"),
    [
        (b"<a>" + b" " * 100 + b"</a>", Limits(max_bytes=100)),
        (b"<a>" + b"<b/>" * 10 + b"</a>", Limits(max_elements=10)),
        (b"<a>" + b"x" * 11 * 1024 * 1024 + b"</a>", Limits()),
        (b"<a b='" + b"x" * 11 * 1024 * 1024 + b"'/>", Limits()),
    ],
)
def test_what_is_too_large_is_refused(data: bytes, limits: Limits) -> None:
    assert refused(data, limits).cause == "xml.too_large"


def test_huge_text_is_read_from_documents_that_the_hub_built() -> None:
    size = 11 * 1024 * 1024
    root = parse(b"<a>" + b"x" * size + b"</a>", Limits(huge_text=True))
    assert len(root.text or "") == size


@pytest.mark.parametrize(
    "data",
    [
        "<a>ä</a>".encode("utf-16"),
        "<a>ä</a>".encode("utf-16-le"),
        "<a>ä</a>".encode("utf-32"),
        '<?xml version="1.0" encoding="ISO-8859-1"?><a>ä</a>'.encode("latin-1"),
        b'<?xml version="1.0" encoding="no-such-thing"?><a/>',
        b'<?xml version="1.0" encoding="hex"?><a/>',
        b'<?xml version="1.0" encoding="UTF-8"?><a>\xe4</a>',
        b"<a>\xed\xa0\x80</a>",
    ],
)
def test_what_is_not_utf_8_is_refused(data: bytes) -> None:
    assert refused(data).cause == "S001"


def test_a_wrong_byte_is_located_by_its_line() -> None:
    assert refused(b"<a>\n\n\xff</a>").location == "line 3"


def test_an_allowed_encoding_is_read_and_written_as_utf_8() -> None:
    data = '<?xml version="1.0" encoding="windows-1252"?><a>Müller €</a>'.encode("cp1252")
    root = parse(data, encodings=frozenset({"UTF-8", "windows-1252"}))
    assert root.text == "Müller €"
    assert "Müller €".encode() in serialise(root)


@pytest.mark.parametrize(
    ("data", "location"),
    [
        (b"", None),
        (b"   ", "line 1, column 4"),
        (b"<a>\n<b>Geheim</a>", "line 2, column 14"),
        (b"<a>\n<b>Geheim", "line 2, column 10"),
        (b"<a>Gehe\x00im</a>", "line 1, column 8"),
        (b"<a>Geheim\x01</a>", "line 1, column 10"),
        (b"<a>&Geheim;</a>", None),
        (b"<a>&#1;</a>", "line 1, column 8"),
        (b"<a/><Geheim/>", "line 1, column 5"),
        (b"Geheim", "line 1, column 1"),
        (b"<x:a/>", "line 1, column 5"),
    ],
)
def test_what_is_not_well_formed_is_refused_with_its_place(
    data: bytes, location: str | None
) -> None:
    failure = refused(data)
    assert failure.cause == "X000"
    assert failure.location == location


def test_a_comment_does_not_cut_a_text_in_two() -> None:
    assert parse(b"<a>Eri<!-- x -->ka<?p q?> B</a>").text == "Erika B"


@given(st.binary(max_size=200))
def test_no_bytes_whatever_lead_to_anything_but_a_tree_or_a_failure(data: bytes) -> None:
    for document in (data, b"<a>" + data + b"</a>", b'<?xml version="1.0"' + data):
        assert outcome(document) in {"a tree", "X000", "S001", "xml.doctype"}


def outcome(data: bytes) -> str:
    try:
        parse(data)
    except PermanentFailure as failure:
        return failure.cause
    return "a tree"


@given(
    st.text(
        st.characters(
            codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff"
        )
    )
)
def test_what_was_written_is_read_again(text: str) -> None:
    root = etree.Element("a", attrib={"b": text})
    root.text = text or None
    data = serialise(root)
    assert data.startswith(b"<?xml version='1.0' encoding='UTF-8'?>")
    again = parse(data)
    assert (again.text or "", again.get("b")) == (text, text)
    assert serialise(again) == data
