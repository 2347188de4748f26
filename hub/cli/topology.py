"""`hub topology export`: what the broker has to hold, and who may do what there."""

import json
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import unquote, urlsplit

import typer

from hub.broker import definitions, password_hash, refusals_of, topology, user_of, users
from hub.cli.endpoints import wrong_endpoints
from hub.cli.failures import CommandFailure
from hub.cli.opened import routes, settings

__all__ = ["app"]

app: Final = typer.Typer(help="What the hub needs of RabbitMQ.", no_args_is_help=True)

_SHORTEST: Final = 20
"""Characters: RabbitMQ's hashes are quick to try, so that only chance protects a password."""


@app.callback()
def _topology() -> None:
    """A group, although it has one command yet."""


@app.command()
def export(
    passwords: Annotated[
        Path | None,
        typer.Option(help="Folder with a file for each user who has a password, named as it is."),
    ] = None,
) -> None:
    """Print RabbitMQ's definitions: exchanges, queues, and a user for each, with the least rights.

    For `rabbitmqctl import_definitions FILE`, or `load_definitions = FILE` in rabbitmq.conf. They
    hold hashes of passwords at most; without a file for it, a user can come with a certificate
    only. Export anew when routing.yaml names another system or online service.
    """
    chosen, table = settings(), routes()
    address = chosen.amqp_urls[0]
    hub = user_of(address)
    if hub == "guest":
        raise CommandFailure(
            "HUB_AMQP_URL names guest, who may do everything: write the hub's own user there, such"
            " as amqps://hub@rabbitmq.example/, with or without its password"
        )
    if wrong := list(wrong_endpoints(table)):
        raise CommandFailure(*wrong)
    known = users(table, hub)
    own = topology(table.authorities, chosen.providers)
    hashes = {} if passwords is None else _hashes(passwords, [user.name for user in known])
    vhost = unquote(urlsplit(address).path[1:]) or "/"
    print(json.dumps(definitions((own, refusals_of(known)), known, hashes, vhost), indent=2))


def _hashes(folder: Path, names: list[str]) -> dict[str, str]:
    files = {path.name: path for path in folder.iterdir() if path.is_file()}
    if strangers := sorted(files.keys() - set(names)):
        raise CommandFailure(
            *(
                f"{files[name]}: there is no user {name}; there are {', '.join(names)}"
                for name in strangers
            )
        )
    found = {name: path.read_text("utf-8").strip() for name, path in files.items()}
    if short := sorted(name for name, password in found.items() if len(password) < _SHORTEST):
        raise CommandFailure(
            *(
                f"{files[name]}: write at least {_SHORTEST} characters; `openssl rand -base64 24`"
                " makes some"
                for name in short
            )
        )
    return {name: password_hash(password) for name, password in found.items()}
