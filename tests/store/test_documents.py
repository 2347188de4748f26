import hashlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from hub.model.failure import PermanentFailure
from hub.model.identifiers import CaseId
from hub.store import Documents, Sealer, StoreAway

MEBIBYTE = 1024 * 1024
OWNER = "alp:000001"
SEALED_CHUNK = MEBIBYTE + 16


@pytest.fixture
def documents(tmp_path: Path, sealer: Sealer) -> Documents:
    return Documents(tmp_path / "documents", sealer)


@pytest.fixture
def read_later(documents: Documents, tmp_path: Path, sealer: Sealer) -> Documents:
    """The same ones, for a hub that did not keep them itself: it reads them from the disk."""
    return Documents(tmp_path / "documents", sealer)


@pytest.fixture
def root(documents: Documents, tmp_path: Path) -> Path:
    return tmp_path / "documents"


@pytest.fixture
def case() -> CaseId:
    return CaseId(uuid4())


def a_document(size: int) -> tuple[bytes, str]:
    content = (b"%PDF-1.7 " + uuid4().bytes * (size // 16 + 1))[:size]
    return content, hashlib.sha256(content).hexdigest()


async def in_pieces(content: bytes, size: int = 65_536) -> AsyncIterator[bytes]:
    for start in range(0, len(content), size):
        yield content[start : start + size]


def files(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if path.is_file()]


@pytest.mark.parametrize("size", [0, 1, MEBIBYTE - 1, MEBIBYTE, MEBIBYTE + 1, 3 * MEBIBYTE + 7])
async def test_a_document_comes_back_and_does_not_show(
    documents: Documents, read_later: Documents, root: Path, case: CaseId, size: int
) -> None:
    content, sha256 = a_document(size)
    await documents.keep(case, content, sha256)
    await documents.keep(case, content, sha256)

    assert documents.load(case, sha256) == content
    assert documents.load(case, sha256) == content
    assert read_later.load(case, sha256) == content
    (file,) = files(root)
    assert file == root / str(case)[:2] / str(case) / sha256
    assert b"%PDF" not in file.read_bytes()
    assert file.parent.stat().st_mode & 0o077 == 0


async def test_another_hash_is_refused_and_leaves_nothing(
    documents: Documents, root: Path, case: CaseId
) -> None:
    content, _ = a_document(100)
    _, other = a_document(100)
    for attempt in (
        documents.keep(case, content, other),
        documents.stage(OWNER, other, in_pieces(content), MEBIBYTE),
        documents.keep(case, content, "../../etc/passwd"),
    ):
        with pytest.raises(PermanentFailure) as raised:
            await attempt
        assert raised.value.cause == "document.hash"
    assert files(root) == []


async def test_a_staged_document_is_adopted_by_its_owners_case(
    documents: Documents, root: Path, case: CaseId
) -> None:
    content, sha256 = a_document(2 * MEBIBYTE + 5)
    assert await documents.stage(OWNER, sha256, in_pieces(content), 3 * MEBIBYTE) == len(content)

    assert await documents.adopt(case, "alp:000002", sha256) is None
    assert await documents.adopt(case, OWNER, sha256) == len(content)
    assert await documents.adopt(case, OWNER, sha256) == len(content), "it is there already"

    assert documents.load(case, sha256) == content


async def test_two_cases_of_one_sender_adopt_the_same_staged_document(
    documents: Documents, root: Path, case: CaseId
) -> None:
    content, sha256 = a_document(100)
    other = CaseId(uuid4())
    await documents.stage(OWNER, sha256, in_pieces(content), MEBIBYTE)

    assert await documents.adopt(case, OWNER, sha256) == len(content)
    assert await documents.adopt(other, OWNER, sha256) == len(content)

    await documents.forget(case)
    assert documents.load(other, sha256) == content
    assert len(files(root)) == 2, "the staged one waits for the sweep"


async def test_a_stream_that_is_too_long_is_given_up(documents: Documents, root: Path) -> None:
    content, sha256 = a_document(MEBIBYTE)
    taken = 0

    async def counted() -> AsyncIterator[bytes]:
        nonlocal taken
        async for piece in in_pieces(content):
            taken += len(piece)
            yield piece

    with pytest.raises(PermanentFailure) as raised:
        await documents.stage(OWNER, sha256, counted(), 100_000)

    assert raised.value.cause == "document.too_large"
    assert taken == 2 * 65_536
    assert files(root) == []


async def test_a_sender_that_hangs_up_leaves_nothing(documents: Documents, root: Path) -> None:
    content, sha256 = a_document(MEBIBYTE)

    async def cut() -> AsyncIterator[bytes]:
        yield content[:1000]
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await documents.stage(OWNER, sha256, cut(), MEBIBYTE)
    assert files(root) == []


async def test_what_a_crash_left_half_written_is_not_a_document(
    documents: Documents, read_later: Documents, root: Path, case: CaseId
) -> None:
    content, sha256 = a_document(1000)
    await documents.keep(case, content, sha256)
    whole = root / str(case)[:2] / str(case) / sha256
    whole.rename(whole.with_name(f".{sha256}.0011223344556677.part"))

    with pytest.raises(PermanentFailure) as raised:
        read_later.load(case, sha256)
    assert raised.value.cause == "document.missing"
    assert await documents.adopt(case, OWNER, sha256) is None
    await documents.keep(case, content, sha256)
    assert read_later.load(case, sha256) == content

    await documents.forget(case)
    await documents.forget(case)
    assert files(root) == []


async def test_sweeping_deletes_what_was_staged_long_ago(
    documents: Documents, root: Path, case: CaseId
) -> None:
    content, sha256 = a_document(100)
    await documents.stage(OWNER, sha256, in_pieces(content), MEBIBYTE)
    await documents.keep(case, content, sha256)
    (root / "staged" / OWNER / ".half.part").write_bytes(b"")
    now = datetime.now(UTC)

    assert await documents.sweep(now - timedelta(hours=1)) == 0
    assert await documents.sweep(now + timedelta(hours=1)) == 2

    assert await documents.adopt(CaseId(uuid4()), OWNER, sha256) is None
    assert documents.load(case, sha256) == content


@pytest.mark.parametrize("damage", ["cut", "cut inside", "swapped", "repeated", "extended", "head"])
async def test_damage_to_the_chunks_is_detected(
    documents: Documents, read_later: Documents, root: Path, case: CaseId, damage: str
) -> None:
    content, sha256 = a_document(3 * MEBIBYTE)
    await documents.keep(case, content, sha256)
    (file,) = files(root)
    sealed = file.read_bytes()
    head = len(sealed) - 3 * SEALED_CHUNK
    start, *chunks = [
        sealed[:head],
        *(sealed[at : at + SEALED_CHUNK] for at in range(head, len(sealed), SEALED_CHUNK)),
    ]
    damaged = {
        "cut": [start, *chunks[:2]],
        "cut inside": [start, *chunks[:2], chunks[2][:-1]],
        "swapped": [start, chunks[1], chunks[0], chunks[2]],
        "repeated": [start, chunks[0], chunks[0], chunks[1], chunks[2]],
        "extended": [start, *chunks, chunks[2]],
        "head": [start[:5]],
    }[damage]
    file.write_bytes(b"".join(damaged))

    with pytest.raises(PermanentFailure) as raised:
        read_later.load(case, sha256)
    assert raised.value.cause == "content.unreadable"


async def test_a_document_does_not_open_under_another_name(
    documents: Documents, root: Path, case: CaseId
) -> None:
    content, sha256 = a_document(100)
    _, other = a_document(100)
    await documents.keep(case, content, sha256)
    (file,) = files(root)
    file.rename(file.with_name(other))

    with pytest.raises(PermanentFailure) as raised:
        documents.load(case, other)
    assert raised.value.cause == "content.unreadable"


async def test_a_disk_that_refuses_is_a_store_that_is_away(
    documents: Documents, root: Path, case: CaseId
) -> None:
    content, sha256 = a_document(100)
    (root / str(case)[:2]).write_bytes(b"in the way")
    with pytest.raises(StoreAway):
        await documents.keep(case, content, sha256)
    with pytest.raises(ValueError, match="directory key"):
        await documents.stage("..", sha256, in_pieces(content), MEBIBYTE)


async def test_what_was_just_kept_is_read_from_the_disk_only_the_second_time(
    documents: Documents, root: Path, case: CaseId
) -> None:
    content, sha256 = a_document(100)
    await documents.keep(case, content, sha256)
    (file,) = files(root)
    file.unlink()

    assert documents.load(case, sha256) is content
    with pytest.raises(PermanentFailure) as raised:
        documents.load(case, sha256)
    assert raised.value.cause == "document.missing"


@pytest.mark.parametrize("way", ["forget", "forget_unused"])
async def test_what_is_deleted_is_gone_from_memory_as_well(
    documents: Documents, case: CaseId, way: str
) -> None:
    content, sha256 = a_document(100)
    await documents.keep(case, content, sha256)
    if way == "forget":
        await documents.forget(case)
    else:
        await documents.forget_unused(case, [], datetime.now(UTC) + timedelta(hours=1))

    with pytest.raises(PermanentFailure) as raised:
        documents.load(case, sha256)
    assert raised.value.cause == "document.missing"
