"""A backtest: what the rules said over a history, held against the silences that came, rule by rule.

The engine plays each history once, forward: what it says as of a day is the beginning of what it says later, so
nothing here rests on what happened afterwards. Only the judging does: whether a silence came is known at the end.

A signal about silence is *followed* by a silence if it opened within one that came, *false* if they were heard from at
their usual pace within 30 days, *neither* if they were heard from, and less; it is *open to question* while that cannot
be told yet, or where there is no rhythm to tell it by. What else a contact does is *followed* if a silence began within
60 days; of all other rules nothing of the kind is said.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from statistics import median
from typing import TYPE_CHECKING

from keepwarm.rules.finding import whole
from keepwarm.rules.rule import Family, Scope

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from keepwarm.rules.engine import Outcome
    from keepwarm.rules.finding import Finding
    from keepwarm.rules.group_watch import GroupFinding
    from keepwarm.rules.rule import Rule
    from keepwarm.rules.silences import Heard, Silence

HEARD_WITHIN = timedelta(days=30)
USUAL_PACE = 0.5  # of their days in that time: fewer are less than usual
FOLLOWED_WITHIN = timedelta(days=60)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Lead:
    """How early a silence was told, by the first signal of a rule."""

    before_it_came: float  # days from the opening to the silence's 60th day
    after_last_word: float  # days from their last word to the opening; negative if it opened before


@dataclass(slots=True, kw_only=True)
class Tally:
    """What one rule said."""

    rule: Rule
    signals: int = 0
    contacts: int = 0
    silences: int = 0  # that came, of those for whom the rule is in force
    leads: list[Lead] = field(default_factory=list)  # of the silences that it told before their 60th day
    told_late: int = 0  # silences that it told after that
    ends: Counter[str] = field(default_factory=Counter)  # what became of its signals: followed, false, neither, open
    verdicts: Counter[str] = field(default_factory=Counter)  # the owner's, by kind

    @property
    def is_about_them(self) -> bool:
        """Tell whether a silence may follow what it tells; of a contact among others nobody can say."""
        about = self.rule.silence or self.rule.family is Family.NOT_INTO_YOU
        return about and self.rule.scope is Scope.CONTACT

    @property
    def false_alarms(self) -> int | None:
        """Count the signals that nothing came of; None for a rule that is not about silence."""
        return self.ends["false"] if self.rule.silence and self.is_about_them else None

    def lead_before_it_came(self) -> float | None:
        """Give the median of the days from an opening to the silence's 60th day; None if none was told."""
        return median(lead.before_it_came for lead in self.leads) if self.leads else None

    def lead_after_last_word(self) -> float | None:
        """Give the median of the days from their last word to the opening; None if none was told."""
        return median(lead.after_last_word for lead in self.leads) if self.leads else None

    def add(self, found: Sequence[Finding], heard: Heard, came: Sequence[Silence], as_of: datetime) -> None:
        """Take in what the rule has found about one contact, and the silences of theirs that came."""
        self.signals += len(found)
        self.contacts += bool(found)
        self.silences += len(came)
        if not self.is_about_them:
            return
        for silence in came:
            self._add_silence(silence, found)
        for finding in found:
            self.ends[self._end(finding.opened, heard, as_of)] += 1

    def _add_silence(self, silence: Silence, found: Sequence[Finding]) -> None:
        of_it = [finding.opened for finding in found if self._tells(finding.opened, silence)]
        first = min(of_it, default=None)
        if first is None:
            return
        if first > silence.came:
            self.told_late += 1
        else:
            self.leads.append(Lead((silence.came - first) / _DAY, (first - silence.began) / _DAY))

    def _tells(self, opened: datetime, silence: Silence) -> bool:
        # Being heard from disproves what was said of a silence; what was said of meetings it does not.
        since = silence.began if self.rule.silence else silence.began - FOLLOWED_WITHIN
        return since <= opened and (silence.ended is None or opened < silence.ended)

    def _end(self, opened: datetime, heard: Heard, as_of: datetime) -> str:
        if any(self._tells(opened, silence) for silence in heard.silences):
            return "followed"
        pace, until = heard.pace_at(opened), opened + HEARD_WITHIN
        if not self.rule.silence or pace is None:
            return "open"
        days = heard.days_between(opened, min(until, as_of))
        if days >= max(1.0, USUAL_PACE * pace * (HEARD_WITHIN / timedelta(days=60))):
            return "false"
        if until > as_of or not heard.days_between(opened, as_of):
            return "open"
        return "neither"


class Backtest:
    """Tallies what one set of rules said, contact after contact; what it keeps does not grow with the histories."""

    def __init__(
        self,
        rules: Sequence[Rule],
        as_of: datetime,
        *,
        since: datetime | None = None,
        verdicts: Mapping[str, str] | None = None,
    ) -> None:
        self.tallies = {rule.id: Tally(rule=rule) for rule in rules}
        self.as_of = as_of
        self._since = since
        self._verdicts = verdicts or {}

    def add(self, outcome: Outcome, heard: Heard, labels: tuple[str, ...]) -> None:
        """Take in one contact, judged as of the end."""
        came = [silence for silence in heard.silences if self.counts(silence.came)]
        by_rule: dict[str, list[Finding]] = {}
        for finding in whole(outcome.findings):
            if self.counts(finding.opened):
                by_rule.setdefault(finding.rule.id, []).append(finding)
        for tally in self.tallies.values():
            found = by_rule.get(tally.rule.id, [])
            if found or tally.rule.for_labels(labels) is not None:
                tally.add(found, heard, came, self.as_of)
                self._hear_the_owner(tally, found)

    def add_wider(self, found: Iterable[GroupFinding]) -> None:
        """Take in what was found of all organisations, or of the practice, as of the end."""
        whom: dict[str, set[str]] = {}
        for one in found:
            if self.counts(one.finding.opened):
                tally = self.tallies[one.finding.rule.id]
                tally.signals += 1
                whom.setdefault(tally.rule.id, set()).add(one.contact_id)
                self._hear_the_owner(tally, [one.finding])
        for rule, contacts in whom.items():
            self.tallies[rule].contacts += len(contacts)

    def _hear_the_owner(self, tally: Tally, found: Iterable[Finding]) -> None:
        tally.verdicts.update(self._verdicts[one.id] for one in found if one.id in self._verdicts)

    def counts(self, moment: datetime) -> bool:
        """Tell whether something at this time is within the time looked at."""
        return (self._since is None or moment >= self._since) and moment <= self.as_of
