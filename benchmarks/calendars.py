"""How fast a large calendar is read, compared and polled, next to what the general libraries need, in one run.

``python -m benchmarks.calendars [--events N] [--series N] [--json]`` (``make bench-calendars``)

The same events are read from an .ics file and from a real CalDAV server, Radicale, on a loopback port. Beside our own
figures stand, from the same run: the bare requests of a first read, their answers thrown away; and the file parsed by
``icalendar`` and expanded by ``recurring_ical_events`` over the window that we read. What a poll asks is counted in the
server's own log.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from benchmarks.children import ChildError, Cost, measure
from benchmarks.diary import calendar, events
from benchmarks.traffic import OWNER, people
from tests.servers.radicale import Radicale

if TYPE_CHECKING:
    from tests.servers.calendars import CalendarUser

EVENTS, SERIES, CONTACTS, MOVED = 5_000, 200, 100, 20
BACK, AHEAD = timedelta(days=5 * 365), timedelta(days=120)  # the window that the product reads
SETTINGS = """\
[owner]
name = "{name}"
addresses = ["{address}"]
timezone = "Europe/Berlin"

[database]
url = "sqlite:///{database}"

[[account]]
name = "calendar"
{source}
"""
GENERAL = """\
import sys, datetime, icalendar, recurring_ical_events
found = icalendar.Calendar.from_ical(open(sys.argv[1], "rb").read())
since, until = (datetime.datetime.fromisoformat(text) for text in sys.argv[2:])
print(len(recurring_ical_events.of(found).between(since, until)))
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a sync cost, and how many requests the server logged during it."""

    cost: Cost
    requests: int | None = None

    def less(self, other: Asked) -> Asked:
        """Give what it took longer, and asked more, than another one."""
        seconds = max(0.0, self.cost.seconds - other.cost.seconds)
        return Asked(Cost(seconds, self.cost.peak_mib), (self.requests or 0) - (other.requests or 0))

    def figures(self) -> dict[str, Any]:
        """Give it as JSON."""
        return {"seconds": self.cost.seconds, "peak_mib": self.cost.peak_mib, "requests": self.requests}


@dataclass(slots=True)
class Diary:
    """The events of the benchmark, as text; some can be moved."""

    parts: list[str]

    @classmethod
    def made(cls, number: int, series: int, now: datetime) -> Diary:
        """Make the same events each time."""
        rng = Random(1)
        since, until = (int(moment.timestamp()) for moment in (now - BACK, now))
        return cls(list(events(rng, people(rng, CONTACTS), since=since, until=until, meetings=number, series=series)))

    def text(self) -> str:
        """Give all of them as one iCalendar."""
        return _crlf(calendar(self.parts))

    def move(self) -> dict[int, str]:
        """Put off the last ones by a day; gives those by their number."""
        last = range(len(self.parts) - MOVED, len(self.parts))
        for number in last:
            self.parts[number] = _a_day_later(self.parts[number])
        return {number: _crlf(self.parts[number]) for number in last}


def _crlf(text: str) -> str:
    return text.replace("\n", "\r\n")


def _a_day_later(event: str) -> str:
    lines = []
    for line in event.splitlines():
        name, _, value = line.partition(":")
        if name in ("DTSTART", "DTEND"):
            later = datetime.strptime(value, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC) + timedelta(days=1)
            lines.append(f"{name}:{later:%Y%m%dT%H%M%SZ}")
        else:
            lines.append("SEQUENCE:9" if name == "SEQUENCE" else line)
    return "\n".join(lines) + "\n"


class Bench:
    """One run in a folder of its own."""

    def __init__(self, folder: Path, diary: Diary, now: datetime) -> None:
        self._folder = folder
        self._diary = diary
        self._file = folder / "calendar.ics"
        self._file.write_text(diary.text(), newline="")
        self._span = [moment.isoformat() for moment in (now - BACK, now + AHEAD)]

    def file(self) -> dict[str, Any]:
        """Read the calendar from a file: at first, again, and after some events were moved."""
        settings = self._settings("ics", f'kind = "ics"\npath = "{self._file}"')
        read = _reading(settings)
        first, again = measure(read), measure(read)
        general = measure([sys.executable, "-c", GENERAL, str(self._file), *self._span])
        self._diary.move()
        self._file.write_text(self._diary.text(), newline="")
        found = {"first": first, "nothing_new": again, "moved": measure(read), "general": general}
        found["judged"] = measure([str(Path(sys.executable).with_name("keepwarm")), "--config", str(settings), "sync"])
        return {name: Asked(cost).figures() for name, cost in found.items()}

    def server(self) -> dict[str, Any]:
        """Do the same with a server."""
        server = Radicale()
        try:
            return self._server(server, server.add_user())
        finally:
            server.remove()

    def _server(self, server: Radicale, user: CalendarUser) -> dict[str, Any]:
        user.make_calendar("work")
        # Radicale keeps each resource as a file; written as such, for 5,000 PUTs take minutes.
        collection = server.folder / "collections" / "collection-root" / user.user / "work"
        for number, part in enumerate(self._diary.parts):
            (collection / f"{number}.ics").write_text(_crlf(calendar([part])), newline="")
        bare = [sys.executable, "-m", "benchmarks.bare_caldav", user.url("work/"), user.user, user.password]
        measure(bare)  # Radicale parses each event once, and keeps what it found: nobody here is to pay for that
        settings = self._settings("caldav", self._source(user))
        first, again, twice = (self._asked(server, _reading(settings, polls)) for polls in (1, 1, 2))
        for number, part in self._diary.move().items():
            user.put(f"work/{number}.ics", part)
        found = {
            "first": first,
            "nothing_new": again,
            "next_poll": twice.less(again),
            "moved": self._asked(server, _reading(settings)),
            "bare": Asked(measure(bare)),
        }
        return {name: asked.figures() for name, asked in found.items()}

    def _source(self, user: CalendarUser) -> str:
        secret = self._folder / "password"
        secret.write_text(user.password)
        secret.chmod(0o600)
        password = f'password = {{ file = "{secret}" }}'
        return f'kind = "caldav"\nurl = "{user.url()}"\nuser = "{user.user}"\n{password}'

    def _asked(self, server: Radicale, command: list[str]) -> Asked:
        before = _logged(server)
        cost = measure(command)
        return Asked(cost, _logged(server) - before)

    def _settings(self, kind: str, source: str) -> Path:
        """Write the settings for one source with a database of its own."""
        name, address = OWNER
        file = self._folder / f"{kind}.toml"
        database = self._folder / f"{kind}.db"
        file.write_text(SETTINGS.format(name=name, address=address, database=database, source=source))
        return file


def _reading(settings: Path, polls: int = 1) -> list[str]:
    return [sys.executable, "-m", "benchmarks.reading", str(settings), str(polls)]


def _logged(server: Radicale) -> int:
    return server.log.read_text(errors="replace").count(" request for ")


def table(document: dict[str, Any]) -> str:
    """Write the figures for people."""
    head = f"{document['events']} events, {document['series']} of them series; {document['machine']}"
    lines = [head, f"{'':46}{'seconds':>10}{'peak MiB':>10}{'requests':>10}"]
    for title, source, what in _ROWS:
        one = document[source][what]
        asked = "" if one["requests"] is None else str(one["requests"])
        lines.append(f"{title:46}{one['seconds']:10.2f}{one['peak_mib']:10.1f}{asked:>10}")
    lines.append(f"The general libraries take {document['general_over_first']:.1f} times as long as our first read")
    lines.append(
        f"of the file; our first read by CalDAV {document['first_over_bare']:.1f} times as long as the bare requests."
    )
    return "\n".join(lines)


_ROWS = (
    ("a file: first read", "file", "first"),
    ("a file: nothing new", "file", "nothing_new"),
    (f"a file: {MOVED} meetings moved", "file", "moved"),
    ("the same file, icalendar and expansion alone", "file", "general"),
    (f"keepwarm sync after that, {CONTACTS} people judged", "file", "judged"),
    ("CalDAV: first read", "server", "first"),
    ("CalDAV: nothing new, with discovery", "server", "nothing_new"),
    ("CalDAV: nothing new, the daemon's next poll", "server", "next_poll"),
    (f"CalDAV: {MOVED} meetings moved, with discovery", "server", "moved"),
    ("the bare requests of a first read alone", "server", "bare"),
)


def main() -> int:
    """Measure, and print a table or, with --json, a document."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=EVENTS)
    parser.add_argument("--series", type=int, default=SERIES)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    now = datetime.now(UTC)
    try:
        with TemporaryDirectory() as name:
            bench = Bench(Path(name).resolve(), Diary.made(chosen.events, chosen.series, now), now)
            file, server = bench.file(), bench.server()
    except ChildError as failure:
        print(failure, file=sys.stderr)
        return 1
    document = {
        "events": chosen.events,
        "series": chosen.series,
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        "file": file,
        "server": server,
        "general_over_first": file["general"]["seconds"] / file["first"]["seconds"],
        "first_over_bare": server["first"]["seconds"] / server["bare"]["seconds"],
    }
    print(json.dumps(document, indent=2) if chosen.json else table(document))
    return 0


if __name__ == "__main__":
    sys.exit(main())
