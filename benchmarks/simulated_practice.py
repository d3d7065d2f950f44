"""What the rules say over two years of a practice that was played by a script, held against the script.

``python -m benchmarks.simulated_practice [--seeds N] [--weeks N] [--json]`` (``make bench-practice``)

Sixty contacts write and meet, through real mailboxes and a real calendar file, read by the real command. What each of
them does is written in ``behaviours``, and so is what a reader would call it, from when to when. By rule:

    precision  of the signals that opened, the share that the script bears out; disputed ones are left out
    recall     of what the script says is due, the share of which a signal opened in its time

Rules that only suggest something to do (the family of care) have no truth in a script: they are counted.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from benchmarks.behaviours import HEALTHY, TROUBLED, Truth, cools_with_colleagues
from tests.practice.agenda import add_private_entries, write_agenda
from tests.practice.conversation import Pair
from tests.practice.mailbox import write_mailboxes
from tests.practice.people import Persona
from tests.practice.robots import run_robots
from tests.practice.settings import write_settings
from tests.practice.stage import Stage

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

CONTACTS = 60
WEEKS = 104
SEEDS = 3
END = date(2026, 11, 22)
SETTLED, OPEN_ENDED = 500, 150  # days before the end between which a behaviour begins
GRACE = timedelta(days=2)  # a weekend
COLLEAGUES = 3
PARTED = ("shrinking", "warming", "service_slipped", "one_sided", "remember")
PROGRAM = Path(sys.executable).with_name("keepwarm")
_FIRST = "Ada Ben Cora Dan Elsa Finn Gina Hugo Ida Jan Kai Lea Max Nina Otto Pia Rolf Sara Tim Ute Vito Wim Yvo Zita"
_LAST = "Abel Brandt Cohen Dietz Ernst Falk Graf Haas Imhof Jahn Kern Lang Maas Noll Opitz Pohl Roth Stein Thoma Wolf"


@dataclass(frozen=True, slots=True)
class Part:
    """What one person, or several of a firm together, are in for."""

    plays: str
    addresses: frozenset[str]
    truths: tuple[Truth, ...]


@dataclass(slots=True)
class Score:
    """How one rule did."""

    right: int = 0
    wrong: int = 0
    disputed: int = 0
    due: int = 0
    told: int = 0
    wrong_for: Counter[str] = field(default_factory=Counter)  # by what they play
    missed_for: Counter[str] = field(default_factory=Counter)


def play(folder: Path, seed: int, weeks: int) -> tuple[Stage, list[Part]]:
    """Play a practice, and write it down."""
    stage = Stage(seed, END, weeks)
    parts = list(_cast(stage))
    add_private_entries(stage)
    run_robots(stage)
    stage.letters.sort(key=lambda letter: (letter.at, letter.message_id))
    folder.mkdir(parents=True)
    write_mailboxes(stage, folder / "mail", folder / "archive.mbox")
    write_agenda(stage, folder / "calendar.ics")
    write_settings(folder)
    settings = (folder / "config.toml").read_text("utf-8").replace("match = [", 'match = ["*@client*.example", ', 1)
    (folder / "config.toml").write_text(settings + "\n[privacy]\nread_own_sent_bodies = true\n", "utf-8")
    return stage, parts


def _cast(stage: Stage) -> Iterator[Part]:
    """Give everybody something to do: the troubled once or twice each, a firm that cools, and the healthy."""
    people = _people(stage)
    onset = stage.rng("onsets")
    yield _firm(stage, [next(people) for _ in range(COLLEAGUES)], onset.uniform(OPEN_ENDED, SETTLED))
    troubled = [*TROUBLED, *stage.rng("again").sample(sorted(TROUBLED), 13)]
    for plays in troubled:
        who = next(people)
        truths = TROUBLED[plays](Pair(stage, who, tidy=stage.days), onset.uniform(OPEN_ENDED, SETTLED))
        yield Part(plays, who.addresses, tuple(truths))
    for number, who in enumerate(people):
        plays = sorted(HEALTHY)[number % len(HEALTHY)]
        HEALTHY[plays](Pair(stage, who, tidy=stage.days))
        yield Part(plays, who.addresses, ())


def _firm(stage: Stage, people: list[Persona], onset: float) -> Part:
    firm = [
        Persona(name=who.name, address=f"{who.address.partition('@')[0]}@client-firm.example", script="")
        for who in people
    ]
    played = [cools_with_colleagues(Pair(stage, who, tidy=stage.days), onset) for who in firm]
    truths = [played[0][0], *(truth for truths in played for truth in truths[1:])]
    return Part("cools with colleagues", frozenset(who.address for who in firm), tuple(truths))


def _people(stage: Stage) -> Iterator[Persona]:
    random = stage.rng("people")
    names = [f"{first} {last}" for first in _FIRST.split() for last in _LAST.split()]
    for number, name in enumerate(random.sample(names, CONTACTS)):
        local, software = name.lower().replace(" ", "."), random.choice(("outlook", "google"))
        kind = "client" if random.random() < 0.6 else "firm"
        yield Persona(name=name, address=f"{local}@{kind}{number}.example", script="", software=software)


def signals_of(folder: Path, stage: Stage) -> list[dict[str, Any]]:
    """Read and judge the practice with the real command, and give every signal that it ever opened."""
    command = [str(PROGRAM), "--quiet", "--config", str(folder / "config.toml"), "--as-of", stage.now.isoformat()]
    subprocess.run([*command, "sync"], check=True, capture_output=True)
    done = subprocess.run([*command, "signals", "--all", "--json"], check=True, capture_output=True)
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def score(stage: Stage, parts: Iterable[Part], signals: Iterable[dict[str, Any]]) -> dict[str, Score]:
    """Hold the signals against the script."""
    by_address = {address: part for part in parts for address in part.addresses}
    opened: dict[tuple[frozenset[str], str], list[datetime]] = defaultdict(list)
    found: dict[str, Score] = defaultdict(Score)
    for signal in signals:
        part = next((by_address[one] for one in signal["contact"]["addresses"] if one in by_address), None)
        at = datetime.fromisoformat(signal["opened"])
        rule = _family_of(signal["rule"])
        one = found[rule]
        if part is not None:
            opened[part.addresses, rule].append(at)
        truths = [] if part is None else [truth for truth in part.truths if truth.rule == rule]
        holding = [truth for truth in truths if _holds(stage, truth, at)]
        if any(not truth.disputed for truth in holding):
            one.right += 1
        elif holding or part is None:  # of those who come in by the way, the script says nothing
            one.disputed += 1
        else:
            one.wrong += 1
            one.wrong_for[part.plays] += 1
    for part in {id(part): part for part in by_address.values()}.values():
        for truth in part.truths:
            if truth.disputed:
                continue
            one = found[truth.rule]
            one.due += 1
            if any(_holds(stage, truth, at) for at in opened[part.addresses, truth.rule]):
                one.told += 1
            else:
                one.missed_for[part.plays] += 1
    return dict(found)


def _family_of(rule: str) -> str:
    """Give the finding of the field that a rule tells: some are told by several rules, each seeing a part of it."""
    return next((one for one in PARTED if rule.startswith(f"{one}_")), rule)


def _holds(stage: Stage, truth: Truth, at: datetime) -> bool:
    since = stage.now - timedelta(days=truth.since)
    until = stage.now - timedelta(days=truth.until)
    return since <= at <= until + GRACE


def table(scores: dict[str, Score], contacts: int, weeks: int) -> str:
    """Give the scores as lines."""
    lines = [f"{'rule':24} {'right':>6} {'wrong':>6} {'disputed':>9} {'precision':>10} {'recall':>14}"]
    for rule, one in sorted(scores.items()):
        precision = f"{one.right / (one.right + one.wrong):.2f}" if one.right + one.wrong else ""
        recall = f"{one.told / one.due:.2f} ({one.told} of {one.due})" if one.due else ""
        lines.append(f"{rule:24} {one.right:6} {one.wrong:6} {one.disputed:9} {precision:>10} {recall:>14}")
        if one.wrong_for:
            lines.append(f"    wrong for: {', '.join(f'{who} {n}' for who, n in one.wrong_for.most_common(6))}")
        if one.missed_for:
            lines.append(f"    missed for: {', '.join(f'{who} {n}' for who, n in one.missed_for.most_common(6))}")
    opened = sum(one.right + one.wrong + one.disputed for one in scores.values())
    lines.append(f"{opened} signals of {contacts} contacts in {weeks} weeks: {opened / weeks:.1f} a week")
    return "\n".join(lines)


def together(found: Iterable[dict[str, Score]]) -> dict[str, Score]:
    """Add up the scores of several seeds."""
    total: dict[str, Score] = defaultdict(Score)
    for scores in found:
        for rule, one in scores.items():
            sum_ = total[rule]
            for name in ("right", "wrong", "disputed", "due", "told"):
                setattr(sum_, name, getattr(sum_, name) + getattr(one, name))
            sum_.wrong_for += one.wrong_for
            sum_.missed_for += one.missed_for
    return dict(total)


def main() -> int:
    """Play, read, and compare, seed by seed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.simulated_practice", description=__doc__)
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--weeks", type=int, default=WEEKS)
    parser.add_argument("--keep", type=Path, help="keep the practices in this folder")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    found = []
    with TemporaryDirectory(prefix="keepwarm-practice-") as temporary:
        for seed in range(options.first_seed, options.first_seed + options.seeds):
            folder = (options.keep or Path(temporary)) / f"seed-{seed}"
            stage, parts = play(folder, seed, options.weeks)
            found.append(score(stage, parts, signals_of(folder, stage)))
            print(f"seed {seed}: {len(stage.letters)} messages, {len(stage.meetings)} meetings", file=sys.stderr)
    total = together(found)
    if options.json:
        rows = {
            rule: {
                "right": one.right, "wrong": one.wrong, "disputed": one.disputed, "due": one.due, "told": one.told,
                "wrong_for": dict(one.wrong_for), "missed_for": dict(one.missed_for),
            }
            for rule, one in sorted(total.items())
        }  # fmt: skip
        json.dump(rows, sys.stdout, indent=2)
        print()
    else:
        print(table(total, CONTACTS * options.seeds, options.weeks * options.seeds))
    return 0


if __name__ == "__main__":
    sys.exit(main())
