"""Code lists as data: a code is only known together with its list's URI and version.

The lists lie beside this file, one JSON file each, as published; codes are never invented.
Where a list is not at hand the sender names it with its code (`ForeignCode`).
"""

from functools import cache
from importlib.resources import files
from typing import Annotated

from pydantic import AfterValidator, Field

from hub.model.record import Record

__all__ = [
    "ApplicationReason",
    "CodeList",
    "ContactChannel",
    "EndingReason",
    "FamilyRelation",
    "ForeignCode",
    "Gender",
    "MaritalStatus",
    "Nationality",
    "NotificationReason",
    "ResidenceReason",
    "SkilledWorkerReason",
    "StateCode",
    "StatusCode",
    "code_list",
]


class CodeList(Record):
    """One published list: what XÖV calls (listURI, listVersionID), and code → German name."""

    uri: str
    version: str
    name: str
    codes: dict[str, str]


@cache
def code_list(name: str) -> CodeList:
    """Load the list kept as `codelists/<name>.json`."""
    path = files("hub.model").joinpath("codelists", f"{name}.json")
    return CodeList.model_validate_json(path.read_bytes())


class ForeignCode(Record):
    """A code of a list that the hub does not keep: its sender names list and version."""

    list_uri: str = Field(pattern=r"^urn:[A-Za-z0-9:._-]{1,200}$")
    list_version: str = Field(pattern=r"^[A-Za-z0-9.-]{1,20}$")
    code: str = Field(pattern=r"^[A-Za-z0-9._-]{1,20}$")


def _of(name: str) -> AfterValidator:
    def check(code: str) -> str:
        known = code_list(name)
        if code not in known.codes:
            raise ValueError(f"not a code of {known.uri}, version {known.version}")
        return code

    return AfterValidator(check)


StatusCode = Annotated[str, _of("status")]
ApplicationReason = Annotated[str, _of("application_reason")]
ResidenceReason = Annotated[str, _of("residence_reason")]
NotificationReason = Annotated[str, _of("notification_reason")]
EndingReason = Annotated[str, _of("ending_reason")]
FamilyRelation = Annotated[str, _of("family_relation")]
SkilledWorkerReason = Annotated[str, _of("skilled_worker_reason")]
Gender = Annotated[str, _of("gender")]
MaritalStatus = Annotated[str, _of("marital_status")]
ContactChannel = Annotated[str, _of("contact_channel")]
StateCode = Annotated[str, _of("state")]

Nationality = Annotated[str, Field(pattern=r"^[0-9]{3}$")]
"""Destatis key. Checked by shape only: the list of states has no keys for stateless persons."""
