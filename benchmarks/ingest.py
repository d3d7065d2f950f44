"""How fast a mailbox is read and judged, next to what notmuch needs to index it, in one run.

``python -m benchmarks.ingest [--folder .bench] [--json] [--messages N] ...`` (``make bench``)

The corpus is kept in the folder and written again only if its parameters changed. All its files are read once
before anything is measured, so that nobody pays for a cold disk.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from benchmarks.children import ChildError, Cost, measure
from benchmarks.corpus import arguments, parameters
from benchmarks.traffic import OWNER

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterable

PEAK_ALLOWED = 120.0  # MiB
SETTINGS = """\
[owner]
name = "{name}"
timezone = "Europe/Berlin"
holidays = "DE"

[database]
url = "sqlite:///{database}"

[[account]]
name = "mail"
kind = "maildir"
path = "{corpus}/mail"
history = "50y"
address = "{address}"

[[account]]
name = "calendar"
kind = "ics"
path = "{corpus}/calendar.ics"
history = "50y"

[report]
to = "{address}"
via = "file"
"""
NOTMUCH_SETTINGS = """\
[database]
path={index}
mail_root={mail}
[user]
name={name}
primary_email={address}
[maildir]
synchronize_flags=false
"""


def corpus_in(folder: Path, chosen: Namespace) -> Path:
    """Give the corpus in ``folder``, after writing it if it is missing, unfinished or another one."""
    corpus = folder / "corpus"
    marker = corpus / "corpus.json"
    wanted = parameters(chosen.messages, chosen.contacts, chosen.years, chosen.seed, chosen.end)
    if not (marker.exists() and marker.read_text() == wanted):
        if corpus.exists():
            shutil.rmtree(corpus)
        fields = ("messages", "contacts", "years", "seed", "end")
        options = [option for field in fields for option in (f"--{field}", str(getattr(chosen, field)))]
        # In a process of its own, for this one has to stay small: see measure().
        subprocess.run([sys.executable, "-m", "benchmarks.corpus", str(corpus), *options], check=True)
    return corpus


def warm_up(corpus: Path) -> None:
    """Read every file once."""
    for path in corpus.rglob("*"):
        if path.is_file():
            path.read_bytes()


def keepwarm_costs(corpus: Path, scratch: Path) -> tuple[Cost, Cost]:
    """Measure the first sync into a fresh database, and the check of a full replay."""
    settings = scratch / "config.toml"
    name, address = OWNER
    settings.write_text(
        SETTINGS.format(name=name, address=address, corpus=corpus.resolve(), database=scratch / "keepwarm.db")
    )
    command = [str(Path(sys.executable).with_name("keepwarm")), "--config", str(settings)]
    return measure([*command, "sync"]), measure([*command, "replay", "--check"])


def notmuch_cost(corpus: Path, scratch: Path) -> Cost | None:
    """Measure ``notmuch new`` with an index of its own; None if notmuch is not installed."""
    program = shutil.which("notmuch")
    if program is None:
        return None
    index, settings = scratch / "index", scratch / "notmuch-config"
    index.mkdir()
    name, address = OWNER
    mail = corpus.resolve() / "mail"
    settings.write_text(NOTMUCH_SETTINGS.format(index=index, mail=mail, name=name, address=address))
    return measure([program, "new", "--quiet"], extra_environment={"NOTMUCH_CONFIG": str(settings)})


def figures(chosen: Namespace, sync: Cost, replay: Cost, notmuch: Cost | None) -> dict[str, Any]:
    """Put what was measured, and the ratios, into one JSON-able document; ratios without notmuch are None."""
    return {
        "messages": chosen.messages,
        "contacts": chosen.contacts,
        "years": chosen.years,
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        "sync": {**asdict(sync), "messages_per_second": chosen.messages / sync.seconds},
        "replay": {**asdict(replay), "messages_per_second": chosen.messages / replay.seconds},
        "notmuch": notmuch and {**asdict(notmuch), "messages_per_second": chosen.messages / notmuch.seconds},
        "notmuch_seconds_over_sync": notmuch and notmuch.seconds / sync.seconds,
        "notmuch_peak_over_sync": notmuch and notmuch.peak_mib / sync.peak_mib,
        "peak_within_aim": max(sync.peak_mib, replay.peak_mib) <= PEAK_ALLOWED,
    }


def table(document: dict[str, Any]) -> str:
    """Write the figures for people."""
    head = f"{document['messages']} messages, {document['contacts']} contacts, {document['years']} years"
    lines = [f"{head}; {document['machine']}", f"{'':24}{'seconds':>10}{'messages/s':>12}{'peak MiB':>10}"]
    lines += _rows(
        document,
        (("keepwarm sync", "sync"), ("keepwarm replay --check", "replay"), ("notmuch new", "notmuch")),
    )
    if document["notmuch"] is None:
        return "\n".join([*lines, "notmuch is not installed: nothing to compare with"])
    ratio, peak = document["notmuch_seconds_over_sync"], document["notmuch_peak_over_sync"]
    return "\n".join([*lines, f"notmuch takes {ratio:.1f} times as long, and {peak:.1f} times the memory"])


def _rows(document: dict[str, Any], named: Iterable[tuple[str, str]]) -> list[str]:
    return [
        f"{name:24}{cost['seconds']:10.1f}{cost['messages_per_second']:12.0f}{cost['peak_mib']:10.1f}"
        for name, cost in ((name, document[key]) for name, key in named)
        if cost is not None
    ]


def main() -> int:
    """Measure, and print a table or, with --json, a document."""
    parser = arguments(__doc__ or "")
    parser.add_argument("--folder", type=Path, default=Path(".bench"))
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    corpus = corpus_in(chosen.folder, chosen)
    warm_up(corpus)
    try:
        with TemporaryDirectory(dir=chosen.folder) as name:
            scratch = Path(name).resolve()
            sync, replay = keepwarm_costs(corpus, scratch)
            document = figures(chosen, sync, replay, notmuch_cost(corpus, scratch))
    except ChildError as failure:
        print(failure, file=sys.stderr)
        return 1
    print(json.dumps(document, indent=2) if chosen.json else table(document))
    return 0


if __name__ == "__main__":
    sys.exit(main())
