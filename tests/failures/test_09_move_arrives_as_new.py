"""Case 09: a mail that was moved arrives as a new one, under another UID. It is the same fact."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from keepwarm.storage import first_reads, health
from keepwarm.storage.tables import message
from tests.contract.sources import mail
from tests.reader import NOW, Reader

if TYPE_CHECKING:
    from keepwarm.storage.database import Database
    from tests.servers.dovecot import MailAccount


@pytest.fixture
def reader(database: Database, mail_account: MailAccount) -> Reader:
    return Reader(database, mail_account)


def test_a_mail_that_was_moved_is_no_new_fact(reader: Reader) -> None:
    account = reader.account
    account.deliver(mail(1), mail(2))
    reader.read()
    account.move("INBOX", "Clients/Acme")
    outcome = reader.read()
    assert (outcome.messages, outcome.problems) == (0, [])
    account.move("Clients/Acme", "INBOX")
    assert reader.read().messages == 0
    assert reader.store.rows(select(func.count()).select_from(message)) == [(2,)]


def test_a_folder_that_was_removed_is_no_worry_any_more(reader: Reader) -> None:
    reader.account.deliver(mail(1), folder="Old")
    reader.read()
    reader.account.remove_folder("Old")
    assert reader.read(NOW + timedelta(days=90)).problems == []
    with reader.store.database.reading() as connection:
        assert [one.stream for one in health.streams(connection, ["work"])] == ["INBOX"]
        assert not first_reads.unfinished(connection, ["work"])
    assert reader.numbers() == [1]
