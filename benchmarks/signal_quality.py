"""How well the signals tell what comes, measured on real mail through the product's own code.

``python -m benchmarks.signal_quality FILE.csv.gz|FOLDER... [--ego N] [--warm-up DAYS] [--json]``
(``make bench-signals DATA=FOLDER``)

A corpus (see ``correspondence``) is played forward once, message by message, into the same ``Pulse`` that a sync keeps
for each contact; every seventh day it is asked what it says, and every fourth of those is a cut. What came afterwards
is looked up only then. The rule ``gone_quiet`` as a whole is played by the engine, with the catalogue's own file.

Live pair: at least eight messages, both ways, heard from in the last 60 days; the ego sends within the 60 days after
the cut and appears after them. Silence: nothing heard in those 60 days. Drop: at most a quarter of the pace, for live
pairs with a pace of at least three days in 60. Healthy pair-week: such a pair of which more than a quarter comes. A
pair that fell silent: nothing for 120 days while the ego stayed active, after a rhythm. Flagged: the first week from
which the chance of silence never goes below the threshold again, which is where 5% of the healthy pair-weeks lie
above it. The same is told for the chance of a drop, and for the clock: the days since they were last heard.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC
from pathlib import Path
from typing import Any

from benchmarks import correspondence, whole_rule
from benchmarks.correspondence import Corpus, at
from benchmarks.measures import (
    Case,
    Figure,
    auc,
    brier_skill,
    calibration_error,
    mean_score,
    measured,
    quantile,
    share,
)
from keepwarm.rules.counted_time import CountedTime
from keepwarm.rules.model import RHYTHM_FROM_PACE, Pulse
from keepwarm.rules.working_time import WorkingTime

AHEAD = 60.0  # days
FELL_SILENT = 120.0
FLAGGED_WITHIN = (0, 14, 30, 120)
WEEKS_PER_CUT = 4
FALSE_ALARMS = 0.05
WARM_UP = {"eu": 120.0, "enron": 300.0}


Key = tuple[int, int]
"""A pair: the ego and the contact."""


@dataclass(frozen=True, slots=True)
class Week:
    """What was said of a pair in a week, by each score."""

    day: float
    silence: float  # the chance of it
    drop: float  # the chance of it
    clock: float  # days since they were last heard


Score = Callable[[Week], float]


@dataclass(slots=True)
class Judged:
    """What was said at cuts and in weeks, with what came."""

    silence: list[Case] = field(default_factory=list)
    drop: list[Case] = field(default_factory=list)
    clock: list[Case] = field(default_factory=list)  # reference: days since they were last heard
    counted: list[Case] = field(default_factory=list)  # reference: inbound days of the last 90
    decayed: list[Case] = field(default_factory=list)  # reference: the decayed count alone
    weeks: dict[Key, list[Week]] = field(default_factory=lambda: defaultdict(list))  # of pairs with a rhythm
    healthy: list[tuple[Key, Week]] = field(default_factory=list)
    difference: float = 0.0  # between the state kept by streaming and one worked out anew
    events: int = 0
    seconds: float = 0.0


def play(corpus: Corpus, warm_up: float) -> Judged:
    """Play a corpus forward, asking every week."""
    found, pulses = Judged(), {}
    plain = CountedTime(WorkingTime(zone=UTC))
    letters, index, week = corpus.letters, 0, 0
    last = corpus.span
    while (day := warm_up + 7.0 * week) <= last:
        begun = time.perf_counter()
        first = index
        while index < len(letters) and letters[index].day <= day:
            letter, moment = letters[index], at(letters[index].day)
            for key in ((letter.recipient, letter.sender), (letter.sender, letter.recipient)):
                if key not in corpus.pairs:
                    continue
                if key not in pulses:
                    pulses[key] = Pulse(UTC, plain)
                if key[0] == letter.recipient:
                    pulses[key].they_wrote(moment)
                else:
                    pulses[key].owner_wrote(moment)
            index += 1
        found.seconds += time.perf_counter() - begun
        found.events += index - first
        _ask(corpus, pulses, day, found, is_cut=week % WEEKS_PER_CUT == 0)
        week += 1
    return found


def _ask(corpus: Corpus, pulses: dict[Key, Pulse], day: float, found: Judged, *, is_cut: bool) -> None:
    now, ends = at(day), day + AHEAD <= corpus.span
    for key, pulse in pulses.items():
        if not pulse.judged:
            continue
        if pulse.rhythm >= RHYTHM_FROM_PACE:
            said = Week(day, 1.0 - pulse.chance_to_hear(now), pulse.drop(now), pulse.silent_days(now) or 0.0)
            found.weeks[key].append(said)
            if ends and _is_healthy(corpus, key, pulse, day):
                found.healthy.append((key, said))
        if is_cut and ends and _is_live(corpus, key, pulse, day):
            _judge(corpus, key, pulse, day, found)


def _is_live(corpus: Corpus, key: Key, pulse: Pulse, day: float) -> bool:
    silent = pulse.silent_days(at(day))
    return silent is not None and silent <= AHEAD and corpus.is_active(key[0], day, day + AHEAD)


def _is_healthy(corpus: Corpus, key: Key, pulse: Pulse, day: float) -> bool:
    pace = pulse.pace_per_60_days(at(day))
    heard = corpus.pairs[key].heard_between(day, day + AHEAD)
    return pace >= RHYTHM_FROM_PACE and heard > pace / 4 and _is_live(corpus, key, pulse, day)


def _judge(corpus: Corpus, key: Key, pulse: Pulse, day: float, found: Judged) -> None:
    ego, pair, now = key[0], corpus.pairs[key], at(day)
    heard = pair.heard_between(day, day + AHEAD)
    silent = heard == 0
    found.silence.append(Case(ego, 1.0 - pulse.chance_to_hear(now), silent))
    found.clock.append(Case(ego, pulse.silent_days(now) or 0.0, silent))
    found.counted.append(Case(ego, -float(pair.heard_between(day - 90.0, day)), silent))
    found.decayed.append(Case(ego, -pulse.decayed(now)[0], silent))
    if (chance := pulse.chance_of_drop(now)) is not None:
        found.drop.append(Case(ego, chance, heard <= pulse.pace_per_60_days(now) / 4))
    found.difference = max(found.difference, _difference(pair.inbound, pulse, day))


def _difference(inbound: list[float], pulse: Pulse, day: float) -> float:
    """Hold the decayed counts against a sum over the set of days."""
    noons = {int(one) + 0.5 for one in inbound if one <= day}
    now = max(day, *noons)  # before its noon a day counts whole, and those before it as of that noon
    batch = [sum(0.5 ** ((now - noon) / half) for noon in noons) for half in (60.0, 180.0)]
    return max(abs(one - other) for one, other in zip(batch, pulse.decayed(at(day)), strict=True))


@dataclass(frozen=True, slots=True)
class Silence:
    """A pair that fell silent: after ``last``, nothing for at least 120 days."""

    key: Key
    last: float


def silences(corpus: Corpus, judged: Judged) -> list[Silence]:
    """Find the pairs that fell silent after a rhythm while the ego stayed active."""
    found = []
    for key, weeks in judged.weeks.items():
        for last, _end in correspondence.gaps(corpus.pairs[key].inbound, FELL_SILENT, corpus.span):
            # The week after the last word is among them only if there was a rhythm by then.
            asked = any(last < week.day <= last + 7.0 for week in weeks)
            if asked and corpus.is_active(key[0], last, last + FELL_SILENT):
                found.append(Silence(key, last))
    return found


def delay(silence: Silence, weeks: list[Week], score: Score, threshold: float) -> float | None:
    """Give the days from the last word to the first week from which the score stays high, negative if that was before.

    None if it is not high at the end of 120 days.
    """
    found = None
    for week in reversed(weeks):
        if week.day > silence.last + FELL_SILENT:
            continue
        if score(week) < threshold:
            break
        found = week.day - silence.last
    return found


def _flagged(judged: Judged, fallen: list[Silence], name: str, score: Score) -> dict[str, Figure]:
    """Tell how soon a score flags those who fell silent, at 5% of the healthy pair-weeks."""
    threshold = quantile([score(week) for _key, week in judged.healthy], 1.0 - FALSE_ALARMS)
    delays = [(one.key[0], delay(one, judged.weeks[one.key], score, threshold)) for one in fallen]
    within = {
        days: [Case(ego, 0.0, late is not None and late <= days) for ego, late in delays] for days in FLAGGED_WITHIN
    }
    late = [Case(ego, late, came=True) for ego, late in delays if late is not None]
    return {
        f"{name}threshold": Figure(threshold),
        **{f"{name}flagged_{days}d": measured(cases, share) for days, cases in within.items()},
        f"{name}mean_delay_days": measured(late, mean_score),
    }


def report(corpus: Corpus, warm_up: float) -> dict[str, Any]:
    """Measure everything, as the keys of the contract."""
    judged = play(corpus, warm_up)
    fallen = silences(corpus, judged)
    figures = {
        "auc_silence_60": measured(judged.silence, auc),
        "auc_drop": measured(judged.drop, auc),
        "brier_skill": measured(judged.silence, brier_skill),
        "calibration_error": measured(judged.silence, calibration_error),
        **_flagged(judged, fallen, "", lambda week: week.silence),
        **_flagged(judged, fallen, "drop_", lambda week: week.drop),
        **_flagged(judged, fallen, "clock_", lambda week: week.clock),
        "auc_silence_60_clock": measured(judged.clock, auc, resampled=0),
        "auc_silence_60_count_90": measured(judged.counted, auc, resampled=0),
        "auc_silence_60_decayed": measured(judged.decayed, auc, resampled=0),
    }
    rule = whole_rule.measure(corpus, [(key, week.day) for key, week in judged.healthy], fallen)
    return {
        "corpus": corpus.name,
        "rows": corpus.rows,
        "egos": len({case.ego for case in judged.silence}),
        "judgements": len(judged.silence),
        "silence_rate": share(judged.silence, lambda _ego: 1),
        "drop_judgements": len(judged.drop),
        "healthy_pair_weeks": len(judged.healthy),
        "fallen_silent": len(fallen),
        **_flat(figures),
        **rule,
        "stream_batch_diff": judged.difference,
        "events_per_second": judged.events / judged.seconds if judged.seconds else None,
    }


def _flat(figures: dict[str, Figure]) -> dict[str, float | None]:
    found: dict[str, float | None] = {}
    for name, figure in figures.items():
        found[name] = figure.value
        if figure.low is not None:
            found |= {f"{name}_low": figure.low, f"{name}_high": figure.high}
    return found


def macro(found: list[dict[str, Any]]) -> dict[str, float]:
    """Give the plain mean over corpora of each figure that all of them have."""
    names = [name for name in found[0] if isinstance(found[0][name], float) and not name.endswith(("_low", "_high"))]
    return {name: sum(one[name] for one in found) / len(found) for name in names if all(one[name] for one in found)}


def table(found: dict[str, Any]) -> str:
    """Give the figures of one corpus as lines."""
    lines = [f"{found['corpus']}: {found['rows']} rows, {found['egos']} egos, {found['judgements']} judgements"]
    for name, value in found.items():
        if name in ("corpus", "rows", "egos", "judgements") or name.endswith(("_low", "_high")):
            continue
        between = (
            f"  ({_said(found[f'{name}_low'])} to {_said(found[f'{name}_high'])})" if f"{name}_low" in found else ""
        )
        lines.append(f"  {name:32} {_said(value)}{between}")
    return "\n".join(lines)


def _said(value: float | None) -> str:
    if value is None:
        return "nothing to measure"
    if isinstance(value, int) or abs(value) >= 1000:
        return f"{value:.0f}"
    return f"{value:.1e}" if 0 < abs(value) < 0.0005 else f"{value:.3f}"


def main() -> int:
    """Measure the files that are named, and print a table, or JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.signal_quality", description=__doc__)
    parser.add_argument("paths", nargs="+", type=Path, metavar="FILE.csv.gz|FOLDER")
    parser.add_argument("--ego", type=int, help="measure one ego only")
    parser.add_argument("--warm-up", type=float, help="days before the first judgement (a quarter of the span)")
    parser.add_argument("--json", action="store_true", help="print JSON alone")
    options = parser.parse_args()
    files = [file for path in options.paths for file in (sorted(path.glob("*.csv.gz")) if path.is_dir() else [path])]
    if not files:
        parser.error("there is no .csv.gz file")
    found = []
    for file in files:
        try:
            corpus = correspondence.read(file)
        except (OSError, ValueError, EOFError) as error:
            parser.error(f"{file}: {error}")
        if options.ego is not None:
            corpus = corpus.only(options.ego)
        warm_up = WARM_UP.get(corpus.name, corpus.span / 4) if options.warm_up is None else options.warm_up
        found.append(report(corpus, warm_up))
        if not options.json:
            print(table(found[-1]), end="\n\n", flush=True)
    whole = {**found[0]} if len(found) == 1 else {"corpora": found, "macro": macro(found)}
    if options.json:
        json.dump(whole, sys.stdout, indent=2)
        print()
    elif len(found) > 1:
        print("mean over the corpora")
        print("\n".join(f"  {name:32} {_said(value)}" for name, value in macro(found).items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
