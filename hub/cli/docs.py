"""`hub docs`: the contracts that programs are written against, generated from the code."""

import json
from typing import Any

import typer

from hub.asyncapi import asyncapi
from hub.web.api import openapi
from hub.web.applicant import embedded_document

__all__ = ["app"]

app = typer.Typer(help="Contracts as documents, generated from the code.", no_args_is_help=True)


@app.command("asyncapi")
def asyncapi_document() -> None:
    """Print the contract at the broker: AsyncAPI 3.0."""
    _show(asyncapi())


@app.command("openapi")
def openapi_document() -> None:
    """Print the contract of the JSON API: OpenAPI 3.1."""
    _show(openapi())


@app.command("applicant")
def applicant_document() -> None:
    """Print the contract behind an applicant's link, for authorities' pages: OpenAPI 3.1."""
    _show(embedded_document())


def _show(document: dict[str, Any]) -> None:
    print(json.dumps(document, indent=2, ensure_ascii=False))
