"""Case 01: after UIDVALIDITY has changed, a UID means another mail. Nothing is passed over, nothing doubled."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from keepwarm.storage.tables import stream
from tests.contract.sources import mail
from tests.reader import Reader

if TYPE_CHECKING:
    from keepwarm.storage.database import Database
    from tests.servers.dovecot import MailAccount


@pytest.fixture
def reader(database: Database, mail_account: MailAccount) -> Reader:
    return Reader(database, mail_account)


def test_mail_under_a_uid_that_was_used_before_is_read_and_what_is_known_recognised(reader: Reader) -> None:
    account = reader.account
    account.deliver(mail(1), mail(2), mail(3))
    assert reader.read().messages == 3
    account.expunge(count=2)
    account.change_uidvalidity()
    account.deliver(mail(4))  # as UID 2, which was another mail's
    outcome = reader.read()
    assert (outcome.messages, outcome.problems) == (1, [])
    assert reader.numbers() == [1, 2, 3, 4]
    assert reader.read().messages == 0
    assert reader.store.rows(select(stream.c.generation, stream.c.problem)) == [(2, "")]
