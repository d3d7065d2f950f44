"""The daemon and the weekly report: it goes out by itself, once, also across kills."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from tests.daemon import SETTINGS, end, running, until
from tests.keepwarm import Keepwarm
from tests.letters import ME, weekly_exchange, write_maildir
from tests.servers.smtp import MailServer

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime.now(UTC)


def owner(folder: Path, port: int) -> Keepwarm:
    """Give the command of somebody who has read their mail ten days ago, and not since."""
    write_maildir(folder / "Maildir", weekly_exchange("ana@acme.test", NOW - timedelta(weeks=30), 29))
    account = f'[[account]]\nname = "mail"\nkind = "maildir"\npath = "Maildir"\naddress = "{ME}"\npoll = "1s"\n'
    report = f'[report]\nvia = "smtp"\n[report.smtp]\nhost = "127.0.0.1"\nport = {port}\ntls = "none"\n'
    (folder / "config.toml").write_text(SETTINGS + account + report)
    keepwarm = Keepwarm(folder / "config.toml")
    keepwarm.at((NOW - timedelta(days=10)).isoformat()).run("sync")
    return keepwarm


def test_a_report_that_was_due_while_the_machine_slept_goes_out_once(tmp_path: Path) -> None:
    with MailServer() as server:
        keepwarm = owner(tmp_path, server.port)
        with running(keepwarm) as daemon:
            until(lambda: bool(server.taken), daemon)
            until(lambda: keepwarm.json("status")["report"]["state"] == "sent", daemon)
        with running(keepwarm) as daemon:
            write_maildir(tmp_path / "Maildir", weekly_exchange("jo@acme.test", NOW - timedelta(weeks=3), 2))
            until(lambda: len(keepwarm.json("contacts")) == 2, daemon)
            end(daemon)
        assert "was sent before" in keepwarm.run("report", "--send").out
        assert len(server.taken) == 1


def test_a_server_that_never_answers_keeps_the_daemon_neither_from_reading_and_judging_nor_from_stopping(
    tmp_path: Path,
) -> None:
    with MailServer(pause=600.0) as server:
        keepwarm = owner(tmp_path, server.port)
        with running(keepwarm) as daemon:
            until(lambda: bool(server.taken), daemon)
            write_maildir(tmp_path / "Maildir", weekly_exchange("jo@acme.test", NOW - timedelta(weeks=3), 2))
            until(lambda: len(keepwarm.json("contacts")) == 2, daemon)
            end(daemon)
        assert keepwarm.json("status")["report"]["state"] == "handed"


def test_a_server_that_is_not_there_is_told_of_and_does_not_stop_the_reading(tmp_path: Path) -> None:
    keepwarm = owner(tmp_path, 1)
    with running(keepwarm) as daemon:
        until(lambda: "cannot be reached" in keepwarm.json("status")["report"]["problem"], daemon)
        write_maildir(tmp_path / "Maildir", weekly_exchange("jo@acme.test", NOW - timedelta(weeks=3), 2))
        until(lambda: len(keepwarm.json("contacts")) == 2, daemon)
        logged = end(daemon)
    assert logged.count('event="report not sent"') == 1
