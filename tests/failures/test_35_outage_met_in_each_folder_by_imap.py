"""Failure 35, by IMAP: a server that lets nobody in any more is asked again for each folder.

Each refused try is one more that it counts against us, and each unanswered one takes its time.
"""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from keepwarm.connectors.contract import Busy, Later
from keepwarm.daemon.account_pass import AccountPass
from keepwarm.daemon.progress import Silent
from keepwarm.storage.database import Database
from keepwarm.storage.observations import Stream
from keepwarm.storage.schema import upgrade
from tests.imap import scripted
from tests.servers.scripted_imap import ScriptedImap
from tests.storage.world import Store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from keepwarm.daemon.account_outcome import AccountOutcome

FOLDERS = 30
LIST = b"".join(b'* LIST () "/" F%d\r\n' % number for number in range(FOLDERS)) + b"TAG OK done\r\n"
EMPTY = b"* STATUS F (UIDVALIDITY 7 UIDNEXT 1)\r\nTAG OK done\r\n"


class Server:
    """A mailbox of many folders, that can lose its connections, and then answers a sign-in as it is told."""

    def __init__(self) -> None:
        self.status, self.sign_in = EMPTY, "OK signed in"
        self.imap = ScriptedImap(
            {
                "LIST": LIST,
                "STATUS": self._status,
                "EXAMINE": b"* 0 EXISTS\r\n* OK [UIDVALIDITY 7] .\r\n* OK [UIDNEXT 1] .\r\nTAG OK done\r\n",
                "LOGIN": lambda _line: f"TAG {self.sign_in}\r\n".encode() if self.sign_in else b"",
            }
        )
        self.refusing = ""

    def sign_ins(self) -> int:
        return sum(line.startswith("AUTHENTICATE") for line in self.imap.script.heard)

    def _status(self, _line: str) -> bytes:
        if not self.status:
            self.sign_in = self.refusing
        return self.status


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    database = Database(f"sqlite:///{tmp_path / 'keepwarm.db'}")
    upgrade(database)
    yield Store(database)
    database.close()


def read(server: Server, store: Store) -> AccountOutcome:
    account: Any = SimpleNamespace(name="work", kind="imap")
    connector = scripted(server.imap)
    now = datetime(2026, 11, 16, 9, tzinfo=UTC)
    return AccountPass(account, connector, store.database, store.ingest, lambda: now).run(Silent())


@pytest.mark.parametrize("is_new", [True, False])
@pytest.mark.parametrize(
    ("says", "kind"), [pytest.param("NO [UNAVAILABLE] try later", Busy, id="busy"), pytest.param("", Later, id="gone")]
)
def test_a_server_that_lets_nobody_in_any_more_ends_the_pass(
    store: Store, says: str, kind: type[Later], *, is_new: bool
) -> None:
    server = Server()
    server.refusing = says
    with server.imap:
        if not is_new:
            assert read(server, store).problems == []
        before = server.sign_ins()
        server.status = b""
        outcome = read(server, store)
        assert server.sign_ins() - before == 2
        assert isinstance(outcome.failure, kind)
        assert len(outcome.problems) == 1
        server.status, server.sign_in = EMPTY, "OK signed in"
        assert read(server, store).problems == []


def test_a_single_folder_that_is_busy_keeps_no_other_from_being_read(store: Store) -> None:
    server = Server()
    server.status = b"TAG NO [INUSE] the mailbox is in use\r\n"
    with server.imap:
        outcome = read(server, store)
        assert (outcome.failure, len(outcome.problems)) == (None, FOLDERS)
        assert server.sign_ins() == 1


def test_a_server_that_falls_silent_right_after_the_sign_in_is_not_met_with_each_folder() -> None:
    offered = b"IMAP4rev1 AUTH=PLAIN SASL-IR ENABLE UTF8=ACCEPT"
    answers = {"CAPABILITY": b"* CAPABILITY " + offered + b"\r\nTAG OK done\r\n", "ENABLE": b""}
    with ScriptedImap(answers, greeting=b"* OK [CAPABILITY " + offered + b"] hello\r\n") as server:
        with pytest.raises(Later) as raised:
            list(scripted(server).pull(Stream("INBOX"), None))
        assert raised.value.of_account
        assert any(line.startswith("ENABLE") for line in server.script.heard)
