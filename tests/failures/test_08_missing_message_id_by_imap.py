"""Case 08, from a real server: mails without a Message-ID and with the same text stay two; copies of one are one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.contract.sources import mail
from tests.reader import Reader

if TYPE_CHECKING:
    from keepwarm.storage.database import Database
    from tests.servers.dovecot import MailAccount


@pytest.fixture
def reader(database: Database, mail_account: MailAccount) -> Reader:
    return Reader(database, mail_account)


def test_mails_without_an_id_and_with_the_same_text_stay_two(reader: Reader) -> None:
    first, second = (mail(number).replace(b"Message-ID", b"X-No-ID") for number in (1, 2))
    reader.account.deliver(first, second.replace(b"Message 2", b"Message 1"))
    reader.account.deliver(first, folder="Copies")
    assert reader.read().messages == 2
