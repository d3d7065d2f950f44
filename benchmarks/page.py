"""How soon the page is there: each view, of a practice of 2,000 contacts, asked for on loopback.

``python -m benchmarks.page [--contacts N] [--messages N] [--meetings N] [--folder FOLDER] [--json]``, or
``make bench-page``.

The practice is made straight through storage, and judged once; with ``--folder`` it is kept there, and used again.
The server is the daemon's own, in a thread of this process; each view is asked for as a browser does, over a new
connection, until its last byte has come. Told are the first time, and the median and the slowest of the following ones.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
from http.client import HTTPConnection
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from benchmarks import at_scale

if TYPE_CHECKING:
    from tests.web import Website

CONTACTS, MESSAGES, MEETINGS = 2_000, 300_000, 12_000
AIM_MS = 300.0
"""For the first view, the sonar, with everybody on it."""

TIMES = 15
_LISTENING = '\n[web]\nlisten = "127.0.0.1:0"\n'


def main() -> int:
    """Make it, serve it, ask."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.page", description=__doc__)
    parser.add_argument("--contacts", type=int, default=CONTACTS)
    parser.add_argument("--messages", type=int, default=MESSAGES)
    parser.add_argument("--meetings", type=int, default=MEETINGS)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--json", action="store_true", dest="as_json")
    chosen = parser.parse_args()
    with TemporaryDirectory() as temporary:
        chosen.folder = chosen.folder or Path(temporary)
        chosen.folder.mkdir(parents=True, exist_ok=True)
        found = _measured(chosen)
    print(json.dumps(found, indent=2) if chosen.as_json else told(found))
    return 0 if found["views"]["sonar"]["median_ms"] <= AIM_MS else 1


def _measured(chosen: argparse.Namespace) -> dict[str, Any]:
    from benchmarks.large_practice import UNTIL  # noqa: PLC0415
    from tests.web import website  # noqa: PLC0415

    if not (chosen.folder / "keepwarm.db").exists():
        at_scale.make(chosen)
        at_scale.replay(chosen)
    owner, address = at_scale.owner()
    config = chosen.folder / "config.toml"
    text = at_scale.SETTINGS.format(name=owner, address=address, folder=chosen.folder.absolute())
    config.write_text(text + _LISTENING)
    (chosen.folder / "mail").mkdir(exist_ok=True)
    with website(config, UNTIL) as site:
        cookie = site.visit()
        who = _fullest(site)
        targets = {
            "sonar": "/",
            "sonar_filtered": "/?q=company1",
            "signals": "/signals",
            "contact": f"/contacts/{who}",
            "attention": "/attention",
            "accounts": "/accounts",
        }
        views = {name: _timed(site, target, cookie) for name, target in targets.items()}
    return {
        "machine": {"python": platform.python_version(), "cores": os.cpu_count(), "load": os.getloadavg()[0]},
        "contacts": chosen.contacts,
        "messages": chosen.messages,
        "views": views,
    }


def _fullest(site: Website) -> str:
    """Give the warmest contact: there is much to tell of them."""
    return str(site.ask("/v1/contacts?limit=1").json[0]["id"])


def _timed(site: Website, target: str, cookie: dict[str, str]) -> dict[str, Any]:
    times, size = [], 0
    for _ in range(TIMES + 1):
        began = time.perf_counter()
        connection = HTTPConnection(*site.address, timeout=60)
        connection.request("GET", target, headers={**cookie, "Accept": "text/html"})
        answer = connection.getresponse()
        size = len(answer.read())
        times.append(1000 * (time.perf_counter() - began))
        connection.close()
        assert answer.status == 200, (target, answer.status)
    first, *rest = times
    return {
        "first_ms": round(first, 1),
        "median_ms": round(median(rest), 1),
        "quickest_ms": round(min(rest), 1),
        "slowest_ms": round(max(rest), 1),
        "bytes": size,
    }


def told(found: dict[str, Any]) -> str:
    """Give the figures for people."""
    machine = f"load {found['machine']['load']:.1f} on {found['machine']['cores']} cores"
    lines = [f"{found['contacts']:,} contacts, {found['messages']:,} messages; {machine}"]
    lines.append(f"{'view':<16}{'first':>9}{'median':>9}{'quickest':>9}{'slowest':>9}{'KB':>9}")
    for name, one in found["views"].items():
        figures = "".join(f"{one[key]:>9.0f}" for key in ("first_ms", "median_ms", "quickest_ms", "slowest_ms"))
        lines.append(f"{name:<16}{figures}{one['bytes'] / 1000:>9.0f}")
    lines.append(f"aim: the sonar within {AIM_MS:.0f} ms")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
