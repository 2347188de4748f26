"""The limit for documents: each is read, hashed, encrypted onto the disk and sent, once.

Nothing else is done: what is sent is the document in base64 between two tags, and what lies on the
disk is never read again. One hop, one connection.
"""

import asyncio
import hashlib
import os
import secrets
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import aio_pika
import aiohttp
import pybase64
from aio_pika.abc import AbstractIncomingMessage
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bench.contestants.place import AMQP_URL, AT_ONCE, SYSTEM_URL
from bench.loop import run
from hub.model.document import Document
from hub.model.downward import Submission, downward

__all__ = ["ENTRANCE"]

ENTRANCE: Final = "once"
_QUORUM: Final = {"x-queue-type": "quorum"}
_CIPHER: Final = AESGCM(AESGCM.generate_key(256))


async def _once() -> None:
    with TemporaryDirectory(prefix="bench-once-") as folder:
        async with (
            await aio_pika.connect(AMQP_URL) as connection,
            aiohttp.ClientSession() as session,
        ):

            async def deliver(message: AbstractIncomingMessage) -> None:
                submission, xml = await asyncio.to_thread(_worked_on, message.body, Path(folder))
                headers = {"Idempotency-Key": str(submission.id), "Content-Type": "application/xml"}
                url = f"{SYSTEM_URL}/{submission.authority}"
                async with session.post(url, data=xml, headers=headers) as answer:
                    await answer.read()
                    answer.raise_for_status()
                await message.ack()

            channel = await connection.channel()
            await channel.set_qos(prefetch_count=AT_ONCE)
            queue = await channel.declare_queue(ENTRANCE, durable=True, arguments=dict(_QUORUM))
            await queue.consume(deliver)
            await asyncio.Event().wait()


def _worked_on(body: bytes, folder: Path) -> tuple[Submission, bytes]:
    submission = downward.validate_json(body)
    if not isinstance(submission, Submission):
        raise TypeError("the benchmark sends submissions")
    sent = [pybase64.b64encode(_kept(each, folder)) for each in submission.documents]
    return submission, b"<sent>" + b"".join(sent) + b"</sent>"


def _kept(document: Document, folder: Path) -> bytes:
    if document.content is None or hashlib.sha256(document.content).hexdigest() != document.sha256:
        raise ValueError("the benchmark's documents travel inline, with their hash")
    nonce = secrets.token_bytes(12)
    with (folder / secrets.token_hex(8)).open("wb") as file:
        file.write(nonce + _CIPHER.encrypt(nonce, document.content, None))
        os.fsync(file.fileno())
    return document.content


if __name__ == "__main__":
    run(_once())
