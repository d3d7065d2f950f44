"""How fast a mailbox is read by IMAP, next to the wire and to mbsync with notmuch, in one run.

``python -m benchmarks.imap [--messages N] [--rounds N] [--judged N] [--notmuch N] [--json]`` (``make bench-imap``)

A seeded mailbox lies in a real Dovecot on a loopback port. Each round measures, one after the other: a bare socket that
says the same FETCH commands and throws the answers away, the server's cache cold and warm; our first read into SQLite,
cold; a process of ours that finds nothing new, and the daemon's next poll; mbsync's first pull, cold, and its run that
finds nothing new. Each round begins with another of the three. Cold means that Dovecot's own cache was removed: the
files themselves stay in memory.

Our first read is all of a process that starts, reads every message and stores it with its people; nobody is judged.
What judging everybody for the first time takes, with ``keepwarm sync`` after that read, has a line of its own.

Where others use the machine, processor time says more than seconds: a program's own, and the server's while it ran.
The figures are medians of all rounds; judging and ``notmuch new``, which take minutes, are measured less often.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from benchmarks.children import ChildError, Cost, measure
from benchmarks.corpus import arguments
from benchmarks.mail_peers import Mbsync, Notmuch
from benchmarks.mailbox import SENT
from benchmarks.traffic import OWNER
from benchmarks.wire import Wire, processor_of
from tests.servers.dovecot import Dovecot
from tests.servers.processes import MissingServerError, give, unprivileged

if TYPE_CHECKING:
    from argparse import Namespace

    from tests.servers.dovecot import MailAccount

POLLS = 20
PEAK_ALLOWED = 90.0  # MiB
COLD_RATIO, NOTMUCH_RATIO = 2.0, 20.0
SETTINGS = """\
[owner]
name = "{name}"
addresses = ["{address}"]
timezone = "Europe/Berlin"

[database]
url = "sqlite:///{database}"

