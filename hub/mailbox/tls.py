"""What a provider's server has to show: a certificate of someone the hub trusts."""

import ssl
from pathlib import Path

from hub.model.failure import PermanentFailure

__all__ = ["trusting"]


def trusting(ca_file: Path | None, setting: str) -> ssl.SSLContext:
    """A context that trusts those in `ca_file`, or whom the system trusts.

    Raises:
        PermanentFailure: the file, which `setting` names, cannot be read or holds no certificate.
    """
    try:
        return ssl.create_default_context(cafile=ca_file)
    except OSError:  # also what OpenSSL finds wrong
        sentence = f"{setting}: {ca_file} is not there or holds no certificate in PEM."
        raise PermanentFailure("settings.certificate", sentence) from None
