"""What the rules say over two years of a practice that was played by a script, held against the script.

``python -m benchmarks.simulated_practice [--seeds N] [--weeks N] [--json]`` (``make bench-practice``)

Sixty contacts write and meet, through real mailboxes and a real calendar file, read by the real command; what only the
owner knows is said by the real commands, too. What each contact does is written in ``behaviours``, and so is what a
reader would call it, from when to when; ``scores`` says how the two are compared.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections import defaultdict
from dataclasses import asdict
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from benchmarks.behaviours import CLIENTS_ONLY, HEALTHY, TROUBLED
from benchmarks.scores import Part, score, table, together
from benchmarks.their_conduct import cools_with_colleagues
from benchmarks.truths import Said, Truth, disputed
from keepwarm.outputs.kinds import PING_RULES
from keepwarm.outputs.ranking import HANDFUL
from keepwarm.rules import rule_file
from tests.practice.agenda import add_private_entries, write_agenda
from tests.practice.conversation import Pair
from tests.practice.mailbox import write_mailboxes
from tests.practice.people import Persona
from tests.practice.robots import run_robots
from tests.practice.settings import write_settings
from tests.practice.stage import Stage

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from random import Random

    from tests.practice.letters import Letter

CONTACTS = 60
WEEKS = 104
SEEDS = 5
END = date(2026, 11, 22)
SETTLED, OPEN_ENDED = 500, 150  # days before the end between which a behaviour begins
COLLEAGUES = 3
TWICE = 3  # of the troubled are played by two
A_QUARTER = timedelta(days=91)
_FIRST = "Ada Ben Cora Dan Elsa Finn Gina Hugo Ida Jan Kai Lea Max Nina Otto Pia Rolf Sara Tim Ute Vito Wim Yvo Zita"
_LAST = "Abel Brandt Cohen Dietz Ernst Falk Graf Haas Imhof Jahn Kern Lang Maas Noll Opitz Pohl Roth Stein Thoma Wolf"


def play(folder: Path, seed: int, weeks: int) -> tuple[Stage, list[Part], list[Said]]:
    """Play a practice, and write it down; give it with the parts that were played, and what the owner is to say."""
    stage = Stage(seed, END, weeks)
    parts, words = cast(stage)
    folder.mkdir(parents=True)
    write_mailboxes(stage, folder / "mail", folder / "archive.mbox")
    write_agenda(stage, folder / "calendar.ics")
    write_settings(folder)
    settings = (folder / "config.toml").read_text("utf-8").replace("match = [", 'match = ["*@client*.example", ', 1)
    (folder / "config.toml").write_text(settings + "\n[privacy]\nread_own_sent_bodies = true\n", "utf-8")
    return stage, parts, words


def cast(stage: Stage) -> tuple[list[Part], list[Said]]:
    """Give everybody something to do: the troubled once or twice each, a firm that cools, and the healthy."""
    people, onset = list(_people(stage)), stage.rng("onsets")
    parts, words = [_firm(stage, [people.pop() for _ in range(COLLEAGUES)], _onset(stage, onset))], []
    for plays in [*TROUBLED, *stage.rng("again").sample(sorted(TROUBLED), TWICE)]:
        suited = [
            one for one in people if plays not in CLIENTS_ONLY or one.address.partition("@")[2].startswith("client")
        ]
        who = suited[-1]
        people.remove(who)
        told = TROUBLED[plays](Pair(stage, who, tidy=stage.days), _onset(stage, onset))
        parts.append(_part(plays, who, told))
        words += [one for one in told if isinstance(one, Said)]
    for number, who in enumerate(people):
        plays = sorted(HEALTHY)[number % len(HEALTHY)]
        told = HEALTHY[plays](Pair(stage, who, tidy=stage.days)) or []
        parts.append(_part(plays, who, told, domain=who.address.partition("@")[2]))
    add_private_entries(stage)
    run_robots(stage)
    stage.letters.sort(key=lambda letter: (letter.at, letter.message_id))
    return [_with_chance(stage, part) for part in parts], sorted(words, key=lambda word: word.at)


def _onset(stage: Stage, chance: Random) -> float:
    """Give a working day on which something begins, in days before the end."""
    return float((stage.end - stage.working_day(chance.uniform(OPEN_ENDED, SETTLED))).days)


def _part(plays: str, who: Persona, told: Iterable[Truth | Said], domain: str = "") -> Part:
    return Part(plays, who.addresses, tuple(one for one in told if isinstance(one, Truth)), domain)


def _firm(stage: Stage, people: list[Persona], onset: float) -> Part:
    firm = [
        Persona(name=who.name, address=f"{who.address.partition('@')[0]}@client-firm.example", script="")
        for who in people
    ]
    played = [cools_with_colleagues(Pair(stage, who, tidy=stage.days), onset) for who in firm]
    truths = [one for told in played for one in told if isinstance(one, Truth)]
    account = [one for one in truths if one.rule == "going_cold_account"][:1]
    rest = [one for one in truths if one.rule != "going_cold_account"]
    return Part("cools with colleagues", frozenset(who.address for who in firm), (*account, *rest))


def _people(stage: Stage) -> Iterator[Persona]:
    random = stage.rng("people")
    names = [f"{first} {last}" for first in _FIRST.split() for last in _LAST.split()]
    for number, name in enumerate(random.sample(names, CONTACTS)):
        local, software = name.lower().replace(" ", "."), random.choice(("outlook", "google"))
        kind = "client" if random.random() < 0.6 else "firm"
        yield Persona(name=name, address=f"{local}@{kind}{number}.example", script="", software=software)


def _with_chance(stage: Stage, part: Part) -> Part:
    """Dispute what nobody meant and chance brought about: whoever reads mail and calendar may call it much, or nothing.

    That is two meetings that the owner moved or called off within a quarter; and lunches that stopped, where the titles
    of meetings are drawn by lot.
    """
    own = _owners_moves(stage, part.addresses)
    again = [later for earlier, later in pairwise(own) if later - earlier <= A_QUARTER]
    days = [(stage.now - at) / timedelta(days=1) for at in again]
    chance = [one for day in days for one in disputed("you_moved_it", day, day - 60)]
    if not any(truth.rule == "all_business" and not truth.disputed for truth in part.truths):
        chance += disputed("all_business", stage.days, 0)
    return Part(part.plays, part.addresses, (*part.truths, *chance), part.domain)


def _owners_moves(stage: Stage, them: frozenset[str]) -> list[datetime]:
    """Give when the owner moved or called off a meeting with them that they had not asked to be moved."""
    mails = [letter for letter in stage.letters if letter.method]
    asked = [one.at for one in mails if one.method == "COUNTER" and one.author.address in them]
    changed = [one.at for one in mails if one.outgoing and one.to[0].address in them and _changes_a_meeting(one)]
    return [at for at in changed if not any(timedelta(0) <= at - wish <= timedelta(days=1) for wish in asked)]


def _changes_a_meeting(letter: Letter) -> bool:
    return letter.method == "CANCEL" or (letter.method == "REQUEST" and "SEQUENCE:0" not in letter.calendar)


def signals_of(folder: Path, stage: Stage, words: Iterable[Said]) -> list[dict[str, Any]]:
    """Read and judge the practice with the real commands, and give every signal that it ever opened.

    What the owner says is said as of its time; everybody stays judged as of the end.
    """
    _run(folder, stage.now, "sync")
    ids: dict[Said, str] = {}
    for word in words:
        command = [*word.command, *([ids[word.ends]] if word.ends else []), "--json"]
        said = json.loads(_run(folder, word.at, *command))
        ids[word] = str((said[0] if isinstance(said, list) else said)["id"])
    found: list[dict[str, Any]] = json.loads(_run(folder, stage.now, "signals", "--all", "--json"))
    return found


def _run(folder: Path, as_of: datetime, *command: str) -> str:
    program = str(Path(sys.executable).with_name("keepwarm"))
    whole = [program, "--quiet", "--config", str(folder / "config.toml"), "--as-of", as_of.isoformat(), *command]
    done = subprocess.run(whole, check=False, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}: {done.stderr}")
    return done.stdout


def load(signals: Iterable[dict[str, Any]], weeks: int) -> tuple[float, float]:
    """Give how many signals a week open, and how many rows of them a report shows in full at its cap."""
    families = {rule.id: rule.family.value for rule in rule_file.load()}
    opened, by_week = 0, defaultdict(set)
    for signal in signals:
        opened += 1
        week = datetime.fromisoformat(signal["opened"]).isocalendar()[:2]
        kind = "pings" if signal["rule"] in PING_RULES else families[signal["rule"]]
        by_week[week].add((signal["contact"]["id"], kind))
    return opened / weeks, sum(min(len(rows), HANDFUL) for rows in by_week.values()) / weeks


def main() -> int:
    """Play, read, and compare, seed by seed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.simulated_practice", description=__doc__)
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--weeks", type=int, default=WEEKS)
    parser.add_argument("--keep", type=Path, help="keep the practices in this folder")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    found, loads = [], []
    with TemporaryDirectory(prefix="keepwarm-practice-") as temporary:
        for seed in range(options.first_seed, options.first_seed + options.seeds):
            folder = (options.keep or Path(temporary)) / f"seed-{seed}"
            stage, parts, words = play(folder, seed, options.weeks)
            signals = signals_of(folder, stage, words)
            found.append(score(stage, parts, signals))
            loads.append(load(signals, options.weeks))
            print(f"seed {seed}: {len(stage.letters)} messages, {len(stage.meetings)} meetings", file=sys.stderr)
    total = together(found)
    opened, shown = (sum(one) / len(loads) for one in zip(*loads, strict=True))
    if options.json:
        rules = {rule: asdict(one) for rule, one in sorted(total.items())}
        json.dump({"rules": rules, "opened_a_week": opened, "shown_a_week": shown}, sys.stdout, indent=2)
        print()
    else:
        print(table(total))
        print(f"{opened:.1f} signals a week of {CONTACTS} contacts; {shown:.1f} reach the report ({HANDFUL} at most)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
