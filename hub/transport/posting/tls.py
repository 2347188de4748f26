"""TLS contexts, made once for each set of files and again when one of the files changes."""

import ssl
from pathlib import Path

from hub.model.failure import EndpointDown
from hub.transport.posting.settings import PostingSettings

__all__ = ["TlsContexts"]

_Files = tuple[Path | None, Path | None, Path | None]


class TlsContexts:
    """The contexts in use. Loading certificates costs milliseconds, a connection none."""

    def __init__(self) -> None:
        self._made: dict[_Files, tuple[tuple[int, ...], ssl.SSLContext]] = {}

    def of(self, settings: PostingSettings) -> ssl.SSLContext:
        """The context for an endpoint. Blocks while files are read.

        Raises:
            EndpointDown: a certificate or key is missing or wrong.
        """
        files = (settings.ca_file, settings.cert_file, settings.key_file)
        try:
            age = tuple(path.stat().st_mtime_ns for path in files if path is not None)
            made = self._made.get(files)
            if made is None or made[0] != age:
                made = self._made[files] = (age, _context(*files))
        except (OSError, ssl.SSLError) as error:
            reason = error.reason if isinstance(error, ssl.SSLError) else error.strerror
            raise EndpointDown(
                "endpoint.certificate", f"A certificate or key cannot be loaded: {reason}."
            ) from None
        return made[1]


def _context(ca: Path | None, certificate: Path | None, key: Path | None) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=ca)
    if certificate is not None:
        context.load_cert_chain(certificate, key)
    return context
