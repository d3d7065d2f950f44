"""The daemon and the question of the evening: it goes out by itself, and its answer is found where mail is read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from tests.daemon import SETTINGS, end, running, until
from tests.keepwarm import Keepwarm
from tests.letters import ME, Note, deliver, weekly_exchange, write_maildir
from tests.servers.smtp import MailServer

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime.now(UTC)
ANA = "ana@acme.test"
OVER = NOW - timedelta(minutes=20)


def owner(folder: Path, port: int) -> Keepwarm:
    """Give the command of somebody who met Ana until twenty minutes ago, and has read their mail ten days ago."""
    write_maildir(folder / "Maildir", weekly_exchange(ANA, NOW - timedelta(weeks=30), 29))
    (folder / "calendar.ics").write_text(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\nBEGIN:VEVENT\r\nUID:met\r\n"
        f"DTSTART:{OVER - timedelta(hours=1):%Y%m%dT%H%M%SZ}\r\nDTEND:{OVER:%Y%m%dT%H%M%SZ}\r\nSUMMARY:A walk\r\n"
        f"CREATED:{NOW - timedelta(days=20):%Y%m%dT%H%M%SZ}\r\nORGANIZER:mailto:{ANA}\r\n"
        f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:{ANA}\r\nATTENDEE;PARTSTAT=ACCEPTED:mailto:{ME}\r\n"
        "END:VEVENT\r\nEND:VCALENDAR\r\n",
        newline="",
    )
    accounts = (
        f'[[account]]\nname = "mail"\nkind = "maildir"\npath = "Maildir"\naddress = "{ME}"\npoll = "1s"\n'
        '[[account]]\nname = "calendar"\nkind = "ics"\npath = "calendar.ics"\n'
    )
    due = f"{NOW + timedelta(days=2):%a} 00:00".lower()  # no report meanwhile
    report = f'[report]\nvia = "smtp"\nat = "{due}"\n[report.smtp]\nhost = "127.0.0.1"\nport = {port}\ntls = "none"\n'
    (folder / "config.toml").write_text(SETTINGS + accounts + report + "[reflect]\nmail = true\n")
    keepwarm = Keepwarm(folder / "config.toml")
    keepwarm.at((NOW - timedelta(days=10)).isoformat()).run("sync")
    return keepwarm


def test_it_is_asked_once_and_the_answer_is_taken_in(tmp_path: Path) -> None:
    with MailServer(maildir=tmp_path / "Maildir") as server:
        keepwarm = owner(tmp_path, server.port)
        with running(keepwarm) as daemon:
            until(lambda: any("reflect" in str(one.mail["X-Keepwarm"]) for one in server.taken), daemon)
            asked = next(one.mail for one in server.taken if "reflect" in str(one.mail["X-Keepwarm"]))
            at = datetime.now(UTC)
            answer = Note(at=at, answers=str(asked["Message-ID"]).strip(" <>"), body="4 she wants the offer\n")
            deliver(tmp_path / "Maildir", answer.raw, at)
            until(lambda: bool(keepwarm.json("reflect", "--list")), daemon)
            end(daemon)
        [kept] = keepwarm.json("reflect", "--list")
        assert (kept["address"], kept["mood"], kept["text"]) == (ANA, 4, "she wants the offer")
        assert "answers are read in mail" in keepwarm.run("doctor").out
        asked_about = [one.mail["X-Keepwarm"] for one in server.taken if "reflect" in str(one.mail["X-Keepwarm"])]
        assert len(asked_about) == 1
