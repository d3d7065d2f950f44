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
from tests.keepwarm import Keepwarm
from tests.letters import ME
from tests.storage.world import SAM, Store

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from keepwarm.daemon.account_outcome import AccountOutcome
    from keepwarm.daemon.account_pass import FirstLook
    from keepwarm.daemon.pace import Pace
    from keepwarm.daemon.stream_pull import Watcher
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
        first_look: FirstLook = lambda _watched: None,
        wire: Wire | None = None,
        pace: Pace | None = None,
        going_on: Mapping[str, datetime | None] | None = None,
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
        database, ingest = self.store.database, self.store.ingest
        one_pass = AccountPass(
            account, ImapConnector(settings), database, ingest, lambda: now, first_look, pace=pace, going_on=going_on
        )
        return one_pass.run(watcher or Silent())

    def numbers(self) -> list[int]:
        """Give the number of each message that is stored, as its subject has it."""
        subjects = self.store.rows(select(message.c.subject))
        return sorted(int(subject.rpartition(" ")[2]) for (subject,) in subjects)


def command(folder: Path, account: MailAccount, as_of: datetime | None = None) -> Keepwarm:
    """Give the real command, with a configuration that names the account, in a folder of its own."""
    folder.mkdir()
    server, secret, config = account.server, folder / "secret", folder / "config.toml"
    secret.write_text(account.password)
    secret.chmod(0o600)
    config.write_text(
        f'[owner]\ntimezone = "UTC"\n[database]\nurl = "sqlite:///keepwarm.db"\n'
        f'[[account]]\nname = "work"\nkind = "imap"\naddress = "{ME}"\nhost = "{server.host}"\n'
        f'port = {server.tls_port}\nca_file = "{server.ca_file}"\nuser = "{account.user}"\n'
        'password = { file = "secret" }\n'
    )
    return Keepwarm(config, as_of.isoformat() if as_of else "")
