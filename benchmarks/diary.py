"""The calendar of the benchmark: some thousand meetings over the years, a few of them series."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from benchmarks.traffic import DAY, OWNER

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path
    from random import Random

MEETINGS = 2_000
SERIES = 40
AHEAD = 60 * DAY  # so far the calendar reaches beyond the end


def write_diary(rng: Random, path: Path, contacts: list[tuple[str, str]], *, since: int, until: int) -> None:
    """Write MEETINGS events from ``since`` to a little beyond ``until``; SERIES of them are weekly ones."""
    path.write_text(calendar(events(rng, contacts, since=since, until=until)), encoding="utf-8", newline="\r\n")


def calendar(some: Iterable[str]) -> str:
    """Put events into one iCalendar."""
    return "".join(("BEGIN:VCALENDAR\nPRODID:-//Benchmark//EN\nVERSION:2.0\n", *some, "END:VCALENDAR\n"))


def events(
    rng: Random,
    contacts: list[tuple[str, str]],
    *,
    since: int,
    until: int,
    meetings: int = MEETINGS,
    series: int = SERIES,
) -> Iterator[str]:
    """Give so many events, the series among them first."""
    for number in range(meetings):
        start = datetime.fromtimestamp(rng.randrange(since, until + AHEAD), UTC)
        start = start.replace(hour=rng.randint(8, 16), minute=30 * rng.randint(0, 1), second=0)
        now = datetime.fromtimestamp(until, UTC)
        lines = _event(rng, number, start, rng.choice(contacts), now, recurs=number < series)
        yield "".join(f"{line}\n" for line in lines)


def _event(
    rng: Random, number: int, start: datetime, contact: tuple[str, str], now: datetime, *, recurs: bool
) -> Iterator[str]:
    made = min(start - timedelta(days=rng.randint(2, 30)), now - timedelta(hours=1))
    organizer = OWNER if rng.random() < 0.5 else contact
    yield "BEGIN:VEVENT"
    yield f"UID:{number:06d}-{rng.getrandbits(64):016x}@diary.example"
    yield f"DTSTART:{_utc(start)}"
    yield f"DTEND:{_utc(start + timedelta(minutes=rng.choice((30, 60, 90))))}"
    if recurs:
        yield "RRULE:FREQ=WEEKLY;COUNT=26"
    yield f"CREATED:{_utc(made)}"
    yield f"LAST-MODIFIED:{_utc(made)}"
    yield f"SEQUENCE:{rng.choice((0, 0, 0, 1, 2))}"
    yield f"STATUS:{'CANCELLED' if rng.random() < 0.06 else 'CONFIRMED'}"
    yield f"SUMMARY:Meeting {number}"
    yield f"ORGANIZER:mailto:{organizer[1]}"
    for who in (OWNER, contact):
        yield f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:{who[1]}"
    yield "END:VEVENT"


def _utc(moment: datetime) -> str:
    return moment.strftime("%Y%m%dT%H%M%SZ")
