"""A letter that waits, and the e-mail that says so, against a real SMTP server."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from hub.language import catalogue
from hub.mailbox import HalfDone
from hub.mailbox.letters import TEXTS
from hub.mailbox.local import LocalMailbox
from hub.mailbox.notice import MailSender, NoticeMailbox, Server, address
from hub.mailbox.notice.mail import notice
from hub.model.downward import Language
from hub.model.failure import EndpointDown, PermanentFailure, TransientFailure
from hub.model.identifiers import CaseId, MessageUuid
from hub.model.letter import Letter, Part, Shortfall
from hub.store import Store
from tests.mailbox.conftest import now
from tests.mailbox.contract import SECRET, Arrived, MailboxContract, Outcome, arrived, letter_to
from tests.mailbox.mail_server import ACCOUNT, MailServer, a_mail_server, authenticate, starttls
from tests.transport.certificates import CertificateAuthority, server_context

OLA = "ola.muster@example.org"
FROM = address("postfach@hub.example")


def link(case: CaseId) -> str:
    return f"https://hub.example/cases/token-{'x' * 90}"


@pytest.fixture(scope="module")
def ca(tmp_path_factory: pytest.TempPathFactory) -> CertificateAuthority:
    return CertificateAuthority(tmp_path_factory.mktemp("ca"))


@pytest.fixture
def server(ca: CertificateAuthority) -> Iterator[MailServer]:
    with a_mail_server(**starttls(server_context(ca.identity("mail")))) as server:
        yield server


def by(server: MailServer, ca: CertificateAuthority, scheme: str = "smtp", **more: str) -> Server:
    return Server(f"{scheme}://127.0.0.1:{server.port}", ca_file=ca.certificate, **more)


def mailbox_by(store: Store, server: Server) -> NoticeMailbox:
    return NoticeMailbox(store, LocalMailbox(store), MailSender(server), FROM, link, now)


@pytest.fixture
def mailbox(store: Store, server: MailServer, ca: CertificateAuthority) -> NoticeMailbox:
    return mailbox_by(store, by(server, ca))


class NoticeFarEnd:
    """The local mailbox, and the server that takes the e-mails."""

    accounts = (OLA, "ada.muster@example.org")
    knows = frozenset[Outcome]({"be busy", "vanish", "be away"})

    def __init__(self, store: Store, server: MailServer) -> None:
        self._store = store
        self._server = server
        self._away = False

    async def letters(self, account: str) -> list[Arrived]:
        found = await LocalMailbox(self._store).list_letters(account=account)
        return [arrived(self._store, letter) for letter in found]

    def hopeless(self, letter: Letter) -> Letter:
        mailbox = letter.mailbox.model_copy(update={"account": "ola.muster"})
        return letter.model_copy(update={"mailbox": mailbox})

    async def next(self, outcome: Outcome) -> None:
        if outcome == "be away":
            self._server.stop()
            self._away = True
        else:
            self._server.answers.append("busy" if outcome == "be busy" else "close")

    async def come_back(self) -> None:
        if self._away:
            self._server.start()
            self._away = False


@pytest.fixture
def far_end(store: Store, server: MailServer) -> Iterator[NoticeFarEnd]:
    far_end = NoticeFarEnd(store, server)
    yield far_end
    if far_end._away:
        server.start()  # so that it can be stopped


class TestNoticeKeepsTheContract(MailboxContract):
    pass


async def test_the_mail_says_that_a_letter_waits_and_nothing_else(
    mailbox: NoticeMailbox, server: MailServer
) -> None:
    letter = letter_to(OLA)
    await mailbox.deliver(letter)
    [mail], [(sender, recipients)] = server.mails, server.envelopes
    assert (sender, recipients) == ("postfach@hub.example", [OLA])
    assert server.encrypted == [True]
    assert mail["Subject"] == "Eine Nachricht wartet auf Sie"
    assert (mail.get_content_type(), mail.get_content_charset()) == ("text/plain", "utf-8")
    assert mail["Auto-Submitted"] == "auto-generated"
    text = mail.get_content()
    assert text.splitlines().count(link(letter.case)) == 1
    everything = mail.as_string() + text + mail["Subject"]
    private = (SECRET, letter.title, letter.sender, letter.application_id, str(letter.case))
    for each in (*private, "Ausländerbehörde", "immigration"):
        assert each not in everything
    assert not mail.is_multipart()


@pytest.mark.parametrize("languages", [("ar",), ("uk",), ("de", "en")])
async def test_the_mail_speaks_the_languages_of_the_letter(
    mailbox: NoticeMailbox, server: MailServer, languages: tuple[Language, ...]
) -> None:
    parts = tuple(Part(language=language, text="…") for language in languages)
    letter = letter_to(OLA).model_copy(update={"parts": parts})
    await mailbox.deliver(letter)
    [mail] = server.mails
    spoken = [catalogue(TEXTS, language) for language in languages]
    assert mail["Subject"] == " / ".join(each.say("notice.subject") for each in spoken if each)
    assert mail.get_content().splitlines().count(link(letter.case)) == len(languages)


async def test_a_letter_that_comes_again_is_not_told_again(
    mailbox: NoticeMailbox, server: MailServer
) -> None:
    letter = letter_to(OLA)
    await mailbox.deliver(letter)
    await mailbox.deliver(letter)
    assert len(server.mails) == 1


async def test_a_mail_in_doubt_is_repeated_under_the_same_id(
    mailbox: NoticeMailbox, server: MailServer
) -> None:
    letter = letter_to(OLA)
    server.answers.append("close")
    with pytest.raises(TransientFailure):
        await mailbox.deliver(letter)
    await mailbox.deliver(letter)
    ids = [mail["Message-ID"] for mail in server.mails]
    assert ids == [f"<{letter.id}@hub.example>"] * 2


async def test_the_time_of_provision_stays_that_of_the_letter_when_the_mail_comes_later(
    store: Store, mailbox: NoticeMailbox, server: MailServer
) -> None:
    letter = letter_to(OLA)
    server.stop()
    with pytest.raises(EndpointDown):
        await mailbox.deliver(letter)
    put = await LocalMailbox(store).deliver(letter)
    server.start()
    assert await mailbox.deliver(letter) == put


@pytest.mark.parametrize("answer", ["no such user", "spam"])
async def test_a_letter_that_nobody_can_be_told_of_is_provided_and_says_so(
    store: Store, mailbox: NoticeMailbox, server: MailServer, answer: str
) -> None:
    letter = letter_to(OLA)
    server.answers.append(answer)  # type: ignore[arg-type]
    provided = await mailbox.deliver(letter)
    assert provided.shortfall == Shortfall(event="notice_failed", cause="notice.refused")
    assert len(await LocalMailbox(store).list_letters(account=OLA)) == 1


async def test_a_letter_whose_mail_is_not_taken_now_is_half_done(
    store: Store, mailbox: NoticeMailbox, server: MailServer
) -> None:
    letter = letter_to(OLA)
    server.answers.append("busy")
    with pytest.raises(HalfDone) as raised:
        await mailbox.deliver(letter)
    untold = Shortfall(event="notice_failed", cause="notice.busy")
    put = await LocalMailbox(store).deliver(letter)
    assert raised.value.provided == put.model_copy(update={"shortfall": untold})


async def test_a_connection_lost_before_the_mail_was_sent_is_no_doubt(
    mailbox: NoticeMailbox, server: MailServer
) -> None:
    server.answers.append("close before")
    with pytest.raises(EndpointDown):
        await mailbox.deliver(letter_to(OLA))
    assert server.mails == []


async def test_a_server_without_encryption_is_told_nothing(
    store: Store, ca: CertificateAuthority
) -> None:
    with a_mail_server() as plain:
        with pytest.raises(EndpointDown) as raised:
            await mailbox_by(store, by(plain, ca)).deliver(letter_to(OLA))
        assert raised.value.cause == "notice.unencrypted"
        assert plain.envelopes == []


async def test_a_server_with_a_strangers_certificate_is_told_nothing(
    store: Store, server: MailServer, tmp_path: Path
) -> None:
    stranger = CertificateAuthority(tmp_path, "stranger")
    with pytest.raises(EndpointDown) as raised:
        await mailbox_by(store, by(server, stranger)).deliver(letter_to(OLA))
    assert raised.value.cause == "notice.certificate"
    assert server.envelopes == []


async def test_tls_from_the_first_byte(store: Store, ca: CertificateAuthority) -> None:
    context = server_context(ca.identity("mail"))
    with a_mail_server(ssl_context=context) as server:
        await mailbox_by(store, by(server, ca, "smtps")).deliver(letter_to(OLA))
        assert len(server.mails) == 1


async def test_a_server_on_this_machine_may_do_without(
    store: Store, ca: CertificateAuthority
) -> None:
    with a_mail_server() as plain:
        await mailbox_by(store, by(plain, ca, "smtp+plain")).deliver(letter_to(OLA))
        assert plain.encrypted == [False]


@pytest.mark.parametrize(("password", "good"), [(ACCOUNT[1].decode(), True), ("wrong", False)])
async def test_who_has_an_account_logs_in(
    store: Store, ca: CertificateAuthority, password: str, good: bool
) -> None:
    options = {"authenticator": authenticate, "auth_required": True}
    with a_mail_server(**starttls(server_context(ca.identity("mail"))), **options) as server:
        mailbox = mailbox_by(store, by(server, ca, user="hub", password=password))
        if good:
            await mailbox.deliver(letter_to(OLA))
        else:
            with pytest.raises(EndpointDown) as raised:
                await mailbox.deliver(letter_to(OLA))
            assert raised.value.cause == "notice.denied"
            assert password not in str(raised.value)
        assert len(server.mails) == good


def test_a_password_is_not_shown() -> None:
    assert "secret" not in repr(Server("smtp://127.0.0.1", user="hub", password="secret"))


@pytest.mark.parametrize(
    "account", ["ola", "@example.org", "ola@", "ola@@example.org", "a@b@c.de", "a..b@c.de"]
)
def test_what_is_no_address_is_not_written_to(account: str) -> None:
    with pytest.raises(PermanentFailure) as raised:
        address(account)
    assert account not in str(raised.value)


@pytest.mark.parametrize("account", ["ola@example.org\r\nBcc: eve@example.org", "a@b.de, c@d.de"])
def test_an_account_adds_neither_headers_nor_recipients(account: str) -> None:
    with pytest.raises(PermanentFailure):
        address(account)


def test_the_mail_of_a_letter_is_the_same_but_for_its_date() -> None:
    letter, german = MessageUuid(uuid4()), catalogue(TEXTS, "de")
    assert german is not None
    to = address(OLA)
    mails = [notice(letter, FROM, to, "https://hub.example/x", [german], now()) for _ in range(2)]
    for mail in mails:
        del mail["Date"]
    assert mails[0].as_bytes() == mails[1].as_bytes()
