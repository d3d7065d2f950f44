"""The daemon as a child process: it notices what comes in, stops when it is told to, and survives being killed."""

from __future__ import annotations

import socket
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from tests.daemon import PATIENCE, SETTINGS, count, end, imap_account, running, until, write_secret
from tests.keepwarm import Keepwarm
from tests.letters import ME, Note, weekly_exchange

if TYPE_CHECKING:
    from pathlib import Path

    from tests.practice.world import World
    from tests.servers.dovecot import MailAccount

MIA = "Mia <mia@kept.test>"
BIG = 60_000  # messages


@pytest.fixture
def polled(tmp_path: Path, mail_account: MailAccount) -> Keepwarm:
    """A configuration that polls a real server each second; its password is in the file ``secret``."""
    return imap_account(tmp_path, mail_account, poll="1s")


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
    write_secret(secret, "hunter2-wrong")
    with running(polled) as daemon:
        until(lambda: any(row["problem"] for row in polled.json("status")["accounts"]), daemon)
        (account,) = polled.json("status")["accounts"]
        assert "Check user and password" in account["what_to_do"]
        write_secret(secret, mail_account.password)
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
    write_secret(tmp_path / "secret", "secret")
    with socket.create_server(("127.0.0.1", 0)) as mute:
        mute.settimeout(PATIENCE)
        config.write_text(
            f'{SETTINGS}[[account]]\nname = "work"\nkind = "imap"\naddress = "{ME}"\n'
            f'host = "127.0.0.1"\nport = {mute.getsockname()[1]}\ntls = "none"\n'
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
        with running(keepwarm, "sync") as sync:
            until(lambda table=table, at_least=at_least: count(database, table) >= at_least, sync)  # type: ignore[misc]
            assert sync.process.poll() is None
    assert count(database, "feed_entry") == 0  # nothing provisional was told
    keepwarm.run("sync")
    for arguments in (("contacts", "--json"), ("signals", "--all", "--json"), ("export",)):
        assert keepwarm.run(*arguments).out == world.keepwarm.run(*arguments).out
    stored = keepwarm.json("status")["stored"]
    assert stored == world.keepwarm.json("status")["stored"]
    assert keepwarm.json("replay", "--check")["differ"] == []