[[account]]
name = "mail"
kind = "imap"
address = "{address}"
host = "{host}"
port = {port}
tls = "none"
user = "{user}"
password = {{ file = "{password}" }}
history = "50y"
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a command cost, and what the server did for it."""

    cost: Cost
    server: float = 0.0  # seconds of processor time


class Bench:
    """One server with its mailbox, and all who read it."""

    def __init__(self, server: Dovecot, account: MailAccount, folder: Path) -> None:
        self._server = server
        self._account = account
        self._folder = folder
        self._secret = folder / "password"
        self._secret.write_text(account.password)
        self._secret.chmod(0o600)
        self._wire = Wire.of(account, self._secret, folder)
        self._mbsync = Mbsync.found(server, account, folder, self._secret)
        self._settings = folder / "config.toml"
        self._database = folder / "keepwarm.db"
        name, address = OWNER
        self._settings.write_text(
            SETTINGS.format(
                name=name,
                address=address,
                database=self._database,
                host=server.host,
                port=server.port,
                user=account.user,
                password=self._secret,
            )
        )

    def round(self, number: int) -> dict[str, Asked]:
        """Measure each of those that are measured each time, beginning with another one in each round."""
        readers = (self._round_of_wire, self._round_of_ours, self._round_of_mbsync)
        first = number % len(readers)
        costs: dict[str, Asked] = {}
        for reader in (*readers[first:], *readers[:first]):
            costs |= reader()
        return costs

    def _round_of_wire(self) -> dict[str, Asked]:
        return {"wire_cold": self._cold(self._wire.fetch), "wire_warm": self._asked(self._wire.fetch)}

    def _round_of_ours(self) -> dict[str, Asked]:
        self._forget()
        first = self._cold(self._reading())
        nothing_new = self._asked(self._reading())
        many = self._asked(self._reading(1 + POLLS))
        return {"first": first, "nothing_new": nothing_new, "next_poll": _share(many, nothing_new)}

    def _round_of_mbsync(self) -> dict[str, Asked]:
        if self._mbsync is None:
            return {}
        self._mbsync.forget()
        return {"mbsync_first": self._cold(self._mbsync.command), "mbsync_again": self._asked(self._mbsync.command)}

    def judging(self) -> Cost:
        """Judge what was read, from nothing."""
        self._forget()
        measure(self._reading())
        return measure([str(Path(sys.executable).with_name("keepwarm")), "--config", str(self._settings), "sync"])

    def notmuch(self) -> Cost | None:
        """Index what mbsync has pulled; None if either is missing."""
        peer = Notmuch.found(self._folder) if self._mbsync else None
        if peer is None or self._mbsync is None:
            return None
        return measure(peer.command(self._mbsync.maildir), extra_environment=peer.environment)

    def _asked(self, command: list[str]) -> Asked:
        before = processor_of(self._server)
        cost = measure(command)
        return Asked(cost, processor_of(self._server) - before)

    def _cold(self, command: list[str]) -> Asked:
        self._server.stop()
        for cache in self._account.make_folder("INBOX").glob("**/dovecot.index.cache"):
            cache.unlink()
        self._server.start()
        measure(self._wire.greeting)  # the server starts a process for whoever signs in first
        os.sync()  # what others have written is not for this one to wait for
        return self._asked(command)

    def _forget(self) -> None:
        for file in self._folder.glob("keepwarm.db*"):
            file.unlink()

    def _reading(self, polls: int = 1) -> list[str]:
        return [sys.executable, "-m", "benchmarks.reading", str(self._settings), str(polls)]


def _share(many: Asked, one: Asked) -> Asked:
    """Give what each further poll costs."""
    seconds = (many.cost.seconds - one.cost.seconds) / POLLS
    processor = (many.cost.processor - one.cost.processor) / POLLS
    cost = Cost(max(0.0, seconds), many.cost.peak_mib, max(0.0, processor))
    return Asked(cost, max(0.0, (many.server - one.server) / POLLS))


def measured(chosen: Namespace) -> dict[str, Any]:
    """Set everything up, measure it, and give the medians as a document.

    Raises ChildError, and MissingServerError without Dovecot.
    """
    server = Dovecot()
    try:
        account = server.add_user()
        _fill(account, chosen)
        with TemporaryDirectory() as name:
            bench = Bench(server, account, Path(name).resolve())
            rounds = [bench.round(number) for number in range(chosen.rounds)]
            judged = [Asked(bench.judging()) for _ in range(chosen.judged)]
            indexed = [Asked(cost) for _ in range(chosen.notmuch) if (cost := bench.notmuch())]
    finally:
        server.remove()
    figures = {what: _median([one[what] for one in rounds]) for what in rounds[0]}
    if judged:
        figures["judged"] = _median(judged)
    if indexed:
        figures["notmuch"] = _median(indexed)
    return _document(chosen, figures)


def _fill(account: MailAccount, chosen: Namespace) -> None:
    """Write the mailbox where the server looks for it; in a process of its own, for this one has to stay small."""
    place = account.make_folder("INBOX")
    account.make_folder(SENT)
    names = ("messages", "contacts", "years", "seed", "end")
    options = [option for name in names for option in (f"--{name}", str(getattr(chosen, name)))]
    subprocess.run([sys.executable, "-m", "benchmarks.mailbox", str(place), *options], check=True)
    give(place, unprivileged())


def _median(asked: list[Asked]) -> dict[str, float]:
    return {
        "seconds": median(one.cost.seconds for one in asked),
        "processor": median(one.cost.processor for one in asked),
        "server": median(one.server for one in asked),
        "peak_mib": max(one.cost.peak_mib for one in asked),
    }


def _document(chosen: Namespace, figures: dict[str, dict[str, float]]) -> dict[str, Any]:
    with_notmuch = None
    if "notmuch" in figures:
        with_notmuch = figures["mbsync_first"]["seconds"] + figures["notmuch"]["seconds"]
    first = figures["first"]["seconds"]
    return {
        "messages": chosen.messages,
        "rounds": chosen.rounds,
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, {_dovecot()}",
        "figures": figures,
        "first_over_cold_wire": first / figures["wire_cold"]["seconds"],
        "mbsync_over_first": _ratio(figures, "mbsync_first", "first"),
        "mbsync_and_notmuch_over_first": with_notmuch and with_notmuch / first,
        "next_poll_over_mbsync": _ratio(figures, "next_poll", "mbsync_again"),
        "peak_within_aim": figures["first"]["peak_mib"] <= PEAK_ALLOWED,
    }


def _ratio(figures: dict[str, dict[str, float]], one: str, other: str) -> float | None:
    """Compare two; None if one of them is not installed."""
    return figures[one]["seconds"] / figures[other]["seconds"] if {one, other} <= figures.keys() else None


def _dovecot() -> str:
    with suppress(OSError):
        told = subprocess.run(["dovecot", "--version"], capture_output=True, text=True, check=False)
        return f"Dovecot {told.stdout.split()[0]}"
    return "Dovecot"


def table(document: dict[str, Any]) -> str:
    """Write the figures for people."""
    head = f"{document['messages']} messages, medians of {document['rounds']}; {document['machine']}"
    lines = [head, f"{'':50}{'seconds':>10}{'processor':>11}{'server':>9}{'peak MiB':>10}"]
    for title, what in _ROWS:
        if one := document["figures"].get(what):
            spent = f"{one['seconds']:10.2f}{one['processor']:11.2f}{one['server']:9.2f}"
            lines.append(f"{title:50}{spent}{one['peak_mib']:10.1f}")
    lines += [_aim(document, *aim) for aim in _AIMS if document[aim[0]] is not None]
    lines.append(
        f"peak memory of our first read: {'within' if document['peak_within_aim'] else 'OVER'} {PEAK_ALLOWED} MiB"
    )
    return "\n".join(lines)


def _aim(document: dict[str, Any], what: str, title: str, *limits: float) -> str:
    ratio = document[what]
    least, most = limits
    met = "met" if least <= ratio <= most else "MISSED"
    aim = f"at most {most:g}" if least == 0 else f"at least {least:g}"
    return f"{title}: {ratio:.2f} (aim: {aim}; {met})"


_ENDLESS = float("inf")
_ROWS = (
    ("the bare commands, the server's cache cold", "wire_cold"),
    ("the same, warm", "wire_warm"),
    ("Keepwarm: first read, cold, nobody judged", "first"),
    ("Keepwarm: nothing new, a new process", "nothing_new"),
    ("Keepwarm: nothing new, the daemon's next poll", "next_poll"),
    ("Keepwarm: everybody judged after that read", "judged"),
    ("mbsync: first pull, cold", "mbsync_first"),
    ("mbsync: nothing new", "mbsync_again"),
    ("notmuch new on what mbsync pulled", "notmuch"),
)
_AIMS = (
    ("first_over_cold_wire", "our first read over the bare commands", 0.0, COLD_RATIO),
    ("mbsync_over_first", "mbsync's first pull over our first read", 1.0, _ENDLESS),
    ("mbsync_and_notmuch_over_first", "mbsync and notmuch new over our first read", NOTMUCH_RATIO, _ENDLESS),
    ("next_poll_over_mbsync", "our next poll over mbsync's run with nothing new", 0.0, 1.0),
)


def main() -> int:
    """Measure, and print a table or, with --json, a document."""
    parser = arguments(__doc__ or "")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--judged", type=int, default=1, help="how often judging is measured")
    parser.add_argument("--notmuch", type=int, default=1, help="how often notmuch is measured")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    try:
        document = measured(chosen)
    except (ChildError, MissingServerError) as failure:
        print(failure, file=sys.stderr)
        return 1
    print(json.dumps(document, indent=2) if chosen.json else table(document))
    return 0


if __name__ == "__main__":
    sys.exit(main())
