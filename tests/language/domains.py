"""Every catalogue of the hub, as its translators wrote it, and what is wrong with it."""

from collections.abc import Iterator
from pathlib import Path
from string import Formatter

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

import hub

DOMAINS: tuple[Path, ...] = tuple(
    sorted({file.parent for file in Path(hub.__file__).parent.rglob("*.po")})
)


def read(file: Path) -> Catalog:
    with file.open("rb") as opened:
        return read_po(opened, ignore_obsolete=True, abort_invalid=True)


def faults(file: Path) -> list[str]:
    """What keeps `file` from saying all that the German catalogue beside it says."""
    german, catalogue = read(file.with_name("de.po")), read(file)
    return [
        *(f"{id_}: is missing" for id_ in _ids(german) - _ids(catalogue)),
        *(f"{id_}: German has no such sentence" for id_ in _ids(catalogue) - _ids(german)),
        *(fault for message in catalogue if message.id for fault in _faults(message, german)),
    ]


def _faults(message: Message, german: Catalog) -> Iterator[str]:
    if message.fuzzy:
        yield f"{message.id}: is marked fuzzy; read it, then remove the mark"
    if not str(message.string).strip():
        yield f"{message.id}: is empty"
    if (original := german.get(str(message.id))) is not None:
        wanted, found = placeholders(original), placeholders(message)
        if wanted != found:
            yield f"{message.id}: fills in {sorted(found)}, German {sorted(wanted)}"


def placeholders(message: Message) -> set[str]:
    parsed = Formatter().parse(str(message.string))
    return {f"{name}{conversion or ''}{spec}" for _, name, spec, conversion in parsed if name}


def _ids(catalogue: Catalog) -> set[str]:
    return {str(message.id) for message in catalogue if message.id}
