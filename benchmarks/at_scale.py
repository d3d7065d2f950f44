"""How long a practice of 5,000 contacts takes to judge: whole, for each new message, and on a Monday with nothing new.

``python -m benchmarks.at_scale [--contacts N] [--messages N] [--meetings N] [--new N] [--json]`` (``make bench-scale``)

The practice is made straight through storage. Then child processes are measured, with their peak memory: the bare
reading of the rows that a replay rests on, by SQLite; a full replay; an evaluation of everybody on the Monday after,
with nothing new; and an evaluation after each of some new messages (``--new``), spread over contacts as messages are.
Each with its seconds on the wall clock and of processor time: a machine may have other things to do.
"""

from __future__ import annotations

import json
import os
import platform
import sqlite3
import sys
import time
from datetime import timedelta
from random import Random
from statistics import median
from typing import TYPE_CHECKING, Any

from benchmarks.children import measure
from benchmarks.parts import run

if TYPE_CHECKING:
    from argparse import Namespace

    from benchmarks.large_practice import Who
    from keepwarm.daemon.workshop import Workshop

CONTACTS, MESSAGES, MEETINGS, NEW = 5_000, 1_000_000, 40_000, 300
AIMS = {"replay_s": 60.0, "update_ms": 5.0, "monday_s": 3.0, "peak_mib": 250.0}
SETTINGS = """\
[owner]
name = "{name}"

timezone = "Europe/Berlin"

[database]
url = "sqlite:///{folder}/keepwarm.db"

[[account]]
name = "mail"
kind = "maildir"
path = "{folder}/mail"
address = "{address}"
"""
BARE = (
    "SELECT p.address_id, p.role, m.* FROM message_party p JOIN message m ON m.id = p.message_id",
    "SELECT p.address_id, p.role, r.* FROM meeting_party p JOIN meeting_revision r ON r.id = p.revision_id",
)


def everybody(chosen: Namespace) -> list[Who]:
    """Give the people of the practice: the same each time."""
    from benchmarks.large_practice import people  # noqa: PLC0415 - SQLAlchemy: the parent of measured children is small

    return people(Random(1), contacts=chosen.contacts, messages=chosen.messages, meetings=chosen.meetings)


def workshop(chosen: Namespace) -> Workshop:
    """Open the practice."""
    from keepwarm.daemon.configuration import parse  # noqa: PLC0415
    from keepwarm.daemon.workshop import Workshop  # noqa: PLC0415

    name, address = owner()
    text = SETTINGS.format(name=name, address=address, folder=chosen.folder)
    return Workshop(parse(text, chosen.folder / "config.toml"))


def owner() -> tuple[str, str]:
    """Give the owner's name and address."""
    from benchmarks.traffic import OWNER  # noqa: PLC0415

    return OWNER


def make(chosen: Namespace) -> dict[str, Any]:
    """Write the practice."""
    from benchmarks.large_practice import store  # noqa: PLC0415
    from keepwarm.storage import owner  # noqa: PLC0415

    shop = workshop(chosen)
    with shop.database.writing() as connection:
        owner.adopt(connection, shop.owner)  # while there are no meetings yet: theirs stand as they are written
        store(connection, Random(2), everybody(chosen))
    return {}


class _Watch:
    """Measures from when it was made."""

    def __init__(self) -> None:
        self._started = time.perf_counter(), time.process_time()

    def seconds(self) -> dict[str, float]:
        wall, cpu = self._started
        return {"seconds": time.perf_counter() - wall, "cpu_seconds": time.process_time() - cpu}


def bare(chosen: Namespace) -> dict[str, Any]:
    """Read the rows, and do nothing with them."""
    connection = sqlite3.connect(chosen.folder / "keepwarm.db")
    watch = _Watch()
    rows = sum(1 for query in BARE for _ in connection.execute(query))
    return {**watch.seconds(), "rows": rows}


def replay(chosen: Namespace) -> dict[str, Any]:
    """Judge everybody from nothing."""
    from benchmarks.large_practice import UNTIL  # noqa: PLC0415
    from keepwarm.daemon.replaying import rebuild  # noqa: PLC0415

    shop, watch = workshop(chosen), _Watch()
    rebuild(shop, UNTIL, lambda _done, _all: None)
    return watch.seconds()


