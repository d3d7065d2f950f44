"""Push by IMAP: a real Dovecot says by IDLE that there is something new, a scripted server by NOOP, or not at all."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest

from keepwarm.connectors.contract import Later, Pushes, Refused, SignInNeeded
from keepwarm.connectors.imap import ImapConnector
from keepwarm.storage.observations import Stream
from tests.imap import mail, scripted, settings
from tests.servers.proxy import Proxy
from tests.servers.scripted_imap import ScriptedImap

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tests.servers.dovecot import Dovecot, MailAccount

INBOX = Stream("INBOX")
PATIENCE = 60.0  # seconds; what comes, comes much sooner
A_MOMENT = 0.3  # seconds

IDLING = b"+ idling\r\n"


def idle_server(answers: Mapping[str, Any]) -> ScriptedImap:
    """Give a scripted server that says it has IDLE."""
    return ScriptedImap({"CAPABILITY": b"* CAPABILITY IMAP4rev1 AUTH=PLAIN IDLE\r\nTAG OK done\r\n", **answers})


@pytest.fixture
def watching(mail_account: MailAccount) -> Iterator[Callable[..., ImapConnector]]:
    """Give connectors to a mailbox with one message; an hour may pass before they say anything by themselves."""
    mail_account.deliver(mail(1))
    made = []

    def make(**others: Any) -> ImapConnector:
        made.append(ImapConnector(settings(mail_account, **others)))
        return made[-1]

    yield make
    for connector in made:
        connector.close()


def begun(connector: ImapConnector, stream: Stream = INBOX) -> ImapConnector:
    """Have a stream watched from now on."""
    assert connector.wait(stream, 0) is False
    return connector


@pytest.mark.parametrize("tls", ["implicit", "starttls", "none"])
def test_a_message_that_arrives_is_hinted_at(watching: Any, mail_account: MailAccount, tls: str) -> None:
    server = mail_account.server
    connector = begun(watching(tls=tls, port=server.tls_port if tls == "implicit" else server.port))
    for number in range(2, 4):
        mail_account.deliver(mail(number))
        assert connector.wait(INBOX, PATIENCE) is True
    assert connector.wait(INBOX, A_MOMENT) is False


def test_what_arrives_between_two_waits_is_hinted_at(watching: Any, mail_account: MailAccount) -> None:
    connector = begun(watching())
    assert connector.wait(INBOX, A_MOMENT) is False
    mail_account.deliver(mail(2))
    assert threading.Event().wait(2 * A_MOMENT) is False
    assert connector.wait(INBOX, PATIENCE) is True


def test_a_watch_is_renewed_and_goes_on(watching: Any, mail_account: MailAccount) -> None:
    connector = begun(watching(idle_seconds=0.05))
    assert connector.wait(INBOX, 1.0) is False
    mail_account.deliver(mail(2))
    assert connector.wait(INBOX, PATIENCE) is True


def test_a_watch_is_renewed_in_time_however_much_is_said() -> None:
    with idle_server({"IDLE": IDLING, "DONE": b"* OK Still here\r\nTAG OK idled\r\n"}) as server:
        connector = begun(scripted(server, idle_seconds=0.05, silence_seconds=10 * PATIENCE))
        assert connector.wait(INBOX, 1.0) is False
        assert server.script.heard.count("IDLE") > 2
        connector.close()


def test_the_usual_renewal_is_well_before_a_server_hangs_up(mail_account: MailAccount) -> None:
    usual = settings(mail_account)
    assert usual.idle_seconds + usual.answer_seconds < 29 * 60  # RFC 2177
    assert usual.silence_seconds <= usual.idle_seconds


def test_what_is_deleted_is_no_news_and_hides_none(watching: Any, mail_account: MailAccount) -> None:
    mail_account.deliver(mail(2), mail(3))
    connector = begun(watching())
    place = mail_account.make_folder("INBOX")
    for file in [*(place / "new").iterdir(), *(place / "cur").iterdir()][:2]:
        file.unlink()
    assert connector.wait(INBOX, 2.0) is False
    mail_account.deliver(mail(4))
    assert connector.wait(INBOX, PATIENCE) is True


def test_the_inbox_and_what_was_sent_are_worth_watching(watching: Any, mail_account: MailAccount) -> None:
    for folder in ("Archive", "Lists", "Sent"):
        mail_account.make_folder(folder)
    connector = watching()
    connector.streams()
    assert isinstance(connector, Pushes)
    assert list(connector.watched()) == [INBOX, Stream("Sent")]


def test_what_was_sent_is_watched_under_any_usual_name(watching: Any, mail_account: MailAccount) -> None:
    mail_account.make_folder("Gesendete Elemente")
    connector = watching()
    connector.streams()
    assert list(connector.watched()) == [INBOX, Stream("Gesendete Elemente")]


def test_all_mail_is_watched_where_it_stands_for_the_inbox(watching: Any, mail_account: MailAccount) -> None:
    mail_account.make_folder("Everything")
    connector = watching()
    connector.streams()
    assert list(connector.watched()) == [Stream("Everything")]


def test_two_folders_are_watched_on_a_connection_each(watching: Any, mail_account: MailAccount) -> None:
    sent = Stream("Sent")
    mail_account.make_folder("Sent")
    connector = begun(begun(watching()), sent)
    mail_account.deliver(mail(2), folder="Sent")
    assert connector.wait(INBOX, A_MOMENT) is False
    assert connector.wait(sent, PATIENCE) is True


def test_watching_writes_nothing(watching: Any, mail_account: MailAccount) -> None:
    before = mail_account.files()
    begun(watching(idle_seconds=0.05)).wait(INBOX, A_MOMENT)
    assert mail_account.files() == before


def test_it_can_be_interrupted_and_stays_so(watching: Any) -> None:
    connector = begun(watching())
    threading.Timer(A_MOMENT, connector.interrupt).start()
    assert connector.wait(INBOX, 10 * PATIENCE) is False  # the test would time out
    assert connector.wait(INBOX, 10 * PATIENCE) is False


def test_a_lost_connection_is_told_and_what_came_meanwhile_is_hinted_at(
    watching: Any, mail_account: MailAccount
) -> None:
    with Proxy(mail_account.server.tls_port) as proxy:
        connector = begun(watching(port=proxy.port))
        proxy.cut()
        with pytest.raises(Later):
            connector.wait(INBOX, PATIENCE)
        mail_account.deliver(mail(2))
        assert connector.wait(INBOX, PATIENCE) is True


def test_a_server_that_stops_says_so_and_is_watched_again_when_it_is_back(dovecot: Dovecot) -> None:
    account = dovecot.add_user()
    connector = begun(ImapConnector(settings(account)))
    dovecot.stop()
    for _ in range(2):
        with pytest.raises(Later):
            connector.wait(INBOX, PATIENCE)
    dovecot.start()
    begun(connector)
    connector.close()


def test_a_refused_password_is_told_by_the_wait_too(watching: Any) -> None:
    with pytest.raises(SignInNeeded):
        watching(password=lambda: "wrong").wait(INBOX, PATIENCE)


def test_a_folder_that_is_gone_is_told(watching: Any) -> None:
    with pytest.raises(Refused, match="Nowhere"):
        watching().wait(Stream("Nowhere"), PATIENCE)


# What Dovecot never does


def noop(*answers: bytes) -> dict[str, Any]:
    """Answer NOOP with each of these in turn, and then say that nothing is new."""
    said = iter(answers)
    return {"NOOP": lambda _line: next(said, b"") + b"TAG OK done\r\n"}


def test_a_server_without_idle_is_asked_by_noop() -> None:
    with ScriptedImap(noop(b"", b"* 4 EXISTS\r\n")) as server:
        connector = begun(scripted(server, noop_seconds=0.05))
        assert connector.wait(INBOX, PATIENCE) is True
        assert server.script.heard.count("NOOP") == 2
        assert "IDLE" not in server.script.heard
        assert connector.wait(INBOX, A_MOMENT) is False
        connector.close()


@pytest.mark.parametrize("answer", [b"TAG BAD what?\r\n", b"TAG NO not now\r\n", b"+ idling\r\nTAG OK enough\r\n"])
def test_a_server_that_offers_idle_and_does_not_keep_to_it_is_asked_by_noop(answer: bytes) -> None:
    with idle_server({"IDLE": answer, **noop(b"* 4 EXISTS\r\n")}) as server:
        connector = begun(scripted(server, noop_seconds=1.0))
        assert connector.wait(INBOX, PATIENCE) is True
        assert server.script.heard.count("IDLE") == 1
        connector.close()


@pytest.mark.parametrize(
    ("said", "is_news"),
    [
        (b"* OK Still here\r\n", False),
        (b"* 3 EXISTS\r\n", False),
        (b"* 2 FETCH (FLAGS (\\Seen))\r\n", False),
        (b"* 1 EXPUNGE\r\n* 2 EXISTS\r\n", False),
        (b"* 1 EXPUNGE\r\n* 3 EXISTS\r\n", True),
        (b"* 4 exists\r\n", True),
        (b"* 9999999999999 EXISTS\r\n* nothing\r\n\xff\xfe\r\n\r\n", False),
    ],
)
def test_only_a_greater_number_of_messages_is_news(said: bytes, is_news: bool) -> None:
    with idle_server({"IDLE": IDLING + said}) as server:
        connector = begun(scripted(server))
        assert connector.wait(INBOX, PATIENCE if is_news else A_MOMENT) is is_news
        connector.close()


@pytest.mark.parametrize("command", ["EXAMINE", "CAPABILITY"])
def test_news_in_the_same_breath_as_an_answer_is_not_lost(command: str) -> None:
    """The first is read together with the answer, the second while the session still asks what the server can do."""
    answers = {
        "EXAMINE": b"* 3 EXISTS\r\n* OK [UIDVALIDITY 7] .\r\n* OK [UIDNEXT 4] .\r\nTAG OK done\r\n",
        "CAPABILITY": b"* CAPABILITY IMAP4rev1 AUTH=PLAIN IDLE\r\nTAG OK done\r\n",
    }
    answers[command] += b"* 4 EXISTS\r\n"
    with ScriptedImap({"IDLE": IDLING, **answers}) as server:
        connector = scripted(server)
        assert connector.wait(INBOX, PATIENCE) is True
        connector.close()


def test_a_goodbye_is_told_as_a_reason_to_wait() -> None:
    with idle_server({"IDLE": b"+ idling\r\n* BYE shutting down for repairs\r\n"}) as server:
        connector = begun(scripted(server))
        with pytest.raises(Later, match="shutting down for repairs"):
            connector.wait(INBOX, PATIENCE)


def test_a_line_without_end_ends_the_watch() -> None:
    with idle_server({"IDLE": b"+ idling\r\n* " + b"x" * 200_000}) as server:
        connector = begun(scripted(server))
        with pytest.raises(Later, match="without an end"):
            connector.wait(INBOX, PATIENCE)


def test_an_idle_that_is_not_answered_is_given_up() -> None:
    with idle_server({"IDLE": b"* OK hm\r\n"}) as server:
        connector = begun(scripted(server, answer_seconds=A_MOMENT))
        with pytest.raises(Later, match="did not answer in time"):
            connector.wait(INBOX, PATIENCE)
