"""An explanation of a rule that looks at many at once: an organisation's people, or all contacts of the practice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from keepwarm.rules.explanation import explanation, names_of
from keepwarm.rules.finding import Standing
from keepwarm.rules.group_watch import GroupWatch, Values

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from keepwarm.rules.explanation import Explanation
    from keepwarm.rules.facts.group_fact import GroupFact
    from keepwarm.rules.finding import Finding
    from keepwarm.rules.reasons import Asking
    from keepwarm.rules.rule import Rule

S = TypeVar("S")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen(Generic[S]):
    """What such a rule looks at, and what it has found there so far."""

    facts: Mapping[str, GroupFact[S]]
    subject: S
    about: str  # what tells it from others: a domain, a contact's id
    name: str  # of the contact to whom a finding would belong
    found: Sequence[Finding]  # in the order of opening


def explain_wider(rule: Rule, seen: Seen[S], asking: Asking) -> Explanation:
    """Explain a rule by what it sees."""
    tuned, values = rule.tuned_for(asking.labels), Values(seen.facts, seen.subject)
    would_find = GroupWatch(tuned, seen.facts, seen.about).would_find(asking.now, seen.subject, seen.name)
    still_open = [one for one in seen.found if one.cleared is None]
    standing = Standing(
        open=still_open[-1] if still_open else None,
        past=tuple(seen.found),
        would_find=would_find,
        since_opened={},
    )
    facts = {name: values[name] for name in names_of(tuned, seen.facts)}
    return explanation(tuned, asking, standing, facts, seen.facts)
