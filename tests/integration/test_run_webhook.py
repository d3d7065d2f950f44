"""The daemon and the webhook: news are posted by themselves, history is not; a receiver that hangs delays nobody."""

from __future__ import annotations

import socket
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from tests.daemon import PATIENCE, SETTINGS, end, running, until, write_secret
from tests.keepwarm import Keepwarm
from tests.letters import ME, Note, deliver, weekly_exchange, write_maildir
from tests.webhooks import SECRET, Receiver

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime.now(UTC).replace(microsecond=0)
ANA, MIA = "ana@acme.test", "mia@kept.test"
EVENTS = 'events = ["signal.opened", "signal.cleared", "warmth.changed"]\n'


def owner(folder: Path, url: str) -> Keepwarm:
    """Give the command of somebody whose Ana went quiet ten weeks before anything was read."""
    write_maildir(folder / "Maildir", weekly_exchange(ANA, NOW - timedelta(weeks=40), 30))
    write_secret(folder / "secret", SECRET)
    account = f'[[account]]\nname = "mail"\nkind = "maildir"\npath = "Maildir"\naddress = "{ME}"\npoll = "1s"\n'
    hook = f'[webhook]\nurl = "{url}"\nsecret = {{ file = "secret" }}\n{EVENTS}'
    (folder / "config.toml").write_text(SETTINGS + account + hook)
    return Keepwarm(folder / "config.toml")


def write_back(folder: Path) -> None:
    back = Note(at=datetime.now(UTC), author=ANA, subject="Back again")
    deliver(folder / "Maildir", back.raw, back.at)


def test_what_is_new_is_posted_and_nothing_of_the_years_before(tmp_path: Path) -> None:
    receiver = Receiver()
    keepwarm = owner(tmp_path, receiver.url)
    with running(keepwarm) as daemon:
        until(lambda: any(row["historical"] for row in keepwarm.json("signals")), daemon)
        write_back(tmp_path)
        until(lambda: bool(receiver.taken), daemon)
        logged = end(daemon)
    assert receiver.faults == []
    assert all(datetime.fromisoformat(line["time"]) >= NOW for line in receiver.taken)
    assert not any(line["data"].get("historical") for line in receiver.taken)
    assert "hook-0123" not in logged
    receiver.web.stop()


def test_a_receiver_that_hangs_delays_neither_the_reading_nor_the_end(tmp_path: Path) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        silent.settimeout(PATIENCE)
        keepwarm = owner(tmp_path, f"http://127.0.0.1:{silent.getsockname()[1]}/")
        with running(keepwarm) as daemon:
            until(lambda: any(row["historical"] for row in keepwarm.json("signals")), daemon)
            write_back(tmp_path)
            with silent.accept()[0]:
                note = Note(at=datetime.now(UTC), author=MIA, subject="Hello")
                deliver(tmp_path / "Maildir", note.raw, note.at)
                answer = Note(at=datetime.now(UTC), to=MIA, subject="Re: Hello", answers=note.key)
                deliver(tmp_path / "Maildir", answer.raw, answer.at)
                until(lambda: MIA in {who for row in keepwarm.json("contacts") for who in row["addresses"]}, daemon)
                end(daemon)
