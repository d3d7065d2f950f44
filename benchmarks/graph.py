"""What a first reading at Microsoft costs, and a poll: requests, bytes and seconds, against the tests' own Graph.

``python -m benchmarks.graph [--messages N] [--meetings N] [--json]`` (``make bench-graph``)

Microsoft is played by this process, the reader is a child of it: ``--read URL``.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from benchmarks.children import PEAK_UNIT
from keepwarm.connectors.graph import GraphConnector
from keepwarm.connectors.graph_calendars import CalendarSettings, GraphCalendars
from keepwarm.connectors.graph_client import GraphClient
from keepwarm.connectors.graph_mail import GraphMail, MailSettings
from keepwarm.storage import accounts, schema
from keepwarm.storage.database import Database
from keepwarm.storage.ingest import Ingest
from keepwarm.storage.messages import Keeping
from tests.microsoft import ME, START, Microsoft, attendee, message, person
from tests.servers.graph import TOKEN

if TYPE_CHECKING:
    from keepwarm.storage.observations import Stream

MESSAGES, MEETINGS = 20_000, 2_000
AHEAD = timedelta(days=120)
YEARS = timedelta(days=5 * 365)
SERIES = 20  # meetings that belong to one series, of each series
HEADERS = 25  # fields of the header that came with a message: what mail between companies has


def main() -> int:
    """Run the benchmark, or be its reader."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--messages", type=int, default=MESSAGES)
    parser.add_argument("--meetings", type=int, default=MEETINGS)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--read", metavar="URL", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.read:
        _read(options.read)
        return 0
    figures = measured(options.messages, options.meetings)
    print(json.dumps(figures, indent=2) if options.json else _table(figures))
    return 0


def measured(messages: int, meetings: int) -> dict[str, Any]:
    """Give the figures of a first reading, of a poll with nothing new, and of the next day's first one."""
    microsoft = Microsoft()
    try:
        _fill(microsoft, messages, meetings)
        with subprocess.Popen(
            [sys.executable, "-m", "benchmarks.graph", "--read", microsoft.graph.url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        ) as reader:
            return {name: figure for part in _parts(microsoft, reader) for name, figure in part.items()}
    finally:
        microsoft.stop()


def _parts(microsoft: Microsoft, reader: subprocess.Popen[str]) -> list[dict[str, Any]]:
    """Follow the reader from pass to pass; what was asked for in each is counted here."""
    told = []
    for name in ("first", "poll", "next day"):
        _, microsoft.graph.bytes_sent = microsoft.graph.paths(), 0
        assert reader.stdin is not None
        assert reader.stdout is not None
        print("go", file=reader.stdin, flush=True)
        figures = json.loads(reader.stdout.readline())
        asked = microsoft.graph.paths()
        lists = sum(1 for path in asked if not path.endswith("delta"))
        told.append(
            {
                **{f"{name}: {what}": figure for what, figure in figures.items()},
                f"{name}: requests": len(asked),
                f"{name}: requests that are no delta query": lists,
                f"{name}: MiB": microsoft.graph.bytes_sent / 2**20,
            }
        )
    return told


def _fill(microsoft: Microsoft, messages: int, meetings: int) -> None:
    step = YEARS / max(messages, 1)
    headers = [{"name": f"X-Field-{number}", "value": "of no use here " * 4} for number in range(HEADERS)]
    for number in range(messages):
        other = f"person{number % 300}@firm{number % 100}.example"
        sender, to, folder = (ME, other, "sentitems") if number % 3 == 0 else (other, ME, "inbox")
        stamp = f"{START - YEARS + number * step:%Y-%m-%dT%H:%M:%SZ}"
        told = message(number, sender=sender, to=[to], sentDateTime=stamp, receivedDateTime=stamp)
        microsoft.mailbox.add({**told, "internetMessageHeaders": headers}, folder)
    step = (YEARS + AHEAD) / max(meetings, 1)
    for number in range(meetings // 2):
        guest = attendee(f"person{number % 300}@firm{number % 100}.example", "accepted")
        microsoft.calendars.add(START - YEARS + 2 * number * step, attendees=[guest])
    span = YEARS + AHEAD - timedelta(weeks=SERIES)  # so that each series ends before what is read does
    for number in range(meetings // 2 // SERIES):
        guest = attendee(f"person{number % 300}@firm{number % 100}.example", "accepted")
        first = START - YEARS + number * span / max(meetings // 2 // SERIES, 1)
        microsoft.calendars.add_series(first, SERIES, attendees=[guest], organizer=person(ME))


def _read(url: str) -> None:
    """Read everything into a database, then poll, each time when the parent says so."""
    day = START
    client = GraphClient(url, lambda _: TOKEN, "work")
    calendars = CalendarSettings(window=lambda: (day - YEARS, day + AHEAD), zone=UTC, owner=frozenset({ME}))
    connector = GraphConnector(GraphMail(client, MailSettings()), GraphCalendars(client, calendars))
    with TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'keepwarm.db'}")
        schema.upgrade(database)
        ingest = Ingest(database, Keeping(owner=frozenset({ME}), key=b"k" * 32))
        for number, _ in enumerate(sys.stdin):
            day = START + timedelta(days=max(number - 1, 0))
            print(json.dumps(_pass(connector, database, ingest, day)), flush=True)
        database.close()


def _pass(connector: GraphConnector, database: Database, ingest: Ingest, now: datetime) -> dict[str, float]:
    began, worked, messages, meetings = time.perf_counter(), time.process_time(), 0, 0
    streams = connector.streams()
    for stream in streams:
        stored = _pull(connector, database, ingest, stream, now)
        messages, meetings = messages + stored[0], meetings + stored[1]
    connector.close()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * PEAK_UNIT / 2**20
    return {
        "streams": len(streams),
        "messages": messages,
        "meetings": meetings,
        "seconds": time.perf_counter() - began,
        "processor seconds": time.process_time() - worked,
        "peak MiB": peak,
    }


def _pull(
    connector: GraphConnector, database: Database, ingest: Ingest, stream: Stream, now: datetime
) -> tuple[int, int]:
    with database.writing() as connection:
        state = accounts.ensure_stream(connection, accounts.ensure_account(connection, "work", "microsoft"), stream)
    lease, messages, meetings = ingest.begin(state.id), 0, 0
    with database.reading() as connection:
        cursor = accounts.cursor_of(connection, state.id)
    for batch in connector.pull(stream, cursor):
        stored = ingest.store(lease, batch, now)
        messages, meetings = messages + stored.messages, meetings + stored.meetings
    ingest.finish(lease, now)
    return messages, meetings


def _table(figures: dict[str, Any]) -> str:
    return "\n".join(
        f"{name:<44}{value:>12,.3f}" if isinstance(value, float) else f"{name:<44}{value:>12,}"
        for name, value in figures.items()
    )


if __name__ == "__main__":
    sys.exit(main())
