"""The commands of docs/identities.md make certificates that do what the page says."""

import asyncio
import re
import ssl
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from hub.tls import Contexts, TlsFiles, serving_context

PAGE = Path(__file__).parents[2] / "docs" / "identities.md"


def commands() -> str:
    [block] = [
        each
        for each in re.findall(r"```sh\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
        if "openssl req" in each
    ]
    return block


@pytest.fixture
def files(tmp_path: Path) -> Callable[[str], TlsFiles]:
    subprocess.run(  # noqa: S603 - what our own page says
        ["/bin/bash", "-eu", "-c", commands()], cwd=tmp_path, check=True, capture_output=True
    )
    return lambda name: TlsFiles(
        tmp_path / "ca.pem", tmp_path / f"{name}.pem", tmp_path / f"{name}.key"
    )


async def test_certificates_of_the_page_prove_both_sides(
    files: Callable[[str], TlsFiles],
) -> None:
    shown: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    async def look(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        tls: ssl.SSLObject = writer.get_extra_info("ssl_object")
        shown.set_result(tls.getpeercert(binary_form=True) or b"")
        writer.close()

    context = serving_context(files("doors"))
    async with await asyncio.start_server(look, "127.0.0.1", 0, ssl=context) as server:
        port = server.sockets[0].getsockname()[1]
        _, writer = await asyncio.open_connection(
            "localhost", port, ssl=Contexts().of(files("vendor"))
        )
        writer.write(b"here\n")
        async with asyncio.timeout(30):
            seen = await shown
        writer.close()
    vendor = files("vendor").certificate
    assert vendor is not None
    assert seen == ssl.PEM_cert_to_DER_cert(vendor.read_text())
