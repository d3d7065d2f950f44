"""The practice as a whole: on the first Monday of each month every client is seen among all of them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from keepwarm.rules.conditions import Question
from keepwarm.rules.facts.practice import PRACTICE, AmongAll
from keepwarm.rules.group_watch import GroupWatch, Values
from keepwarm.rules.picture import first_mondays, pictures
from keepwarm.rules.rule import Scope

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime, tzinfo

    from keepwarm.rules.group_watch import GroupFinding
    from keepwarm.rules.picture import Picture
    from keepwarm.rules.rule import Rule
    from keepwarm.storage.standings import PracticeHistory


class Practice:
    """Judges all clients together."""

    def __init__(self, rules: Iterable[Rule], zone: tzinfo) -> None:
        self._rules = tuple(rule for rule in rules if rule.scope is Scope.PRACTICE)
        self._zone = zone

    def judge(self, history: PracticeHistory, as_of: datetime) -> tuple[GroupFinding, ...]:
        """Give everything that was found up to ``as_of``, open or cleared, in the order of opening."""
        courses = [_Course(rule, history) for rule in self._rules]
        for picture in pictures(history, as_of, self._zone) if courses else ():
            for course in courses:
                course.look(picture)
        found = [one for course in courses for one in course.findings()]
        return tuple(sorted(found, key=lambda one: (one.finding.opened, one.finding.rule.id, one.contact_id)))

    def picture(self, history: PracticeHistory, as_of: datetime) -> Picture | None:
        """Draw the last picture up to ``as_of``; None if there was no attention in its six months."""
        last = next(pictures(history, as_of, self._zone, self.last_look(as_of)), None)
        return last if last is not None and last.shares else None

    def last_look(self, as_of: datetime) -> datetime:
        """Give the last first Monday of a month up to ``as_of``."""
        before = as_of.astimezone(self._zone).date() - timedelta(days=70)
        return max(look for look, _ in first_mondays(before, as_of, self._zone))

    def next_look(self, as_of: datetime) -> datetime:
        """Give the first one after ``as_of``."""
        ahead = as_of + timedelta(days=70)
        return min(
            look for look, _ in first_mondays(as_of.date() - timedelta(days=70), ahead, self._zone) if look > as_of
        )


class _Course:
    """One rule over the months, of all clients."""

    def __init__(self, rule: Rule, history: PracticeHistory) -> None:
        self._rule = rule
        self._people = history.people
        self._tuned: dict[tuple[str, ...], tuple[Rule, list[Question]] | None] = {}  # by labels
        self._watches: dict[str, GroupWatch[AmongAll]] = {}
        self._open: set[str] = set()

    def look(self, picture: Picture) -> None:
        """Clear what is over, then let open what is new, whoever waits longest first."""
        already = sorted(self._open)
        if already:
            shares = {one.who.contact_id: one for one in picture.shares}
            for who in already:
                self._judge(who, AmongAll(picture, shares.get(who), len(self._open) - 1))
        times = [(picture.times_longer(one) or 0.0, one) for one in picture.shares]
        for _, share in sorted(times, key=lambda one: (-one[0], one[1].who.contact_id)):
            who = share.who.contact_id
            among = AmongAll(picture, share, len(self._open))
            if who not in already and self._holds(among, share.who.labels):
                self._judge(who, among)

    def findings(self) -> list[GroupFinding]:
        """Give all that was found."""
        return [one for watch in self._watches.values() for one in watch.past]

    def _holds(self, among: AmongAll, labels: tuple[str, ...]) -> bool:
        """Tell whether a watch would find something: asked of everybody, so at little cost."""
        if labels not in self._tuned:
            rule = self._rule.for_labels(labels)
            questions = [Question(condition, rule.params) for condition in rule.when] if rule else []
            self._tuned[labels] = (rule, questions) if rule else None
        tuned, values = self._tuned[labels], Values(PRACTICE.facts, among)
        return tuned is not None and all(question.answer(values) is True for question in tuned[1])

    def _judge(self, who: str, among: AmongAll) -> None:
        watch = self._watches.get(who)
        if watch is None:
            rule = self._rule.for_labels(self._people[who].labels)
            assert rule is not None  # noqa: S101 - for the type checker; it has been asked for them before
            watch = GroupWatch(rule, PRACTICE.facts, who)
        watch.judge(among.picture.drawn, among, who, self._people[who].name)
        if watch.past:
            self._watches[who] = watch
        (self._open.add if watch.open else self._open.discard)(who)
