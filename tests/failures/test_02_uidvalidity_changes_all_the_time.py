"""Case 02: new UIDs parked a folder until somebody repaired it, or had it read for ever.

It is read anew by itself; where that is so all the time it is put off, three times a day being enough.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from keepwarm.storage import health
from keepwarm.storage.accounts import MOST_RENEWALS
from tests.contract.sources import mail
from tests.reader import NOW, Reader

if TYPE_CHECKING:
    from keepwarm.storage.database import Database
    from tests.servers.dovecot import MailAccount

HOUR = timedelta(hours=1)


@pytest.fixture
def reader(database: Database, mail_account: MailAccount) -> Reader:
    return Reader(database, mail_account)


def test_a_folder_that_is_numbered_anew_all_the_time_is_put_off_until_the_next_day(reader: Reader) -> None:
    account = reader.account
    account.deliver(mail(1))
    reader.read()
    for turn in range(MOST_RENEWALS):
        account.change_uidvalidity()
        assert reader.read(NOW + turn * HOUR).problems == []
    account.deliver(mail(2))
    account.change_uidvalidity()
    ((why, cure),) = reader.read(NOW + 5 * HOUR).problems
    assert "numbered the folder INBOX anew" in why
    assert "Ask who runs the server" in cure
    assert reader.numbers() == [1]
    with reader.store.database.reading() as connection:
        (told,) = health.streams(connection, ["work"])
    assert told.problem in why
    assert reader.read(NOW + 25 * HOUR).messages == 1
    assert reader.numbers() == [1, 2]
