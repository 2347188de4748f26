"""TLS contexts: made once for each set of files, and again when one of the files changes.

TLS 1.2 or newer, with the ciphers that Python chooses; certificate and name of a server are
always checked.
"""

import ssl
from dataclasses import dataclass
from pathlib import Path

from hub.model.failure import PermanentFailure

__all__ = ["Contexts", "TlsFiles", "TlsFilesWrong", "renew", "serving_context"]


class TlsFilesWrong(PermanentFailure):
    """A certificate or key cannot be loaded; the sentence says which, and why."""

    def __init__(self, sentence: str) -> None:
        super().__init__("settings.certificate", sentence)


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """Whom to trust, and by what to prove who the hub is; all PEM.

    Attributes:
        ca: certificates of those whose word counts; the system's, if none.
        certificate: the hub's own, with those between it and its issuer.
        key: of that certificate, without a passphrase.
        setting: where the files are named, for the sentence that says what is wrong with one.
    """

    ca: Path | None = None
    certificate: Path | None = None
    key: Path | None = None
    setting: str = ""

    @property
    def named(self) -> tuple[Path, ...]:
        """The files that there are."""
        return tuple(each for each in (self.ca, self.certificate, self.key) if each is not None)

    def age(self) -> tuple[int, ...]:
        """Another one when a file was replaced; raises OSError if one is not there."""
        return tuple(path.stat().st_mtime_ns for path in self.named)


class Contexts:
    """The contexts of a client in use. Loading certificates costs milliseconds."""

    def __init__(self) -> None:
        self._made: dict[TlsFiles, tuple[tuple[int, ...], ssl.SSLContext]] = {}

    def of(self, files: TlsFiles) -> ssl.SSLContext:
        """The context for these files as they are now. Blocks while they are read.

        Raises:
            TlsFilesWrong: one of them is missing or is something else.
        """
        try:
            age = files.age()
        except OSError as error:
            raise _wrong(error, files, None) from None
        made = self._made.get(files)
        if made is None or made[0] != age:
            made = self._made[files] = (age, _client_context(files))
        return made[1]


def serving_context(files: TlsFiles) -> ssl.SSLContext:
    """For a server; with `ca` it asks each client for a certificate, and takes none as well.

    What is named in `ca` may be a client's own certificate, too: it need not have an issuer.

    Raises:
        TlsFilesWrong: a file is missing or is something else.
    """
    try:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=files.ca)
    except OSError as error:
        raise _wrong(error, files, files.ca) from None
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    _show(context, files)
    if files.ca is not None:
        context.verify_mode = ssl.CERT_OPTIONAL
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    return context


def renew(context: ssl.SSLContext, files: TlsFiles) -> None:
    """Let a server show what its files hold now; whoever is connected already stays so.

    Whom `ca` names anew is trusted, too. Whom it names no more, only after a new start.

    Raises:
        TlsFilesWrong: as with `serving_context`; then the old certificate is shown on.
    """
    serving_context(files)  # tried apart: half a certificate would stay in the one in use
    if files.ca is not None:
        context.load_verify_locations(files.ca)
    _show(context, files)


def _client_context(files: TlsFiles) -> ssl.SSLContext:
    try:
        # Whom the system trusts counts only where nobody else is named.
        context = ssl.create_default_context(cafile=files.ca)
    except OSError as error:
        raise _wrong(error, files, files.ca) from None
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    _show(context, files)
    return context


def _show(context: ssl.SSLContext, files: TlsFiles) -> None:
    if files.certificate is None:
        return
    try:
        # A key with a passphrase is an error: OpenSSL would ask for it at the terminal.
        context.load_cert_chain(files.certificate, files.key, password="")
    except OSError as error:  # also what OpenSSL finds wrong
        raise _wrong(error, files, files.certificate) from None


def _wrong(error: OSError, files: TlsFiles, path: Path | None) -> TlsFilesWrong:
    where = f"{files.setting}: " if files.setting else ""
    match error:
        case ssl.SSLError():
            why = "is no certificate in PEM, or its key is another one or has a passphrase"
            return TlsFilesWrong(f"{where}{path} {why} ({error.reason or 'nothing found'}).")
        case FileNotFoundError():
            missing = error.filename or path
            return TlsFilesWrong(f"{where}there is no file {missing}, or none of its key.")
    return TlsFilesWrong(f"{where}{path} or its key cannot be read ({error.strerror}).")
