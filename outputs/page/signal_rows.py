"""Signals as the page shows them: the sentence, what to do, what it rests on, and the values that made it true."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from keepwarm.outputs.rule_wording import seen, told
from keepwarm.outputs.safe_text import one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from keepwarm.outputs.desk import Desk
    from keepwarm.storage.views import EvidenceView, SignalView

_LONGEST = 500
_FEW = 3


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    """One observation."""

    time: str
    what: str


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition of the rule, with the values that it named."""

    text: str
    values: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalRow:
    """One signal, ready to be shown."""

    id: str
    contact_id: str
    name: str
    about: str
    family: str
    strength: str  # weak, medium, strong
    strength_in_words: str
    kind: str  # what the rule is about: "slower replies"
    sentence: str
    advice: str
    since: str
    cleared: str  # ""  while it is open
    historical: bool
    evidence: tuple[EvidenceRow, ...]  # the newest
    more: tuple[EvidenceRow, ...]  # the rest
    rule: str
    version: str
    conditions: tuple[Condition, ...]
    verdict: str  # what the owner said of it; ""
    judgement: str  # dismissed, snoozed, confirmed; ""
    hidden: bool


def signal_row(desk: Desk, one: SignalView) -> SignalRow:
    """Prepare one signal."""
    words, said = desk.words, told(desk, one)
    evidence = evidence_rows(desk, one.evidence)
    return SignalRow(
        id=one.id,
        contact_id=one.contact.id,
        name=desk.name(one.contact),
        about=desk.about(one.contact),
        family=one.family,
        strength=one.strength,
        strength_in_words=words.get(f"strength.{one.strength}"),
        kind=words.name_of("rules", one.rule),
        sentence=one_line(said.sentence, _LONGEST),
        advice=one_line(said.advice, _LONGEST),
        since=desk.dates.short(one.opened),
        cleared=desk.dates.short(one.cleared) if one.cleared else "",
        historical=one.historical,
        evidence=evidence[:_FEW],
        more=evidence[_FEW:],
        rule=one.rule,
        version=one.rule_version,
        conditions=tuple(_condition(text, {**one.params, **one.facts}) for text in one.conditions),
        verdict=_verdict(desk, one),
        judgement=one.verdict.judgement.value if one.verdict else "",
        hidden=one.hidden,
    )


def evidence_rows(desk: Desk, found: Sequence[EvidenceView]) -> tuple[EvidenceRow, ...]:
    """Prepare observations."""
    # Of another signal, which is not at hand, there is the sentence that was stored.
    return tuple(
        EvidenceRow(desk.dates.exact(one.time), one_line(seen(desk, one) or one.what, _LONGEST)) for one in found
    )


def _condition(text: str, values: dict[str, object]) -> Condition:
    named = (f"{name} = {_value(value)}" for name, value in values.items() if name in text)
    return Condition(one_line(text, _LONGEST), one_line(", ".join(named), _LONGEST))


def _value(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _verdict(desk: Desk, one: SignalView) -> str:
    if one.verdict is None:
        return ""
    until = desk.dates.short(one.verdict.until) if one.verdict.until else ""
    said = desk.words.say(
        f"page.verdicts.{one.verdict.judgement.value}", day=desk.dates.short(one.verdict.at), until=until
    )
    reason = one_line(one.verdict.reason, _LONGEST)
    return f"{said}: {reason}" if reason else said
