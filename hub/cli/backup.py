"""`hub backup` and `hub restore`: store and documents, copied while hubs are at work, and back."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from hub.cli.acting import actor
from hub.cli.opened import settings
from hub.cli.output import show_json
from hub.store import Manifest, Restored, Sealer, back_up
from hub.store import restore as put_back

__all__ = ["backup", "restore"]

AsJson = Annotated[bool, typer.Option("--json", help="As JSON.")]


def backup(
    folder: Annotated[Path, typer.Argument(help="The backup; nothing may be there yet.")],
    json: AsJson = False,
) -> None:
    """Copy the store and the documents as they are now; hubs may be at work meanwhile.

    Contents stay encrypted. The content key is not in it: keep that elsewhere, and keep it.
    """
    chosen = settings()
    made = back_up(
        chosen.store_at,
        chosen.documents,
        folder.absolute(),
        keys=Sealer.from_text(chosen.keys()).key_ids,
        actor=actor(),
        now=lambda: datetime.now(UTC),
    )
    if json:
        show_json(Manifest, made)
        return
    print(f"{folder} has everything up to {made.made_at:%Y-%m-%d %H:%M:%S} UTC:")
    print(f"  {made.cases} cases, {made.owed} messages owed or without a receipt,")
    print(f"  {made.documents} documents, {made.document_bytes / 1e6:.1f} MB.")
    print(
        f"Content keys needed to read it: {', '.join(made.keys) or 'none yet'}. They are NOT in it,"
        " and without them it is worth nothing: keep them elsewhere, with routing.yaml and the"
        " other settings."
    )


def restore(
    folder: Annotated[Path, typer.Argument(help="A backup.")],
    json: AsJson = False,
) -> None:
    """Put a backup where nothing is: no store, and no documents. No hub may run.

    What was owed when it was made is sent again, under the same UUIDs and marked in doubt.
    """
    chosen = settings()
    there = put_back(
        folder.absolute(),
        chosen.store_at,
        chosen.documents,
        keys=Sealer.from_text(chosen.keys()).key_ids,
        actor=actor(),
        now=datetime.now(UTC),
    )
    if json:
        show_json(Restored, there)
    else:
        made = there.backup
        print(f"Restored: everything up to {made.made_at:%Y-%m-%d %H:%M:%S} UTC.")
        print(f"  {made.cases} cases, {made.documents} documents;")
        print(f"  {there.in_doubt} messages are owed, and in doubt: they may have arrived since.")
    print(
        "What came after is not in it, and cases erased after are back: docs/backup.md says what"
        " to do about both before the hub is started.",
        file=sys.stderr,
    )
