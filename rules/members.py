"""Members: the people of each organisation as the judging of each has found them, nothing of it stored."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from keepwarm.rules.rule import Family
from keepwarm.storage.standings import Member, MemberSignal, OrganisationHistory

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keepwarm.rules.engine import Outcome
    from keepwarm.storage.histories import History


@dataclass(slots=True)
class Members:
    """Collects contacts, one after the other, in the order of their ids."""

    _found: defaultdict[str, list[Member]] = field(default_factory=lambda: defaultdict(list))  # by domain

    def add(self, history: History, outcome: Outcome) -> None:
        """Take in a contact; one who belongs nowhere is nobody's member."""
        if history.organisation is not None:
            self._found[history.organisation].append(_member(history, outcome))

    def organisations(self) -> Iterator[OrganisationHistory]:
        """Give those in which somebody has cooled: of the others there is nothing to say."""
        for domain, members in sorted(self._found.items()):
            if any(member.signals for member in members):
                yield OrganisationHistory(domain=domain, members=tuple(members))


def _member(history: History, outcome: Outcome) -> Member:
    cooling = [one for one in outcome.findings if one.rule.family is Family.NOT_INTO_YOU]
    return Member(
        contact_id=history.contact_id,
        name=history.name,
        labels=history.labels,
        judged_since=outcome.judged_since,
        heard=tuple(
            (month.heard_first, month.heard_last)
            for month in outcome.attention
            if month.heard_first is not None and month.heard_last is not None
        ),
        signals=tuple(
            MemberSignal(
                id=one.id,
                rule=one.rule.id,
                strength=one.strength,
                opened=one.opened,
                cleared=one.cleared,
                sentence=one.sentence,
            )
            for one in cooling
        ),
    )
