"""How soon what arrives is stored, and what the daemon costs while nothing does.

``python -m benchmarks.push [--messages N] [--accounts N] [--idle SECONDS] [--json]`` (``make bench-push``)

The daemon runs as a child process and watches mailboxes on a real Dovecot on loopback; it polls once an hour, so that
only push can be the cause. One message after the other is put into a mailbox, each once the one before is stored, and
the time is taken until a reader from outside sees its row. Then nothing happens for a while, and the processor time
that the daemon uses meanwhile is taken.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from statistics import median
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from tests.daemon import SETTINGS, account_of, count, running, write_secret
from tests.keepwarm import Keepwarm
from tests.letters import ME, Note
from tests.servers.dovecot import Dovecot

if TYPE_CHECKING:
    import subprocess

    from tests.servers.dovecot import MailAccount

PATIENCE = 120.0  # seconds
LOOKS = 0.005  # seconds between two looks into the database


@dataclass(frozen=True, slots=True)
class Figures:
    """Seconds from delivery to the row, processor seconds while idle, and resident memory."""

    messages: int
    accounts: int
    median: float
    slowest: float
    idle_seconds: float
    idle_processor_seconds: float
    resident_mib: float


def measure(messages: int, accounts: int, idle: float) -> Figures:
    """Run it. Raises MissingServerError and TimeoutError."""
    server = Dovecot()
    try:
        with TemporaryDirectory() as folder:
            return _measure(server, Path(folder), messages, accounts, idle)
    finally:
        server.remove()


def _measure(server: Dovecot, folder: Path, messages: int, accounts: int, idle: float) -> Figures:
    boxes = [server.add_user() for _ in range(accounts)]
    for box in boxes:
        box.make_folder("Sent")
    write_secret(folder / "secret", boxes[0].password)
    parts = [account_of(box, name=f"account{number}", poll="1h") for number, box in enumerate(boxes)]
    (folder / "config.toml").write_text(SETTINGS + "".join(parts))
    database, random = folder / "data" / "keepwarm.db", Random(1)
    with running(Keepwarm(folder / "config.toml")) as running_daemon:
        daemon = running_daemon.process
        _deliver(boxes[0], 0)
        _until(database, 1)
        _until_idle(daemon)
        took = []
        for number in range(1, messages + 1):
            time.sleep(random.uniform(0.5, 1.5))
            began = time.perf_counter()
            _deliver(random.choice(boxes), number)
            _until(database, number + 1)
            took.append(time.perf_counter() - began)
        _until_idle(daemon)
        before = _processor_seconds(daemon)
        time.sleep(idle)
        used = _processor_seconds(daemon) - before
        return Figures(messages, accounts, median(took), max(took), idle, used, _resident_mib(daemon))


def _deliver(box: MailAccount, number: int) -> None:
    note = Note(at=datetime.now(UTC), author="Mia <mia@kept.test>", to=ME, message_id=f"{number}@kept.test")
    box.deliver(note.raw, at=note.at)


def _until(database: Path, messages: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while count(database, "message") < messages:
        if time.monotonic() > deadline:
            raise TimeoutError("a message was not stored")
        time.sleep(LOOKS)


def _until_idle(daemon: subprocess.Popen[str]) -> None:
    """Wait until the daemon has used no processor time for two seconds."""
    deadline = time.monotonic() + PATIENCE
    before = -1.0
    while (used := _processor_seconds(daemon)) != before:
        if time.monotonic() > deadline:
            raise TimeoutError("the daemon is never idle")
        before = used
        time.sleep(2)


def _processor_seconds(daemon: subprocess.Popen[str]) -> float:
    fields = Path(f"/proc/{daemon.pid}/stat").read_text().rpartition(")")[2].split()  # proc(5)
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _resident_mib(daemon: subprocess.Popen[str]) -> float:
    lines = Path(f"/proc/{daemon.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS:"))


def _shown(figures: Figures) -> str:
    where = f"{os.cpu_count()} processors, Python {platform.python_version()}"
    lines = (
        f"{figures.messages} messages into {figures.accounts} watched mailboxes, {where}",
        f"from delivery to the database   median {figures.median:6.2f} s   slowest {figures.slowest:6.2f} s",
        f"idle for {figures.idle_seconds:g} s               processor {figures.idle_processor_seconds:6.2f} s",
        f"resident memory                 {figures.resident_mib:6.0f} MiB",
    )
    return "\n".join(lines)


def main() -> int:
    """Run the benchmark and print its figures."""
    parser = argparse.ArgumentParser(description="How soon what arrives is stored.")
    parser.add_argument("--messages", type=int, default=20)
    parser.add_argument("--accounts", type=int, default=4)
    parser.add_argument("--idle", type=float, default=30.0)
    parser.add_argument("--json", action="store_true")
    wanted = parser.parse_args()
    figures = measure(wanted.messages, wanted.accounts, wanted.idle)
    print(json.dumps(asdict(figures)) if wanted.json else _shown(figures))
    return 0


if __name__ == "__main__":
    sys.exit(main())
