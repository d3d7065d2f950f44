"""Failure 28: an emptied source deletes everything. End to end: the user sees that it is held, and what to do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from keepwarm.storage.database import Database
from keepwarm.storage.tables import meeting_revision
from tests.keepwarm import Keepwarm
from tests.letters import ME

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
HEAD, FOOT = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//keepwarm tests//\r\n", "END:VCALENDAR\r\n"


def calendar(number: int) -> str:
    """Give a calendar with so many coming meetings, as a file of it reads."""
    events = []
    for day in range(1, number + 1):
        start = NOW + timedelta(days=day)
        events.append(
            f"BEGIN:VEVENT\r\nUID:m{day}\r\nDTSTART:{start:%Y%m%dT%H%M%SZ}\r\nDURATION:PT1H\r\nSUMMARY:Review {day}\r\n"
            f"ORGANIZER:mailto:{ME}\r\nATTENDEE;PARTSTAT=ACCEPTED:mailto:ana@acme.test\r\nEND:VEVENT\r\n"
        )
    return HEAD + "".join(events) + FOOT


class Owner:
    """Keeps a calendar in a file, and syncs it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._config = folder / "config.toml"
        self._config.write_text(
            f'[owner]\naddresses = ["{ME}"]\ntimezone = "UTC"\n[database]\nurl = "sqlite:///keepwarm.db"\n'
            '[[account]]\nname = "calendar"\nkind = "ics"\npath = "work.ics"\n'
        )

    def writes(self, meetings: int) -> None:
        """Replace the file."""
        (self._folder / "work.ics").write_text(calendar(meetings), newline="")

    def at(self, minutes: int) -> Keepwarm:
        """Give the command as of so many minutes later."""
        return Keepwarm(self._config, (NOW + timedelta(minutes=minutes)).isoformat())

    def syncs(self, *minutes: int) -> None:
        """Sync at each of these minutes."""
        for minute in minutes:
            self.at(minute).run("sync")

    def told(self, minutes: int, *, status: int = 0) -> list[tuple[bool, str, str]]:
        """Give what the check-up says of the calendar: whether it is well, what, and the cure."""
        lines = self.at(minutes).json("doctor", status=status)
        return [(one["well"], one["what"], one["cure"]) for one in lines if one["about"] == "calendar/work.ics"]

    def changes(self) -> list[str]:
        """Give what happened to meetings after they were made."""
        database = Database(f"sqlite:///{self._folder / 'keepwarm.db'}")
        with database.reading() as connection:
            found = connection.execute(select(meeting_revision.c.change)).scalars().all()
        database.close()
        return sorted(change for change in found if change not in ("created", "accepted"))


@pytest.fixture
def owner(tmp_path: Path) -> Owner:
    made = Owner(tmp_path)
    made.writes(meetings=12)
    made.syncs(0)
    return made


HELD = (
    False,
    "12 coming meetings vanished at once; none counts as cancelled until a second full read agrees.",
    "Restore the calendar if it was emptied by mistake; else the next full read, an hour on, confirms it.",
)


def test_an_emptied_file_is_held_shown_and_confirmed_by_a_second_full_read(owner: Owner) -> None:
    assert owner.told(0) == []
    owner.writes(meetings=0)
    owner.syncs(10, 20, 40)
    assert owner.told(40, status=1) == [HELD]
    [stream] = owner.at(40).json("status")["streams"]
    assert (stream["held"], stream["problem"], stream["what_to_do"]) == (12, *HELD[1:])
    owner.syncs(70)  # the file has not changed, so nothing was read: the next sync reads it all
    assert owner.told(70, status=1) == [HELD]
    assert owner.changes() == []
    owner.syncs(75)
    assert owner.told(75) == []
    assert owner.changes() == ["cancelled"] * 12
    owner.syncs(80, 200)
    assert owner.changes() == ["cancelled"] * 12


def test_an_emptied_file_that_is_restored_leaves_no_trace(owner: Owner) -> None:
    owner.writes(meetings=0)
    owner.syncs(10, 30)
    assert owner.told(30, status=1) == [HELD]
    owner.writes(meetings=12)
    owner.syncs(60, 75, 200)
    assert owner.told(200) == []
    assert owner.changes() == []


def test_a_few_that_are_deleted_are_no_reason_to_worry(owner: Owner) -> None:
    owner.writes(meetings=9)
    owner.syncs(10)
    what = "3 meetings are no longer shown; what stays away for an hour counts as gone."
    assert owner.told(10) == [(True, what, "")]
    owner.syncs(70)
    assert owner.told(70) == []
    assert owner.changes() == ["cancelled"] * 3
