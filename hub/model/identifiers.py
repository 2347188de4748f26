"""Names of things: validated types instead of bare strings.

Shapes are those of the XInneres and XAusländer 26.11 schemas; no check digits are known.
Patterns say [0-9]: the digit class of pydantic's regular expressions takes digits of every script.
"""

from typing import Annotated, NewType
from uuid import UUID

from pydantic import Field

__all__ = [
    "Ags",
    "ApplicationId",
    "Ars",
    "ArsPrefix",
    "AuthorityKey",
    "AzrNumber",
    "CaseId",
    "DirectoryKey",
    "DocumentId",
    "LeikaKey",
    "MessageUuid",
    "Sha256",
]

AuthorityKey = Annotated[str, Field(pattern=r"^[0-9]{6}$")]
"""Six digits of the list `abhkennung`; in the directory it stands as `azr:<key>`."""

DirectoryKey = Annotated[str, Field(pattern=r"^[a-z0-9]{2,10}:[A-Za-z0-9._-]{1,64}$")]
"""`prefix:id` of the services directory (DVDV): `azr:` an authority, `alp:` a sending portal."""

Ars = Annotated[str, Field(pattern=r"^[0-9]{12}$")]
"""Regional key: state 2, district 1, county 2, association 4, municipality 3 digits."""

ArsPrefix = Annotated[str, Field(pattern=r"^([0-9]{2}|[0-9]{3}|[0-9]{5}|[0-9]{9}|[0-9]{12})$")]
"""The beginning of a regional key, ending where one of its parts ends."""

Ags = Annotated[str, Field(pattern=r"^[0-9]{8}$")]
"""Municipality key: the regional key without the association."""

LeikaKey = Annotated[str, Field(pattern=r"^99[0-9]{12}$")]
"""Key of a service in the federal catalogue of services."""

AzrNumber = Annotated[str, Field(pattern=r"^[0-9]{2}(0[0-9]|1[0-2])([0-2][0-9]|3[01])[0-9]{6}$")]
"""Number of a person in the central register of foreigners."""

ApplicationId = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9./_-]{0,63}$")]
"""`antragsidentifikation`, the case token (Vorgangsnummer): unique within the sending side."""

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]

CaseId = NewType("CaseId", UUID)
"""The id of the submission that began the case."""

MessageUuid = NewType("MessageUuid", UUID)
"""`nachrichtenUUID`: the same when a message is sent again, another when it is corrected."""

DocumentId = NewType("DocumentId", UUID)
