"""The daemon as a child process: it notices what comes in, stops when it is told to, and survives being killed."""

from __future__ import annotations

import signal
import socket
import sqlite3
import time
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from tests.keepwarm import Keepwarm
from tests.letters import ME, Note, weekly_exchange

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.practice.world import World
    from tests.servers.dovecot import MailAccount

MIA = "Mia <mia@kept.test>"
PATIENCE = 60.0  # seconds
STOPS_WITHIN = 5.0  # seconds
BIG = 60_000  # messages

SETTINGS = f"""\
[owner]
timezone = "UTC"
addresses = ["{ME}"]
[database]
url = "sqlite:///data/keepwarm.db"
"""
IMAP = """\
[[account]]
name = "work"
kind = "imap"
poll = "1s"
"""


@contextmanager
def running(keepwarm: Keepwarm) -> Iterator[subprocess.Popen[str]]:
    """Run the daemon; it is killed in the end, if it still runs."""
    daemon = keepwarm.start("run")
    try:
        yield daemon
    finally:
        daemon.kill()
        daemon.communicate()


def until(holds: Callable[[], bool], daemon: subprocess.Popen[str]) -> None:
    """Wait until something holds, while the daemon runs."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert daemon.poll() is None, daemon.stderr and daemon.stderr.read()
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.1)


def end(daemon: subprocess.Popen[str]) -> str:
    """Tell the daemon to stop; it must do so in time and with status 0. Gives what it logged."""
    daemon.send_signal(signal.SIGTERM)
    asked = time.monotonic()
    _, logged = daemon.communicate(timeout=PATIENCE)
    assert time.monotonic() - asked < STOPS_WITHIN
    assert daemon.returncode == 0, logged
    assert "event=stopped" in logged
    return logged


def count(database: Path, table: str) -> int:
    """Count the rows of a table, from outside; 0 if there is no database yet."""
    if not database.exists():
        return 0
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=10)) as connection:
        try:
            return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
        except sqlite3.OperationalError:  # it has no tables yet
            return 0


@pytest.fixture
def polled(tmp_path: Path, mail_account: MailAccount) -> Keepwarm:
    """A configuration that polls a real server each second; its password is in the file ``secret``."""
    server = mail_account.server
    config = tmp_path / "config.toml"
    config.write_text(
        f'{SETTINGS}{IMAP}address = "{ME}"\nhost = "{server.host}"\nport = {server.tls_port}\n'
        f'ca_file = "{server.ca_file}"\nuser = "{mail_account.user}"\npassword = {{ file = "secret" }}\n'
    )
    _write_secret(config.with_name("secret"), mail_account.password)
    return Keepwarm(config)


def _write_secret(file: Path, password: str) -> None:
    file.write_text(password)
    file.chmod(0o600)


def _deliver(account: MailAccount, *notes: Note) -> None:
    for note in notes:
        account.deliver(note.raw, folder="Sent" if note.author == ME else "INBOX", at=note.at)


def _signals(keepwarm: Keepwarm) -> dict[str, bool]:
    """Give the rules that have an open signal, each with whether it is from before Keepwarm."""
    return {row["rule"]: row["historical"] for row in keepwarm.json("signals")}


def test_mail_that_comes_in_shows_as_contact_and_signal_without_a_restart(
    polled: Keepwarm, mail_account: MailAccount
) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    _deliver(mail_account, *weekly_exchange(MIA, now - timedelta(weeks=40), weeks=28))
    with running(polled) as daemon:
        until(lambda: _signals(polled).get("gone_quiet") is True, daemon)
        sent = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=1)  # Date has whole seconds
        until(lambda: datetime.now(UTC) > sent, daemon)
        _deliver(mail_account, Note(at=sent, author=MIA, subject="Back again"))
        until(lambda: "rekindled" in _signals(polled), daemon)
        found = _signals(polled)
        assert "gone_quiet" not in found
        assert found["rekindled"] is False
        _deliver(mail_account, Note(at=sent, to="Jo New <jo@new.test>", subject="Hello"))
        until(lambda: "jo@new.test" in {row["addresses"][0] for row in polled.json("contacts")}, daemon)
        logged = end(daemon)
    assert "level=error" not in logged
    assert "level=warning" not in logged
    assert polled.json("replay", "--check")["differ"] == []


def test_a_wrong_password_that_is_mended_is_picked_up_without_a_restart(
    polled: Keepwarm, mail_account: MailAccount
) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    _deliver(mail_account, *weekly_exchange(MIA, now - timedelta(weeks=3), weeks=2))
    secret = polled.config.with_name("secret")
    _write_secret(secret, "hunter2-wrong")
    with running(polled) as daemon:
        until(lambda: any(row["problem"] for row in polled.json("status")["accounts"]), daemon)
        (account,) = polled.json("status")["accounts"]
        assert "Check user and password" in account["what_to_do"]
        _write_secret(secret, mail_account.password)
        until(lambda: bool(polled.json("contacts")), daemon)
        assert [row["problem"] for row in polled.json("status")["accounts"]] == [""]
        logged = end(daemon)
    assert logged.count("cannot be read") == 1  # told once, not at every try
    assert "can be read again" in logged
    assert "hunter2" not in logged


def test_it_stops_at_once_while_a_big_mailbox_is_read_and_goes_on_where_it_stopped(tmp_path: Path) -> None:
    since = datetime(2026, 1, 1, tzinfo=UTC)
    mail = "From x Thu Jan  1 00:00:00 2026\nFrom: news@list.test\nList-Id: <news.list.test>\nSubject: News\n"
    with (tmp_path / "big.mbox").open("w") as file:
        for number in range(BIG):
            date = (since + timedelta(minutes=number)).strftime("%d %b %Y %H:%M:%S +0000")
            file.write(f"{mail}Date: {date}\nMessage-ID: <{number}@list.test>\n\nNews.\n\n")
    config = tmp_path / "config.toml"
    config.write_text(f'{SETTINGS}[[account]]\nname = "big"\nkind = "mbox"\npath = "big.mbox"\naddress = "{ME}"\n')
    keepwarm, database = Keepwarm(config), tmp_path / "data" / "keepwarm.db"
    with running(keepwarm) as daemon:
        until(lambda: count(database, "message") > 0, daemon)
        end(daemon)
    before = count(database, "message")
    assert 0 < before < BIG, "it was not stopped in the middle: nothing is proven"
    (account,) = keepwarm.json("sync")["accounts"]
    assert account["messages"] == BIG - before
    assert account["rejected"] == 0


def test_it_stops_at_once_while_a_server_keeps_it_waiting(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    _write_secret(tmp_path / "secret", "secret")
    with socket.create_server(("127.0.0.1", 0)) as mute:
        mute.settimeout(PATIENCE)
        config.write_text(
            f'{SETTINGS}{IMAP}address = "{ME}"\nhost = "127.0.0.1"\nport = {mute.getsockname()[1]}\ntls = "none"\n'
            'password = { file = "secret" }\n'
        )
        with running(Keepwarm(config)) as daemon:
            connection, _ = mute.accept()
            with connection:
                end(daemon)


def test_killed_at_any_moment_it_loses_nothing_and_repeats_nothing(world: World, tmp_path: Path) -> None:
    copied = world.unread(tmp_path / "world")
    keepwarm, database = copied.keepwarm, copied.database
    for table, at_least in (("message", 1), ("message", 4_500), ("meeting_sighting", 300), ("warmth_change", 1)):
        sync = keepwarm.start("sync")
        try:
            until(lambda table=table, at_least=at_least: count(database, table) >= at_least, sync)  # type: ignore[misc]
            assert sync.poll() is None
        finally:
            sync.kill()
            sync.communicate()
    assert count(database, "feed_entry") == 0  # nothing provisional was told
    keepwarm.run("sync")
    for arguments in (("contacts", "--json"), ("signals", "--all", "--json"), ("export",)):
        assert keepwarm.run(*arguments).out == world.keepwarm.run(*arguments).out
    stored = keepwarm.json("status")["stored"]
    assert stored == world.keepwarm.json("status")["stored"]
    assert keepwarm.json("replay", "--check")["differ"] == []
