"""The rule ``gone_quiet`` as a whole, as the engine plays it by the catalogue, beside the model alone.

It adds to the model a least silence, a break of the usual gaps, and the backstop of 49 silent days; and it is open from
its first moment until they are heard again.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC
from typing import TYPE_CHECKING, Any

from benchmarks.correspondence import EPOCH, Corpus, Pair, at
from benchmarks.measures import Case, mean_score, measured, share
from keepwarm.rules.engine import Engine
from keepwarm.rules.rule_file import load
from keepwarm.rules.warmth import Bands
from keepwarm.rules.working_time import WorkingTime
from keepwarm.storage.histories import History, MessageFact
from keepwarm.storage.observations import MessageKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from benchmarks.signal_quality import Silence

RULE = "gone_quiet"
_Open = tuple[float, float]  # days


def measure(
    corpus: Corpus, healthy: Iterable[tuple[tuple[int, int], float]], fallen: Sequence[Silence]
) -> dict[str, Any]:
    """Tell how often the rule speaks in healthy pair-weeks, and how soon where a pair fell silent."""
    engine = Engine([rule for rule in load() if rule.id == RULE], WorkingTime(zone=UTC), Bands())
    weeks: dict[tuple[int, int], list[float]] = defaultdict(list)
    for key, day in healthy:
        weeks[key].append(day)
    ended: dict[tuple[int, int], list[float]] = defaultdict(list)
    for one in fallen:
        ended[one.key].append(one.last)
    false, delays = [], []
    for key in sorted(weeks.keys() | ended.keys()):
        spoke = _open(engine, corpus.pairs[key], corpus.span)
        false += [Case(key[0], 0.0, any(start <= day < end for start, end in spoke)) for day in weeks[key]]
        delays += [(key[0], next((start - last for start, end in spoke if start > last), None)) for last in ended[key]]
    told = [(ego, late) for ego, late in delays if late is not None and late <= 120.0]
    figures = {
        "gone_quiet_healthy_weeks": measured(false, share),
        "gone_quiet_flagged_30d": measured(
            [Case(ego, 0.0, late is not None and late <= 30.0) for ego, late in delays], share
        ),
        "gone_quiet_mean_delay_days": measured([Case(ego, late, came=True) for ego, late in told], mean_score),
        "gone_quiet_flagged_120d": measured(
            [Case(ego, 0.0, late is not None and late <= 120.0) for ego, late in delays], share
        ),
    }
    found: dict[str, Any] = {}
    for name, figure in figures.items():
        found |= {name: figure.value, f"{name}_low": figure.low, f"{name}_high": figure.high}
    return found


def _open(engine: Engine, pair: Pair, span: float) -> list[_Open]:
    """Give the days between which the rule speaks."""
    outcome = engine.judge(_history(pair), at(span))
    return [
        (
            (one.opened - EPOCH).total_seconds() / 86400,
            (one.cleared - EPOCH).total_seconds() / 86400 if one.cleared else span,
        )
        for one in outcome.findings
    ]


def _history(pair: Pair) -> History:
    messages = sorted([(day, False) for day in pair.inbound] + [(day, True) for day in pair.outbound])
    return History(
        contact_id="c_1",
        name="They",
        addresses=("they@example.com",),
        labels=(),
        added_at=EPOCH,
        owner_interval_days=None,
        messages=tuple(_message(number, day, outbound) for number, (day, outbound) in enumerate(messages)),
        meetings=(),
        live_since={},
    )


def _message(number: int, day: float, outbound: bool) -> MessageFact:
    return MessageFact(
        ref=f"m_{number:06}",
        at=at(day),
        outbound=outbound,
        kind=MessageKind.HUMAN,
        direct=True,
        recipients=1,
        size=1000,
        key=number,
        parent=None,
        thread=number,
        subject=None,
        subject_key=None,
        says_reply=False,
        stream=1,
    )
