"""What a first reading of Gmail costs, a message: requests, quota units and seconds, against the tests' own Google.

``python -m benchmarks.gmail [--messages N] [--json]`` (``make bench-gmail``)

Google is played by this process, the reader is a child of it: ``--read URL``. Where the reader would have to wait for
Google's quota, it does not, and the seconds are counted: they are what a first reading takes in truth.
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
from typing import Any

from benchmarks.children import PEAK_UNIT
from keepwarm.connectors.contract import Later
from keepwarm.connectors.gmail import GmailConnector, GmailSettings
from keepwarm.connectors.google_api import GoogleSettings
from keepwarm.storage import accounts, schema
from keepwarm.storage.database import Database
from keepwarm.storage.ingest import Ingest
from keepwarm.storage.messages import Keeping
from tests.google import Clock, letter
from tests.servers.google import Google

MESSAGES = 20_000
FIRST = datetime(2022, 1, 1, tzinfo=UTC)
ME = "me@example.com"


def main() -> int:
    """Run the benchmark, or be its reader."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--messages", type=int, default=MESSAGES)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--read", metavar="URL", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.read:
        print(json.dumps(_read(options.read)))
        return 0
    figures = measured(options.messages)
    print(json.dumps(figures, indent=2) if options.json else _table(figures))
    return 0


def measured(number: int) -> dict[str, Any]:
    """Give the figures of a first reading of so many messages, and of a poll with nothing new."""
    with Google(open_doors=True) as google:
        for one in range(number):
            at = FIRST + one * timedelta(hours=2)
            person = f"person{one % 300}@firm{one % 100}.example"
            mail = letter(one, sender=ME if one % 3 else person, to=person if one % 3 else ME, at=at)
            google.mail.deliver(mail, int(at.timestamp()))
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.gmail", "--read", google.url], capture_output=True, check=True
        )
        told: dict[str, Any] = json.loads(done.stdout)
        gets = google.count("/users/me/messages/")
        first, poll = told["first"], told["poll"]
        return {
            "messages": first["messages"],
            "metadata_requests_per_message": gets / number,
            "http_requests": google.requests - 1,
            "quota_units_per_message": (google.units - 2) / number,
            "seconds": first["seconds"],
            "seconds_that_the_quota_demands": first["waited"],
            "poll_requests": google.count("/history"),
            "poll_seconds": poll["seconds"],
            "peak_mib": told["peak_mib"],
        }


def _read(url: str) -> dict[str, Any]:
    """Read everything into a database, then poll once."""
    with TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'keepwarm.db'}")
        schema.upgrade(database)
        clock = Clock()
        google = GoogleSettings(token=lambda _: "any", clock=clock, endpoint=url)
        connector = GmailConnector(GmailSettings(google=google))
        ingest = Ingest(database, Keeping(owner=frozenset({ME}), key=b"k" * 32))
        passes = [_pass(connector, database, ingest, clock) for _ in range(2)]
        database.close()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * PEAK_UNIT / 2**20
    return {"first": passes[0], "poll": passes[1], "peak_mib": peak}


def _pass(connector: GmailConnector, database: Database, ingest: Ingest, clock: Clock) -> dict[str, float]:
    began, waited, messages = time.perf_counter(), clock.now, 0
    [stream] = connector.streams()
    with database.writing() as connection:
        state = accounts.ensure_stream(connection, accounts.ensure_account(connection, "work", "google"), stream)
    lease = ingest.begin(state.id)
    while True:
        with database.reading() as connection:
            cursor = accounts.cursor_of(connection, state.id)
        try:
            for batch in connector.pull(stream, cursor):
                messages += ingest.store(lease, batch, datetime.now(UTC)).messages
        except Later as later:
            clock.wait(later)
        else:
            break
    ingest.finish(lease, datetime.now(UTC))
    return {"messages": messages, "seconds": time.perf_counter() - began, "waited": clock.now - waited}


def _table(figures: dict[str, Any]) -> str:
    return "\n".join(
        f"{name.replace('_', ' '):<34}{value:>12,.3f}" if isinstance(value, float) else f"{name:<34}{value:>12,}"
        for name, value in figures.items()
    )


if __name__ == "__main__":
    sys.exit(main())
