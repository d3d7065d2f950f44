"""Whoever cannot be judged is set aside: all others are judged, and the owner is told what to do."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from tests.daemon import SETTINGS, running, until
from tests.keepwarm import Keepwarm
from tests.letters import ME, Note, weekly_exchange, write_maildir

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime.now(UTC).replace(microsecond=0)
WEEK = timedelta(weeks=1)
MIA, NOA = "Mia <mia@kept.test>", "Noa <noa@kept.test>"
BEFORE_ALL_TIME = -62_135_596_800_000_000
"""The year 1, in microseconds: no calendar goes on before that, and whoever reckons back from there fails."""


@pytest.fixture
def keepwarm(tmp_path: Path) -> Keepwarm:
    notes = [*weekly_exchange(MIA, NOW - 40 * WEEK, weeks=20), *weekly_exchange(NOA, NOW - 40 * WEEK, weeks=20)]
    write_maildir(tmp_path / "mail", notes)
    account = f'[[account]]\nname = "mail"\nkind = "maildir"\npath = "mail"\naddress = "{ME}"\npoll = "1s"\n'
    (tmp_path / "config.toml").write_text(SETTINGS + account)
    return Keepwarm(tmp_path / "config.toml")


def spoil(keepwarm: Keepwarm) -> int:
    """Let a mail of Mia's be from before all time; gives when it was from."""
    with closing(sqlite3.connect(keepwarm.config.parent / "data" / "keepwarm.db")) as database:
        mine = (
            "SELECT m.id, m.at FROM message m JOIN message_party p ON p.message_id = m.id "
            "JOIN address a ON a.id = p.address_id WHERE a.address = 'mia@kept.test' ORDER BY m.at LIMIT 1"
        )
        number, at = database.execute(mine).fetchone()
        database.execute("UPDATE message SET at = ? WHERE id = ?", (BEFORE_ALL_TIME, number))
        database.execute("UPDATE contact SET dirty = 1, waiting = NULL")
        database.commit()
    return int(at)


def mend(keepwarm: Keepwarm, at: int) -> None:
    with closing(sqlite3.connect(keepwarm.config.parent / "data" / "keepwarm.db")) as database:
        database.execute("UPDATE message SET at = ? WHERE at = ?", (at, BEFORE_ALL_TIME))
        database.commit()


def test_one_who_cannot_be_judged_costs_nobody_else_their_judgement(keepwarm: Keepwarm, tmp_path: Path) -> None:
    keepwarm.json("sync")
    before = {row["name"]: row for row in keepwarm.json("contacts")}
    at = spoil(keepwarm)
    done = keepwarm.run("sync", status=3)
    assert "Mia could not be judged (OverflowError)" in done.err
    assert "kept.test" not in "".join(line for line in done.err.splitlines() if "level=error" in line)
    write_maildir(tmp_path / "mail", [Note(at=NOW, author=NOA, message_id="new@kept.test")])
    keepwarm.run("sync", status=3)  # she stays aside, and Noa is judged
    after = {row["name"]: row for row in keepwarm.json("contacts")}
    of_groups = {"open_signals"}  # Noa has answered for all of them
    assert {key: after["Mia"][key] for key in after["Mia"].keys() - of_groups} == {
        key: before["Mia"][key] for key in before["Mia"].keys() - of_groups
    }
    assert after["Noa"] != before["Noa"]
    assert "Mia could not be judged" in keepwarm.run("status").out
    assert "Mia could not be judged" in keepwarm.run("doctor", status=1).out
    mend(keepwarm, at)
    write_maildir(tmp_path / "mail", [Note(at=NOW, author=MIA, message_id="newer@kept.test")])
    keepwarm.run("sync")  # something new is known: she is tried again
    assert "could not be judged" not in keepwarm.run("status").out


def test_the_daemon_goes_on(keepwarm: Keepwarm, tmp_path: Path) -> None:
    keepwarm.json("sync")
    spoil(keepwarm)
    with running(keepwarm) as daemon:
        until(lambda: "could not be judged" in daemon.logged, daemon)
        write_maildir(tmp_path / "mail", [Note(at=NOW, author=NOA, message_id="new@kept.test")])
        until(lambda: "event=read " in daemon.logged, daemon)
        assert daemon.process.poll() is None
    assert daemon.logged.count("could not be judged") == 1
