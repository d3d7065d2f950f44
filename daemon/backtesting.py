"""Backtesting: the owner's own history played again, by the rules in force and by others beside them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from keepwarm.rules.backtest import Backtest
from keepwarm.rules.engine import Engine
from keepwarm.rules.rivals import Rivals
from keepwarm.rules.silences import heard
from keepwarm.storage import results, verdicts
from keepwarm.storage.history_reader import histories

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from keepwarm.daemon.workshop import Workshop
    from keepwarm.rules.rivals import Difference
    from keepwarm.rules.rule_file import RuleSet
    from keepwarm.rules.silences import Heard


@dataclass(slots=True, kw_only=True)
class Ground:
    """What there is to go by, in the time looked at."""

    since: datetime  # of the first event, if nothing else was asked for
    as_of: datetime
    contacts: int = 0
    with_rhythm: int = 0
    silences: int = 0
    silences_ended: int = 0
    verdicts: int = 0

    @property
    def weeks(self) -> float:
        """Its length."""
        return max((self.as_of - self.since) / timedelta(weeks=1), 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Backtested:
    """What came of it; ``beside`` is what the other rules say, None if there are none."""

    ground: Ground
    in_force: Backtest
    beside: Backtest | None
    differences: tuple[Difference, ...]


def backtest(
    workshop: Workshop,
    as_of: datetime,
    *,
    since: datetime | None,
    others: RuleSet | None,
    progress: Callable[[int, int], None],
) -> Backtested:
    """Play everybody's history up to ``as_of``, and count from ``since`` on.

    Histories are read a few at a time, so that memory stays flat.

    Raises BadUsage and DatabaseError.
    """
    ground = Ground(since=since or as_of, as_of=as_of)
    with workshop.database.reading() as connection:
        said = {one.signal_id: one.judgement.value for one in verdicts.everything(connection) if one.at <= as_of}
        ids = [one for one, _ in results.everybody(connection)]
        in_force = Backtest(workshop.rules, as_of, since=since, verdicts=said)
        beside = Backtest(others.in_force, as_of, since=since, verdicts=said) if others else None
        engine = Engine(others.in_force, workshop.working, workshop.bands) if others else None
        rivals = Rivals(in_force.counts)
        for done, history in enumerate(histories(connection, ids, workshop.owner), start=1):
            record = heard(history, workshop.working, as_of)
            outcome = workshop.engine.judge(history, as_of)
            in_force.add(outcome, record, history.labels)
            if beside is not None and engine is not None:
                other = engine.judge(history, as_of)
                beside.add(other, record, history.labels)
                rivals.add(history.name, outcome, other)
            _survey(ground, record, in_force, from_the_start=since is None)
            progress(done, len(ids))
    ground.verdicts = sum(sum(tally.verdicts.values()) for tally in in_force.tallies.values())
    return Backtested(ground=ground, in_force=in_force, beside=beside, differences=rivals.differences())


def _survey(ground: Ground, record: Heard, test: Backtest, *, from_the_start: bool) -> None:
    came = [silence for silence in record.silences if test.counts(silence.came)]
    ground.contacts += record.first_event is not None
    ground.with_rhythm += record.had_rhythm
    ground.silences += len(came)
    ground.silences_ended += sum(silence.ended is not None for silence in came)
    if from_the_start and record.first_event is not None:
        ground.since = min(ground.since, record.first_event)
