"""A mailbox on a real server, read into a database as the daemon does it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import select

from keepwarm.connectors.imap import ImapConnector, ImapSettings
from keepwarm.daemon.account_pass import AccountPass
from keepwarm.daemon.accounts import ImapAccount
from keepwarm.daemon.progress import Silent
from keepwarm.storage.tables import message
from tests.storage.world import SAM, Store

if TYPE_CHECKING:
    from collections.abc import Callable

    from keepwarm.daemon.account_pass import AccountOutcome, Watcher
    from keepwarm.storage.database import Database
    from tests.servers.dovecot import MailAccount
    from tests.servers.wire import Wire

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


class Reader:
    """Reads one account."""

    def __init__(self, database: Database, account: MailAccount) -> None:
        self.store = Store(database)
        self.account = account

    def read(
        self,
        now: datetime = NOW,
        watcher: Watcher | None = None,
        first_look: Callable[[], None] = lambda: None,
        wire: Wire | None = None,
    ) -> AccountOutcome:
        """Pass over the account once; by ``wire``, if there is one."""
        server = self.account.server
        account = ImapAccount.model_validate(
            {
                "name": "work",
                "kind": "imap",
                "address": SAM,
                "host": server.host,
                "password": {"command": "true"},
            }
        )
        settings = ImapSettings(
            host=server.host,
            port=wire.port if wire else server.tls_port,
            tls="none" if wire else "implicit",
            ca_file=server.ca_file,
            user=self.account.user,
            password=lambda: self.account.password,
        )
        one_pass = AccountPass(
            account, ImapConnector(settings), self.store.database, self.store.ingest, lambda: now, first_look
        )
        return one_pass.run(watcher or Silent())

    def numbers(self) -> list[int]:
        """Give the number of each message that is stored, as its subject has it."""
        subjects = self.store.rows(select(message.c.subject))
        return sorted(int(subject.rpartition(" ")[2]) for (subject,) in subjects)
