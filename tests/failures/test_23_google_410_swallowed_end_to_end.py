"""Case 23, end to end: what vanished while the sync token was over is found, and told as cancelled."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from keepwarm.storage.database import Database
from keepwarm.storage.tables import meeting_revision
from tests.google_desk import ME, SignedIn, fill

if TYPE_CHECKING:
    from pathlib import Path

    from tests.servers.google import Google

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


def changes(url: str) -> list[str]:
    database = Database(url)
    with database.reading() as connection:
        found = connection.execute(select(meeting_revision.c.change)).scalars().all()
    database.close()
    return sorted(change for change in found if change not in ("created", "accepted"))


def test_a_meeting_that_vanished_without_a_tombstone_is_cancelled_after_a_while(google: Google, tmp_path: Path) -> None:
    fill(google, mails=4, meetings=5, first=NOW + timedelta(days=1))
    desk = SignedIn(tmp_path, google)
    desk.keepwarm(NOW).run("sync")
    google.calendars.drop(ME, "m2")
    google.calendars.expire_tokens(ME)
    desk.keepwarm(NOW + timedelta(minutes=5)).run("sync")
    assert changes(desk.database) == []
    desk.keepwarm(NOW + timedelta(hours=2)).run("sync")
    assert changes(desk.database) == ["cancelled"]
