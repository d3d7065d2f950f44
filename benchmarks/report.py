"""How long the weekly report of a practice of 2,000 contacts takes, from the database to the mail, and how large it is.

``python -m benchmarks.report [--contacts N] [--messages N] [--meetings N] [--json]`` (``make bench-report``)

The practice is made straight through storage, and so are its results: a ledger of some years, and a few findings of
each contact with their evidence. Then the whole way is measured in a child process: reading the week, writing text and
HTML, and the mail. The first report of a process reads the catalogues and the templates, too; the second does not.
"""

from __future__ import annotations

import json
import os
import platform
import sys
import time
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING, Any

from benchmarks.at_scale import everybody, make, workshop
from benchmarks.children import measure
from benchmarks.parts import run

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator
    from datetime import datetime

    from benchmarks.large_practice import Who
    from keepwarm.rules.rule import Rule

CONTACTS, MESSAGES, MEETINGS = 2_000, 200_000, 16_000
AIMS = {"seconds": 2.0, "kb": 100.0}
STEPS = 200
"""Lines of the ledger of each contact: a week's end, or a mail."""

SIGNALS, EVIDENCE = 4, 6


def fill(chosen: Namespace) -> dict[str, Any]:
    """Write the practice, and what would have been found of it."""
    from benchmarks.large_practice import UNTIL, _insert  # noqa: PLC0415
    from keepwarm.storage.tables import evidence, signal, warmth_change  # noqa: PLC0415

    make(chosen)
    shop, people = workshop(chosen), everybody(chosen)
    rules = [rule for rule in shop.rules if rule.scope == "contact"]
    found = [_signal(Random(number), rules, who, number, UNTIL) for number, who in _numbered(people)]
    with shop.database.writing() as connection:
        _insert(connection, warmth_change, (step for who in people for step in _ledger(who, UNTIL)))
        _insert(connection, signal, iter(found))
        _insert(connection, evidence, (cited for one in found for cited in _evidence(one)))
    return {"signals": len(found), "steps": STEPS * len(people)}


def _numbered(people: list[Who]) -> Iterator[tuple[int, Who]]:
    return enumerate(who for who in people for _ in range(SIGNALS))


def _ledger(who: Who, until: datetime) -> Iterator[dict[str, Any]]:
    from keepwarm.storage.identity import contact_id  # noqa: PLC0415

    rng, before = Random(who.address_id), 0.0
    gap = (until - who.since) / STEPS
    for seq in range(1, STEPS + 1):
        after = round(min(100.0, max(0.0, before + rng.gauss(0.3, 6.0))), 1)
        band = "close" if after >= 85 else "happy_medium" if after >= 45 else "cool" if after >= 20 else "cold"
        step = {"at": who.since + seq * gap, "before": before, "after": after, "band": band}
        yield {"contact_id": contact_id(who.address), "seq": seq, "cause": "heard", "sentence": "They wrote.", **step}
        before = after


def _signal(rng: Random, rules: list[Rule], who: Who, number: int, until: datetime) -> dict[str, Any]:
    from keepwarm.storage.identity import contact_id  # noqa: PLC0415

    rule = rules[number % len(rules)]
    return {
        "id": f"sig_{number:020}",
        "rule": rule.id,
        "contact_id": contact_id(who.address),
        "finding_key": f"{number}",
        "family": rule.family,
        "opened": until - timedelta(days=rng.uniform(0, 40)),
        "strength": rng.choice(("weak", "medium", "strong")),
        "sentence": rule.sentence.put({"name": who.name}),
        "advice": rule.advice,
        "facts": {"days": 5},
        "params": {},
        "conditions": ["days > 3"],
        "rule_version": "1",
        "historical": False,
    }


def _evidence(signal: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for number in range(EVIDENCE):
        cited = {"signal_id": signal["id"], "kind": "message", "ref": f"m_{number}"}
        yield {**cited, "at": signal["opened"] - timedelta(days=number), "what": "they wrote: “Figures of the quarter”"}


def written(chosen: Namespace) -> dict[str, Any]:
    """Write the report twice; give the seconds of each on the wall clock and of the processor, and its size."""
    from benchmarks.large_practice import UNTIL  # noqa: PLC0415

    shop, now = workshop(chosen), UNTIL + timedelta(days=3)
    with shop.database.reading():
        pass  # the schema is looked at once, at start-up
    took: list[dict[str, float]] = []
    for _ in range(2):
        wall, cpu = time.perf_counter(), time.process_time()
        size = _mail(chosen, now)
        took.append(
            {"seconds": time.perf_counter() - wall, "cpu_seconds": time.process_time() - cpu, "kb": size / 1000}
        )
    return {"first": took[0], "second": took[1]}


def _mail(chosen: Namespace, now: datetime) -> int:
    """Make the mail from the database; give its size in bytes."""
    from keepwarm.daemon import weekly_view  # noqa: PLC0415
    from keepwarm.outputs.edition import edition  # noqa: PLC0415
    from keepwarm.outputs.html_report import html_report  # noqa: PLC0415
    from keepwarm.outputs.letter import Envelope, letter  # noqa: PLC0415
    from keepwarm.outputs.tasks import tasks  # noqa: PLC0415
    from keepwarm.outputs.text_report import text_report  # noqa: PLC0415

    shop, monday = workshop(chosen), now.date() - timedelta(days=7)
    with shop.database.reading() as connection:
        week = weekly_view.view(connection, shop, monday, now)
    this = edition(week)
    envelope = Envelope(
        sender="me@example.com",
        recipient="me@example.com",
        sender_name="Keepwarm",
        subject=this.title,
        language="en",
        message_id="report@example.com",
        at=now,
        about="report",
    )
    return len(letter(envelope, text_report(this), html_report(this), tasks(week, this.words)))


PARTS = {"fill": fill, "written": written}


def measured(chosen: Namespace) -> dict[str, Any]:
    """Run each part in a process of its own. Raises ChildError."""
    found: dict[str, Any] = {
        **{name: getattr(chosen, name) for name in ("contacts", "messages", "meetings")},
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        "aims": AIMS,
    }
    sizes = [f"--{name}={getattr(chosen, name)}" for name in ("contacts", "messages", "meetings")]
    for part in PARTS:
        result = chosen.folder / f"{part}.json"
        command = [sys.executable, "-m", "benchmarks.report", *sizes, f"--folder={chosen.folder}", f"--part={part}"]
        cost = measure(command)
        found[part] = {**json.loads(result.read_text()), "peak_mib": cost.peak_mib}
    return found


def table(found: dict[str, Any]) -> str:
    """Write the figures for people."""
    has = f"{found['contacts']} contacts, {found['messages']} messages, {found['fill']['signals']} open findings"
    lines = [
        f"{has}, {found['fill']['steps']} lines of the ledger; {found['machine']}",
        f"{'':24}{'wall':>9}{'CPU':>9}{'mail':>10}",
    ]
    for name in ("first", "second"):
        one = found["written"][name]
        lines.append(f"{name + ' report':24}{one['seconds']:8.2f}s{one['cpu_seconds']:8.2f}s{one['kb']:7.0f} kB")
    return "\n".join([*lines, f"{'aim':24}{AIMS['seconds']:8.2f}s{'':9}{AIMS['kb']:7.0f} kB"])


def main() -> int:
    """Measure, and print a table or, with --json, a document."""
    sizes = {"contacts": CONTACTS, "messages": MESSAGES, "meetings": MEETINGS}
    return run(__doc__ or "", sizes, PARTS, measured, table)


if __name__ == "__main__":
    sys.exit(main())
