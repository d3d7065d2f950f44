"""The daemon is told by its servers what is new: nothing here waits for a poll, which comes once an hour."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from tests.daemon import SETTINGS, Daemon, account_of, count, end, imap_account, running, until, write_secret
from tests.keepwarm import Keepwarm
from tests.letters import ME, Note
from tests.servers.proxy import Proxy

if TYPE_CHECKING:
    from tests.servers.dovecot import Dovecot, MailAccount

MIA = "Mia <mia@kept.test>"
TICK = 1 / os.sysconf("SC_CLK_TCK")  # seconds


def send(account: MailAccount, subject: str, *, author: str = MIA) -> None:
    """Let a message arrive."""
    to = MIA if author == ME else ME
    note = Note(at=datetime.now(UTC), author=author, to=to, subject=subject, message_id=f"{subject}@kept.test")
    account.deliver(note.raw, folder="Sent" if author == ME else "INBOX", at=note.at)


def processor_time(daemon: Daemon) -> float:
    """Give the processor time that a process has used, all its threads together, in seconds (proc(5))."""
    fields = Path(f"/proc/{daemon.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * TICK


def test_what_arrives_and_what_is_sent_is_read_at_once(tmp_path: Path, mail_account: MailAccount) -> None:
    mail_account.make_folder("Sent")
    keepwarm, database = imap_account(tmp_path, mail_account, poll="1h"), tmp_path / "data" / "keepwarm.db"
    with running(keepwarm) as daemon:
        for number in range(1, 7):
            send(mail_account, f"message{number}", author=ME if number % 2 else MIA)
            until(lambda number=number: count(database, "message") == number, daemon)  # type: ignore[misc]
        until(lambda: bool(keepwarm.json("contacts")), daemon)
        logged = end(daemon)
    assert logged.count("event=watching") == 2
    assert "level=warning" not in logged
    assert "level=error" not in logged


def test_what_came_while_a_watch_was_lost_is_read(tmp_path: Path, mail_account: MailAccount) -> None:
    database = tmp_path / "data" / "keepwarm.db"
    with Proxy(mail_account.server.tls_port) as proxy:
        keepwarm = imap_account(tmp_path, mail_account, poll="2s", port=proxy.port)
        with running(keepwarm) as daemon:
            until(lambda: "event=watching" in daemon.logged, daemon)
            proxy.cut()
            until(lambda: "not watching, only polling" in daemon.logged, daemon)
            send(mail_account, "message")
            until(lambda: count(database, "message") == 1, daemon)
            end(daemon)


def test_one_account_that_cannot_be_watched_keeps_no_other_from_it(tmp_path: Path, dovecot: Dovecot) -> None:
    bad, good = dovecot.add_user(), dovecot.add_user()
    wrong = '{ command = "echo wrong" }'
    (tmp_path / "config.toml").write_text(
        SETTINGS + account_of(bad, name="bad", poll="1h", password=wrong) + account_of(good, name="good", poll="1h")
    )
    write_secret(tmp_path / "secret", good.password)
    keepwarm, database = Keepwarm(tmp_path / "config.toml"), tmp_path / "data" / "keepwarm.db"
    with running(keepwarm) as daemon:
        for number in range(1, 4):
            send(good, f"message{number}")
            until(lambda number=number: count(database, "message") == number, daemon)  # type: ignore[misc]
        problems = {row["name"]: row["problem"] for row in keepwarm.json("status")["accounts"]}
        end(daemon)
    assert "refused the password" in problems["bad"]
    assert problems["good"] == ""


def test_several_accounts_that_idle_use_no_processor_time(tmp_path: Path, dovecot: Dovecot) -> None:
    accounts = [dovecot.add_user() for _ in range(4)]
    for account in accounts:
        account.make_folder("Sent")
    parts = [account_of(account, name=f"account{n}", poll="1h") for n, account in enumerate(accounts)]
    (tmp_path / "config.toml").write_text(SETTINGS + "".join(parts))
    write_secret(tmp_path / "secret", accounts[0].password)
    database = tmp_path / "data" / "keepwarm.db"
    with running(Keepwarm(tmp_path / "config.toml")) as daemon:
        for number, account in enumerate(accounts, start=1):
            send(account, f"message{number}")
        until(lambda: count(database, "message") == len(accounts), daemon)
        until(lambda: _is_at_rest(daemon), daemon)
        before = processor_time(daemon)
        time.sleep(3)
        used = processor_time(daemon) - before
        end(daemon)
    assert used <= 2 * TICK


def _is_at_rest(daemon: Daemon) -> bool:
    before = processor_time(daemon)
    time.sleep(2)
    return processor_time(daemon) == before
