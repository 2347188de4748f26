"""Golden examples: a message of the hub as JSON, and beside it what a format makes of it.

They lie in the adapter's package: `examples/to_authority/NAME.json` with `NAME.xml`, and
`examples/to_applicant/NAME.xml` with `NAME.json`. Vendors copy from them, so both are written
for people: indented, synthetic, about one case. A parcel of several XML messages has
`NAME.xml`, `NAME.2.xml`, and so on.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hub.adapter import Format
from hub.model.downward import downward
from hub.proof.messages import SUBJECTS, complete
from hub.proof.places import flat
from hub.proof.protocol import Written
from hub.proof.situation import READ_CONTEXT, context_of
from hub.proof.values import Json
from hub.xml import RETURN_LIMITS, Element, Limits, parse, readable

__all__ = [
    "TO_APPLICANT",
    "TO_AUTHORITY",
    "Example",
    "examples",
    "package_of",
    "unlike",
    "write_examples",
]

TO_AUTHORITY: Final = "examples/to_authority"
TO_APPLICANT: Final = "examples/to_applicant"


@dataclass(frozen=True, slots=True)
class Example:
    """One example, by its files; `more` are the further XML messages of a parcel."""

    name: str
    json: Path
    xml: Path
    more: tuple[Path, ...] = ()


def examples(package: Path, folder: str) -> Iterator[Example]:
    """Those in a package; a file that lacks its other half counts as well."""
    names = {path.name.split(".")[0] for path in (package / folder).glob("*.*")}
    for name in sorted(names):
        more = sorted((package / folder).glob(f"{name}.[0-9]*.xml"))
        base = package / folder / name
        yield Example(name, base.with_suffix(".json"), base.with_suffix(".xml"), tuple(more))


def package_of(format_: Format) -> Path:
    """The folder of the package that the format's class stands in."""
    file = sys.modules[type(format_).__module__].__file__
    if file is None:
        raise FileNotFoundError(f"{type(format_).__module__} has no file")
    return Path(file).resolve().parent


def unlike(example: Example, written: Written) -> tuple[str, str, str] | None:
    """The first place where the parcel is not as the example has it: place, expected, found."""
    files = (example.xml, *example.more)
    if example.more and len(files) != len(written.messages):
        return "the parcel", f"{len(files)} XML messages", f"{len(written.messages)}"
    for file, message in zip(files, written.messages, strict=False):
        encodings = frozenset({message.encoding, "UTF-8"})
        expected = flat(parse(file.read_bytes(), Limits(huge_text=True), encodings=encodings))
        found = flat(parse(message.xml, Limits(huge_text=True), encodings=encodings))
        for place in dict.fromkeys((*expected, *found)):
            if expected.get(place) != found.get(place):
                return place, expected.get(place, "nothing"), found.get(place, "nothing")
    return None


def write_examples(format_: Format, package: Path) -> Iterator[Path]:
    """Write the examples anew and name each file that changed.

    To the authority: one complete message of everything that is carried, unless there is a
    JSON of that name. To the applicant: the JSON of each XML that lies there.

    Raises:
        HubFailure: a message cannot be written, or a document not be read.
    """
    folder = package / TO_AUTHORITY
    folder.mkdir(parents=True, exist_ok=True)
    for subject in SUBJECTS:
        if subject in format_.carries and not (folder / f"{subject}.json").exists():
            yield from _changed(folder / f"{subject}.json", _as_example(complete(subject)))
    for example in examples(package, TO_AUTHORITY):
        yield from _write_xml(format_, example)
    for example in examples(package, TO_APPLICANT):
        document = parse(example.xml.read_bytes(), RETURN_LIMITS, encodings=format_.encodings)
        format_.schemas.check(document)
        for message in format_.read(document, READ_CONTEXT):
            text = message.model_dump_json(indent=2, exclude_none=True) + "\n"
            yield from _changed(example.json, text)


def _as_example(message: Json) -> str:
    return downward.validate_python(message).model_dump_json(indent=2, exclude_none=True) + "\n"


def _write_xml(format_: Format, example: Example) -> Iterator[Path]:
    message = downward.validate_json(example.json.read_bytes())
    parcel = format_.write(message, context_of(message))
    for number, each in enumerate(parcel.messages, start=1):
        suffix = ".xml" if number == 1 else f".{number}.xml"
        yield from _changed(example.json.with_suffix(suffix), _indented(each.root))


def _indented(root: Element) -> str:
    return readable(root).decode() + "\n"


def _changed(path: Path, text: str) -> Iterator[Path]:
    if not path.exists() or path.read_text("utf-8") != text:
        path.write_text(text, "utf-8")
        yield path