def new(chosen: Namespace) -> dict[str, Any]:
    """Judge after each new message of a few hundred."""
    from sqlalchemy import update  # noqa: PLC0415

    from benchmarks.large_practice import UNTIL, message_rows  # noqa: PLC0415
    from keepwarm.daemon.evaluation import evaluate  # noqa: PLC0415
    from keepwarm.storage.identity import hash63  # noqa: PLC0415
    from keepwarm.storage.tables import address, message, message_party  # noqa: PLC0415

    shop, rng, people = workshop(chosen), Random(3), everybody(chosen)
    now = UNTIL + timedelta(days=3)
    evaluate(shop, now)
    first = 10 * chosen.messages
    took: list[dict[str, float]] = []
    for number, who in enumerate(rng.choices(people, [one.messages for one in people], k=chosen.new), start=first):
        at = now + timedelta(seconds=number - first)
        more: dict[str, Any] = {"outbound": rng.random() < 0.5, "thread": hash63(f"m{number}"), "parent": None}
        row, parties = message_rows(who, number, at, about="A question", **more)
        with shop.database.writing() as connection:
            connection.execute(message.insert().values(**row))
            connection.execute(message_party.insert(), parties)
            connection.execute(update(address).where(address.c.id == who.address_id).values(dirty=True))
        watch = _Watch()
        evaluate(shop, at)
        took.append(watch.seconds())
    wall, cpu = (sorted(1000 * one[name] for one in took) for name in ("seconds", "cpu_seconds"))
    late = int(0.95 * len(took))
    middle = {"median_ms": median(wall), "median_cpu_ms": median(cpu)}
    return {**middle, "p95_ms": wall[late], "p95_cpu_ms": cpu[late], "updates": len(took)}


def monday(chosen: Namespace) -> dict[str, Any]:
    """Judge everybody on the Monday after, with nothing new."""
    from benchmarks.large_practice import UNTIL  # noqa: PLC0415
    from keepwarm.daemon.evaluation import evaluate  # noqa: PLC0415

    shop, watch = workshop(chosen), _Watch()
    judged = evaluate(shop, UNTIL + timedelta(days=3))
    return {**watch.seconds(), "contacts": judged.contacts}


PARTS = {"make": make, "bare": bare, "replay": replay, "monday": monday, "new": new}


def measured(chosen: Namespace) -> dict[str, Any]:
    """Run each part in a process of its own.

    Raises ChildError.
    """
    found: dict[str, Any] = {
        **{name: getattr(chosen, name) for name in ("contacts", "messages", "meetings")},
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        "aims": AIMS,
    }
    sizes = [f"--{name}={getattr(chosen, name)}" for name in ("contacts", "messages", "meetings", "new")]
    for part in PARTS:
        result = chosen.folder / f"{part}.json"
        command = [sys.executable, "-m", "benchmarks.at_scale", *sizes, f"--folder={chosen.folder}", f"--part={part}"]
        cost = measure(command)
        found[part] = {**json.loads(result.read_text()), "process_seconds": cost.seconds, "peak_mib": cost.peak_mib}
    found["replay_over_bare"] = found["replay"]["cpu_seconds"] / found["bare"]["cpu_seconds"]
    return found


def table(found: dict[str, Any]) -> str:
    """Write the figures for people."""
    head = f"{found['contacts']} contacts, {found['messages']} messages, {found['meetings']} meetings"
    lines = [f"{head}; {found['machine']}", f"{'':30}{'wall':>10}{'CPU':>10}{'aim':>8}{'peak MiB':>10}"]
    for name, part, wall, cpu, unit, aim in (
        ("bare reading", "bare", "seconds", "cpu_seconds", "s", ""),
        ("full replay", "replay", "seconds", "cpu_seconds", "s", "60"),
        ("a new message, median", "new", "median_ms", "median_cpu_ms", "ms", "5"),
        ("a new message, 95 of 100", "new", "p95_ms", "p95_cpu_ms", "ms", ""),
        ("Monday, nothing new", "monday", "seconds", "cpu_seconds", "s", "3"),
    ):
        took = "".join(f"{found[part][one]:8.1f}{unit:>2}" for one in (wall, cpu))
        lines.append(f"{name:30}{took}{aim:>8}{found[part]['peak_mib']:10.1f}")
    return "\n".join([*lines, f"a replay takes {found['replay_over_bare']:.1f} times as long as the bare reading"])


def main() -> int:
    """Measure, and print a table or, with --json, a document."""
    sizes = {"contacts": CONTACTS, "messages": MESSAGES, "meetings": MEETINGS, "new": NEW}
    return run(__doc__ or "", sizes, PARTS, measured, table)


if __name__ == "__main__":
    sys.exit(main())
