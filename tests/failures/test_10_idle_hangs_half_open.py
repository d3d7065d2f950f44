"""Failure 10: IDLE hangs half-open (imapclient#349). It is noticed, and the poll still runs."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from keepwarm.connectors.contract import Later
from keepwarm.connectors.imap import ImapConnector
from keepwarm.storage.observations import Stream
from tests.daemon import count, end, imap_account, running, until
from tests.imap import mail, settings
from tests.letters import Note
from tests.servers.proxy import Proxy

if TYPE_CHECKING:
    from pathlib import Path

    from tests.servers.dovecot import MailAccount

INBOX = Stream("INBOX")
PATIENCE = 60.0  # seconds


def test_a_connection_that_nobody_forwards_any_more_is_noticed_and_made_anew(mail_account: MailAccount) -> None:
    with Proxy(mail_account.server.tls_port) as proxy:
        connector = ImapConnector(settings(mail_account, port=proxy.port, silence_seconds=0.3, answer_seconds=2.0))
        assert connector.wait(INBOX, 1.0) is False  # signs of life were asked for, and came
        proxy.hold()
        mail_account.deliver(mail(1))
        with pytest.raises(Later, match="did not answer in time"):
            connector.wait(INBOX, PATIENCE)
        assert connector.wait(INBOX, PATIENCE) is True  # what came meanwhile
        assert proxy.connections == 2
        mail_account.deliver(mail(2))
        assert connector.wait(INBOX, PATIENCE) is True
        connector.close()


def test_the_poll_still_runs_while_every_watch_hangs(tmp_path: Path, mail_account: MailAccount) -> None:
    mail_account.make_folder("Sent")
    with Proxy(mail_account.server.tls_port) as proxy:
        keepwarm = imap_account(tmp_path, mail_account, poll="1s", port=proxy.port)
        with running(keepwarm) as daemon:
            until(lambda: proxy.connections >= 3, daemon)  # a poll, and two watches
            proxy.hold()
            note = Note(at=datetime.now(UTC), author="Mia <mia@kept.test>", subject="Hello")
            mail_account.deliver(note.raw, at=note.at)
            until(lambda: count(tmp_path / "data" / "keepwarm.db", "message") == 1, daemon)
            end(daemon)
