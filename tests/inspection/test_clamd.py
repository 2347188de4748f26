"""The scanner's protocol, against a real clamd and against one that is not well."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from hub.inspection import Scanner, ScannerAway, clamd
from hub.model.failure import PermanentFailure
from tests.clamd import EICAR, MOST_BYTES, SIGNATURE, Clamd, private_clamd

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@pytest.fixture(scope="module")
async def real() -> AsyncIterator[Clamd]:
    async with private_clamd() as running:
        yield running


@asynccontextmanager
async def a_false_one(serve: Serve) -> AsyncIterator[Scanner]:
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield Scanner(f"127.0.0.1:{server.sockets[0].getsockname()[1]}")


def answering(answer: bytes) -> Serve:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\0")
        while length := int.from_bytes(await reader.readexactly(4), "big"):
            await reader.readexactly(length)
        writer.write(answer)
        writer.close()

    return serve


@pytest.mark.parametrize("way", ["socket", "port"])
async def test_what_is_clean_passes_and_what_is_found_is_named(real: Clamd, way: str) -> None:
    scanner = Scanner(real.socket if way == "socket" else f"127.0.0.1:{real.port}")
    await scanner.scan(b"")
    await scanner.scan(b"%PDF-1.7 clean " + bytes(1_500_000))
    for content in (EICAR, b"%PDF-1.7 " + bytes(900_000) + EICAR + b"%%EOF"):
        with pytest.raises(PermanentFailure) as caught:
            await scanner.scan(content)
        assert caught.value.cause == "document.infected"
        assert SIGNATURE in caught.value.sentence


async def test_many_at_once_each_get_their_own_answer(real: Clamd) -> None:
    scanner = Scanner(real.socket)
    contents = [EICAR if number % 3 == 0 else b"clean" * 1000 for number in range(60)]
    answers = await asyncio.gather(*map(scanner.scan, contents), return_exceptions=True)
    found = [isinstance(answer, PermanentFailure) for answer in answers]
    assert found == [content == EICAR for content in contents]


async def test_what_is_larger_than_it_takes_was_not_scanned(real: Clamd) -> None:
    with pytest.raises(PermanentFailure) as caught:
        await Scanner(real.socket).scan(bytes(4 * MOST_BYTES))
    assert caught.value.cause == "document.not_scanned"


@pytest.mark.parametrize("address", ["127.0.0.1:1", "/no/such/socket", "no.host.invalid:3310"])
async def test_a_scanner_that_is_not_there_is_away(address: str) -> None:
    with pytest.raises(ScannerAway):
        await Scanner(address).scan(b"clean")


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"stream: OK",  # and no end
        b"OK\0",
        b"stream: OK\nstream: Evil FOUND\0",
        b"stream: ERROR\0",
        b"stream: Can't allocate memory ERROR\0",
        b"PONG\0",
        b"x" * 100_000 + b"\0",
        b"\xff\xfe FOUND\0",
    ],
)
async def test_an_answer_that_does_not_say_clean_lets_nothing_pass(answer: bytes) -> None:
    async with a_false_one(answering(answer)) as scanner:
        with pytest.raises(ScannerAway):
            await scanner.scan(b"clean")


ANSWERS = st.binary(max_size=200) | st.from_regex(
    rb"stream: .{0,50}(FOUND|OK|ERROR)?", fullmatch=True
)


@example(b"stream: OK")
@given(
    st.binary(max_size=200) | st.from_regex(rb"stream: .{0,50}(FOUND|OK|ERROR)?", fullmatch=True)
)
@hypothesis_settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_whatever_it_answers_only_ok_passes(answer: bytes) -> None:
    async def ask() -> str:
        async with a_false_one(answering(answer + b"\0")) as scanner:
            try:
                await scanner.scan(b"clean")
            except (ScannerAway, PermanentFailure) as failure:
                return failure.sentence
        return "clean"

    outcome = asyncio.run(ask())
    assert outcome.isprintable()
    assert (outcome == "clean") == (answer.split(b"\0")[0] == b"stream: OK")


async def test_one_that_never_answers_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clamd, "_SCAN_SECONDS", 0.2)
    ended = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        ended.set()
        writer.close()

    async with a_false_one(silent) as scanner:
        with pytest.raises(ScannerAway, match="TimeoutError"):
            await scanner.scan(b"clean")
        async with asyncio.timeout(10):
            await ended.wait()
