"""What XAusländer 26.11 has no element for, and why; `hub adapters check` proves it complete."""

from collections.abc import Mapping
from typing import Final

__all__ = ["LOST"]

LOST: Final[Mapping[str, str]] = {
    "submission.leika": "no element for the key of the service",
    "submission.language": "no element for the applicant's language; the hub keeps it",
    "submission.mailbox.**": "the mailbox stays with the hub, which brings the answers there",
    "submission.azr_number": "chapter OZG has no element for the AZR number",
    "submission.place": "the authority responsible for the place is named instead",
    "submission.documents.*.file_name": (
        "OZG.Dokument has no element for a file name: lost of papers, of authorisations and of "
        "everything in 130201; OZG.DokumentOderReferenz has one, and carries it"
    ),
    "agreement_reply.documents.*.file_name": "OZG.Dokument has no element for a file name",
    "receipt_confirmation.documents.*.file_name": "OZG.Dokument has no element for a file name",
}
