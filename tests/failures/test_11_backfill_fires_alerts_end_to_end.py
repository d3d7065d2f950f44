"""Failure 11: a backfill fires alerts. End to end: what an account held before it was connected is history, always."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from tests.keepwarm import Keepwarm
from tests.letters import ME, Note, weekly_exchange, write_maildir, write_mbox

if TYPE_CHECKING:
    from pathlib import Path

INSTALLED = datetime(2026, 6, 1, 12, tzinfo=UTC)
MIA, PAUL, OLA = "Mia <mia@quiet.test>", "Paul <paul@later.test>", "Ola <ola@archive.test>"
ARCHIVE = f'[[account]]\nname = "archive"\nkind = "mbox"\npath = "old.mbox"\naddress = "{ME}"\n'


@pytest.fixture
def keepwarm(tmp_path: Path) -> Keepwarm:
    """Mia fell silent before the installation; Paul is about to."""
    before = [*weekly_exchange(MIA, INSTALLED - timedelta(weeks=40), 26)]
    before += weekly_exchange(PAUL, INSTALLED - timedelta(weeks=30), 30)
    write_maildir(tmp_path / "mail", before)
    config = tmp_path / "config.toml"
    config.write_text(
        f'[owner]\ntimezone = "UTC"\n[database]\nurl = "sqlite:///keepwarm.db"\n'
        f'[[account]]\nname = "mail"\nkind = "maildir"\npath = "mail"\naddress = "{ME}"\n'
    )
    return Keepwarm(config)


def sync(keepwarm: Keepwarm, after: timedelta) -> Keepwarm:
    """Sync so long after the installation; gives the command as of then."""
    then = keepwarm.at((INSTALLED + after).isoformat())
    then.run("sync")
    return then


def findings(keepwarm: Keepwarm) -> dict[tuple[str, str, str], bool]:
    """Give every signal ever, with whether it is historical."""
    rows = keepwarm.json("signals", "--all")
    return {(row["contact"]["name"], row["rule"], row["opened"]): row["historical"] for row in rows}


def told(keepwarm: Keepwarm, since: int = 0) -> dict[tuple[str, str, str], bool]:
    """Give the same of the feed."""
    lines = [json.loads(line) for line in keepwarm.run("export", "--since", str(since)).out.splitlines()]
    opened = [line for line in lines if line["type"] == "signal.opened"]
    return {
        (line["contact"]["name"], line["data"]["rule"], line["time"]): line["data"]["historical"] for line in opened
    }


def test_all_of_a_first_sync_is_history_and_only_what_opens_later_is_news(keepwarm: Keepwarm, tmp_path: Path) -> None:
    first = sync(keepwarm, timedelta())
    assert {name for name, *_ in findings(first)} >= {"Mia"}
    assert set(findings(first).values()) == {True}
    assert told(first) == findings(first)

    back = INSTALLED + timedelta(weeks=10)
    write_maildir(tmp_path / "mail", [Note(at=back, author=MIA, subject="Back again")])
    later = sync(keepwarm, timedelta(weeks=11))
    found = findings(later)
    assert found.items() >= findings(first).items()
    news = {(name, rule) for (name, rule, _), historical in found.items() if not historical}
    assert news >= {("Mia", "rekindled"), ("Paul", "gone_quiet")}
    assert told(later) == found
    assert all(opened > INSTALLED.isoformat()[:10] for (_, _, opened), historical in found.items() if not historical)


def test_an_archive_that_is_connected_later_brings_history_and_changes_no_news(
    keepwarm: Keepwarm, tmp_path: Path
) -> None:
    sync(keepwarm, timedelta())
    write_maildir(tmp_path / "mail", [Note(at=INSTALLED + timedelta(weeks=10), author=MIA, subject="Back again")])
    later = sync(keepwarm, timedelta(weeks=11))
    before, lines = findings(later), len(later.run("export").out.splitlines())

    # Ola fell silent and came back, both after the installation, and all of it in an account nobody had connected.
    old = [*weekly_exchange(OLA, INSTALLED - timedelta(weeks=40), 38)]
    old += [Note(at=INSTALLED + timedelta(weeks=10), author=OLA, subject="Also back")]
    old += weekly_exchange(MIA, INSTALLED - timedelta(weeks=60), 18)
    write_mbox(tmp_path / "old.mbox", old)
    keepwarm.config.write_text(keepwarm.config.read_text() + ARCHIVE)
    latest = sync(keepwarm, timedelta(weeks=12))
    found = findings(latest)
    of_ola = {rule: historical for (name, rule, _), historical in found.items() if name == "Ola"}
    assert of_ola.keys() >= {"gone_quiet", "rekindled"}
    assert set(of_ola.values()) == {True}
    assert found["Mia", "rekindled", f"{INSTALLED + timedelta(weeks=10):%Y-%m-%dT%H:%M:%SZ}"] is False
    assert {key for key in before.keys() & found.keys() if found[key] != before[key]} == set()
    # What was news already may be told as of another day: by the archive, another delay is the owner's usual one.
    news = {key[:2] for key, historical in before.items() if not historical}
    again = told(latest, since=lines).items()
    fresh = {key: historical for key, historical in again if key[0] != "Paul" and key[:2] not in news}
    assert set(fresh.values()) == {True}
    assert latest.json("replay", "--check")["differ"] == []
