"""Failure 27: a feed makes new UIDs at each fetch. It is flagged, and nothing is told from it until its UIDs stay."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from tests.keepwarm import Keepwarm
from tests.letters import ME, weekly_exchange, write_maildir
from tests.servers.web import Page, Web
from tests.vcalendars import vcalendar, vevent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
MEETINGS = 12
FLAG = "new UIDs each time"


@pytest.fixture
def web() -> Iterator[Web]:
    server = Web()
    yield server
    server.stop()


@pytest.fixture(params=["url", "path"])
def publish(request: pytest.FixtureRequest, web: Web, tmp_path: Path) -> Callable[[bytes], None]:
    """Give what puts a calendar where Keepwarm reads it: at an address, or in a file that is exported again."""
    write_maildir(tmp_path / "mail", weekly_exchange("Ana <ana@acme.test>", NOW - timedelta(weeks=20), 20))
    source = f'url = "{web.url("/feed.ics")}"' if request.param == "url" else 'path = "export.ics"'
    (tmp_path / "config.toml").write_text(
        f'[owner]\ntimezone = "UTC"\n[database]\nurl = "sqlite:///keepwarm.db"\n'
        f'[[account]]\nname = "mail"\nkind = "maildir"\npath = "mail"\naddress = "{ME}"\n'
        f'[[account]]\nname = "timetable"\nkind = "ics"\n{source}\n'
    )

    def put(calendar: bytes) -> None:
        if request.param == "url":
            web.pages["/feed.ics"] = Page(body=calendar)
        else:
            (tmp_path / "export.ics").write_bytes(calendar)

    return put


@pytest.fixture
def keepwarm(tmp_path: Path) -> Keepwarm:
    return Keepwarm(tmp_path / "config.toml")


def timetable(count: int = MEETINGS, uid: str = "") -> bytes:
    """Give one meeting after the other, each with a UID of its own, or with one that nobody has seen before."""
    return vcalendar(
        *(
            vevent(f"{uid}-{number}" if uid else str(uuid4()), NOW + timedelta(days=3 + number), f"Review {number}")
            for number in range(count)
        )
    )


def sync(keepwarm: Keepwarm, days: int, status: int = 0) -> Keepwarm:
    then = keepwarm.at((NOW + timedelta(days=days, hours=6)).isoformat())
    then.run("sync", status=status)
    return then


def changes(keepwarm: Keepwarm) -> list[str]:
    """Give every change of a meeting that was ever told."""
    lines = [json.loads(line) for line in keepwarm.run("export").out.splitlines()]
    return [line["data"]["change"] for line in lines if line["type"] == "meeting.changed"]


def next_meetings(keepwarm: Keepwarm) -> list[str | None]:
    return [contact["next_meeting"] for contact in keepwarm.json("contacts")]


def rules(keepwarm: Keepwarm) -> set[str]:
    """Name the rules that have ever found something."""
    return {row["rule"] for row in keepwarm.json("signals", "--all")}


def flagged(keepwarm: Keepwarm, status: int = 1) -> bool:
    return any(FLAG in one["what"] for one in keepwarm.json("doctor", status=status))


def test_such_a_feed_is_flagged_and_no_cancellation_or_signal_comes_of_it(
    publish: Callable[[bytes], None], keepwarm: Keepwarm
) -> None:
    publish(timetable())
    before = sync(keepwarm, 0)
    signals, told = rules(before), changes(before)
    assert set(told) == {"created", "accepted"}
    for day, status in ((1, 3), (2, 0)):  # it is said once, and shown from then on
        publish(timetable())
        after = sync(keepwarm, day, status)
    assert flagged(after)
    assert next_meetings(after) == [None]
    assert (changes(after), rules(after) - signals) == (told, set())

    # Its UIDs stay from now on; once they are seen to outlive a change, it is followed again by itself.
    publish(timetable(uid="kept"))
    sync(keepwarm, 3)
    publish(timetable(MEETINGS + 1, uid="kept"))
    well = sync(keepwarm, 4)
    assert not flagged(well, status=0)
    assert next_meetings(well) != [None]
    assert "cancelled" not in changes(well)
