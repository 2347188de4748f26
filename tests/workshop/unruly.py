"""An adapter that does what none may do: whatever the message's application id says.

`hang/7` is one of several that hang.
"""

import ctypes
import os
import sys
import time
import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

from lxml import etree

from hub.adapter import (
    Adapter,
    Attachment,
    Capability,
    Context,
    EndpointDown,
    Parcel,
    PermanentFailure,
    ReadContext,
    Refused,
    TransientFailure,
    XmlMessage,
)
from hub.model.details import Service
from hub.model.downward import Downward
from hub.model.identifiers import MessageUuid
from hub.model.upward import Status, Upward
from hub.xml import Element, SchemaSet
from tests.builders import a_document

__all__ = ["SECRET", "adapter"]

SECRET = "Żółć-Müller"  # stands for what an applicant wrote
MEBIBYTE = 1024 * 1024
KEPT: list[bytes] = []


class Surprise(Exception):
    """What the adapter itself did not expect."""


def hang() -> None:
    while True:
        time.sleep(1)


def burn() -> None:
    while True:
        pass


def raise_() -> None:
    raise Surprise(f"no idea what {SECRET} means")


def leak() -> None:
    while True:
        KEPT.append(bytes(16 * MEBIBYTE))


def leak_slowly() -> None:
    KEPT.append(b"x" * (40 * MEBIBYTE))


def leak_half() -> None:
    KEPT.append(b"x" * (150 * MEBIBYTE))


def exit_() -> None:
    os._exit(7)


def exit_in_python() -> None:
    sys.exit(0)


def crash() -> None:
    ctypes.string_at(0)


def print_() -> None:
    sys.stdout.write(SECRET * 100_000)
    os.write(1, b"x" * 100_000)
    os.write(2, b"x" * 100_000)


def talk_nonsense() -> None:
    for number in range(3, 64):
        with suppress(OSError):
            os.write(number, b"\xff" * 4096)


def refuse() -> None:
    raise PermanentFailure("unruly.no", "It cannot be said.", location="details.remarks")


def refuse_with_codes() -> None:
    raise Refused("No.", codes=("S010", "S011"), location="here")


def refuse_by_a_cause() -> None:
    raise Refused("No.", codes=(), cause="unruly.refused")


def put_off() -> None:
    raise TransientFailure("unruly.later", "Later.", in_doubt=True)


def park() -> None:
    raise EndpointDown("unruly.down", "Down.")


DEEDS: Mapping[str, Callable[[], None]] = {
    "hang": hang,
    "burn": burn,
    "raise": raise_,
    "leak": leak,
    "leak-slowly": leak_slowly,
    "leak-half": leak_half,
    "exit": exit_,
    "exit-in-python": exit_in_python,
    "crash": crash,
    "print": print_,
    "nonsense": talk_nonsense,
    "refuse": refuse,
    "refuse-with-codes": refuse_with_codes,
    "refuse-by-a-cause": refuse_by_a_cause,
    "put-off": put_off,
    "park": park,
}


def say(root: Element, text: str) -> None:
    etree.SubElement(root, "said").text = text


@dataclass(frozen=True)
class Unruly:
    schemas: SchemaSet = field(
        default_factory=lambda: SchemaSet(Path(__file__).parent / "unruly.xsd")
    )
    encodings: frozenset[str] = frozenset({"UTF-8"})
    carries: frozenset[Capability] = frozenset(get_args(Service)) | {"withdrawal", "status"}
    lost: Mapping[str, str] = field(default_factory=dict)

    def write(self, message: Downward, context: Context) -> Parcel:
        what = context.application_id.partition("/")[0]
        if (deed := DEEDS.get(what)) is not None:
            deed()
        root = etree.Element("message", uuid=str(context.message))
        beside: tuple[Attachment, ...] = ()
        match what:
            case "environment":
                for name in sorted(os.environ):
                    say(root, name)
            case "process":
                say(root, str(os.getpid()))
            case "context":
                say(root, context.created_at.isoformat())
                say(root, context.sender.model_dump_json())
                say(root, repr((context.authority, context.service, context.back_channel)))
            case "load":
                for document in message.documents:
                    say(root, str(len(context.load(document))))
            case "load-of-others":
                [document] = message.documents
                context.load(document.model_copy(update={"id": message.id}))
            case "load-made-up":
                context.load(a_document())
            case "attach":
                beside = tuple(
                    Attachment(f"{at}.pdf", each, lambda: b"never asked")
                    for at, each in enumerate(message.documents)
                )
            case "invalid":
                etree.SubElement(root, "unsaid").text = SECRET
            case "large":
                say(root, "x" * (60 * MEBIBYTE))
        return Parcel((XmlMessage(context.message, "message", root),), beside)

    def read(self, document: Element, context: ReadContext) -> list[Upward]:  # noqa: ARG002 - of the contract
        match document.findtext("said"):
            case "exit":
                os._exit(7)
            case "hang":
                hang()
        message = MessageUuid(uuid.UUID(document.get("uuid")))
        return [Status(id=message, answers=message, created_at=datetime.now(UTC), status="01")]


adapter = Adapter("unruly", {"1": Unruly()})
