"""Backtesting: the owner's own history played again, by the rules in force and by others beside them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from keepwarm.rules.backtest import Backtest
from keepwarm.rules.engine import Engine
from keepwarm.rules.members import Members
from keepwarm.rules.organisations import Organisations
from keepwarm.rules.practice import Practice
from keepwarm.rules.rivals import Rivals
from keepwarm.rules.silences import heard
from keepwarm.storage import groups, results, verdicts
from keepwarm.storage.history_reader import histories

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from keepwarm.daemon.workshop import Workshop
    from keepwarm.rules.finding import Finding
    from keepwarm.rules.group_watch import GroupFinding
    from keepwarm.rules.rivals import Difference
    from keepwarm.rules.rule import Rule
    from keepwarm.rules.rule_file import RuleSet
    from keepwarm.rules.silences import Heard
    from keepwarm.storage.histories import History


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
        first = _Side(workshop, workshop.rules, Backtest(workshop.rules, as_of, since=since, verdicts=said))
        rules = others.in_force if others else ()
        second = _Side(workshop, rules, Backtest(rules, as_of, since=since, verdicts=said)) if others else None
        rivals = Rivals(first.test.counts)
        names = {}
        for done, history in enumerate(histories(connection, ids, workshop.owner), start=1):
            record, names[history.contact_id] = heard(history, workshop.working, as_of), history.name
            said_by_first = first.judge(history, record)
            if second is not None:
                rivals.add(history.contact_id, history.name, said_by_first, second.judge(history, record))
            _survey(ground, record, first.test, from_the_start=since is None)
            progress(done, len(ids))
        wider = first.judge_wider(connection)
        if second is not None:
            _compare(rivals, names, wider, second.judge_wider(connection))
    ground.verdicts = sum(sum(tally.verdicts.values()) for tally in first.test.tallies.values())
    beside = second.test if second else None
    return Backtested(ground=ground, in_force=first.test, beside=beside, differences=rivals.differences())


class _Side:
    """One set of rules, tried on everybody, then on organisations and on the practice."""

    def __init__(self, workshop: Workshop, rules: Sequence[Rule], test: Backtest) -> None:
        self.test = test
        self._engine = Engine(rules, workshop.working, workshop.bands)
        self._organisations = Organisations(rules, workshop.working.zone)
        self._practice = Practice(rules, workshop.working.zone)
        self._members = Members()

    def judge(self, history: History, record: Heard) -> Sequence[Finding]:
        """Take in one contact; give what is said of them alone."""
        outcome = self._engine.judge(history, self.test.as_of)
        self.test.add(outcome, record, history.labels)
        self._members.add(history, outcome)
        return outcome.findings

    def judge_wider(self, connection: Connection) -> list[GroupFinding]:
        """Give what is said of all of them together, once everybody was judged."""
        organisations = self._members.organisations()
        found = [one for each in organisations for one in self._organisations.judge(each, self.test.as_of).findings]
        # What the owner gave whom, month by month, is the same by whatever rules.
        found += self._practice.judge(groups.practice(connection), self.test.as_of)
        self.test.add_wider(found)
        return found


def _compare(rivals: Rivals, names: Mapping[str, str], first: list[GroupFinding], second: list[GroupFinding]) -> None:
    for who in sorted({one.contact_id for one in (*first, *second)}):
        sides = ([one.finding for one in side if one.contact_id == who] for side in (first, second))
        rivals.add(who, names.get(who, who), *sides)


def _survey(ground: Ground, record: Heard, test: Backtest, *, from_the_start: bool) -> None:
    came = [silence for silence in record.silences if test.counts(silence.came)]
    ground.contacts += record.first_event is not None
    ground.with_rhythm += record.had_rhythm
    ground.silences += len(came)
    ground.silences_ended += sum(silence.ended is not None for silence in came)
    if from_the_start and record.first_event is not None:
        ground.since = min(ground.since, record.first_event)
