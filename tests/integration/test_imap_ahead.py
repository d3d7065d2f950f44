"""The server works ahead: it is asked for structures before the headers are read, and for nothing twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from keepwarm.connectors.imap import ImapConnector, ImapSettings
from keepwarm.connectors.imap_messages import MOST_HELD, MessageReader
from keepwarm.connectors.imap_session import ImapSession
from keepwarm.connectors.mail import observe
from keepwarm.storage.observations import MessageSeen, Rejected, Stream
from tests.contract.sources import mail
from tests.servers.wire import Wire

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keepwarm.connectors.isolation import Observed
    from keepwarm.storage.observations import Batch
    from tests.servers.dovecot import MailAccount

STRUCTURE = "(UID BODYSTRUCTURE)"
PARTED = b"Content-Type: multipart/mixed; boundary=b\r\n"


@pytest.fixture
def wire(mail_account: MailAccount) -> Iterator[Wire]:
    with Wire(mail_account.server.port) as wire:
        yield wire


def settings(wire: Wire, account: MailAccount) -> ImapSettings:
    return ImapSettings(
        host="127.0.0.1", port=wire.port, tls="none", user=account.user, password=lambda: account.password
    )


def read(wire: Wire, account: MailAccount) -> list[Batch]:
    connector = ImapConnector(settings(wire, account))
    batches = list(connector.pull(Stream("INBOX"), None))
    connector.close()
    return batches


def with_parts(whole: bytes) -> bytes:
    header, _, body = whole.partition(b"\r\n\r\n")
    parts = b"--b\r\nContent-Type: text/plain\r\n\r\n" + body + b"\r\n--b--\r\n"
    return header + b"\r\n" + PARTED + b"\r\n" + parts


def fetches(wire: Wire) -> list[tuple[str, str]]:
    """Give what was fetched: the messages, and the last word of what was asked of them."""
    lines = (line.removeprefix("UID FETCH ") for line in wire.commands() if "FETCH" in line)
    return [(line.partition(" ")[0], STRUCTURE if line.endswith(STRUCTURE) else "header") for line in lines]


def test_each_batch_is_two_commands_and_nothing_is_asked_for_twice(wire: Wire, mail_account: MailAccount) -> None:
    mail_account.deliver(*(with_parts(mail(number)) for number in range(501)))
    assert [len(batch.seen) for batch in read(wire, mail_account)] == [500, 1]
    assert fetches(wire) == [("2:501", "header"), ("2:501", STRUCTURE), ("1", "header"), ("1", STRUCTURE)]


def test_the_structure_of_a_mail_that_was_set_aside_is_not_looked_at(wire: Wire, mail_account: MailAccount) -> None:
    mail_account.deliver(*(with_parts(mail(number)) for number in (1, 2, 3)))

    def all_but_the_second(raw_header: bytes, **what: Any) -> Observed:
        aside = Rejected(source_key=what["source_key"], reason="It ended three processes.")
        return (None, aside) if b"Message 2" in raw_header else observe(raw_header, **what)

    session = ImapSession(settings(wire, mail_account))
    state = session.examine("INBOX")
    reading = MessageReader(session, "INBOX", state.uidvalidity or 0, all_but_the_second).read([1, 2, 3])
    session.close()
    assert (sorted(reading.seen), sorted(reading.rejected)) == ([1, 3], [2])
    assert fetches(wire)[-1] == ("1,3", STRUCTURE)


def test_headers_too_large_to_be_held_together_are_all_read(wire: Wire, mail_account: MailAccount) -> None:
    large = b"Received: by many\r\n" * (MOST_HELD // 3 // 19)
    mail_account.deliver(*(large + with_parts(mail(number)) for number in range(7)))
    [batch] = read(wire, mail_account)
    assert [item.subject for item in batch.seen if isinstance(item, MessageSeen)] == [f"Message {n}" for n in range(7)]
    assert fetches(wire) == [("1:7", "header"), ("1:7", STRUCTURE)]
