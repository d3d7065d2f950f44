"""Signal results: what the rules found, as storage takes it, and as they take it back to go on from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from keepwarm.rules.found import Found, FoundSignal
from keepwarm.rules.sources import Source
from keepwarm.storage.histories import OWNERS_WORD
from keepwarm.storage.results import SignalResult
from keepwarm.storage.views import EvidenceView

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Row

    from keepwarm.rules.finding import Finding
    from keepwarm.storage.going_on import Before


def signal_result(finding: Finding) -> SignalResult:
    """Give a finding as storage takes it."""
    rule = finding.rule
    return SignalResult(
        id=finding.id,
        rule=rule.id,
        family=rule.family.value,
        finding_key=finding.key,
        opened=finding.opened,
        cleared=finding.cleared,
        strength=finding.strength,
        sentence=finding.sentence,
        advice=rule.advice,
        facts=finding.facts,
        params=dict(rule.params),
        conditions=tuple(condition.text for condition in rule.when),
        rule_version=rule.version,
        historical=finding.historical,
        evidence=tuple(
            EvidenceView(kind=source.kind, ref=source.ref, time=source.at, what=source.what)
            for source in finding.evidence
        ),
    )


def found_before(before: Before) -> Found:
    """Give what was stored of a contact as the rules take it."""
    waiting = before.waiting
    over = (_found(row) for row in before.over)
    still_open = (
        _found(
            row,
            sentence=row.sentence,
            facts=row.facts,
            historical=row.historical,
            evidence=_sources(before.evidence.get(row.id, ())),
        )
        for row in before.open
    )
    return Found(since=waiting.evaluated_to, waiting=waiting.kept, signals=(*over, *still_open))


def _found(row: Row[Any], **more: Any) -> FoundSignal:
    return FoundSignal(
        id=row.id,
        rule=row.rule,
        key=row.finding_key,
        opened=row.opened,
        cleared=row.cleared,
        strength=row.strength,
        **more,
    )


def _sources(cited: Sequence[EvidenceView]) -> tuple[Source, ...]:
    """Give evidence back; through which stream it came was asked when the finding opened, and never again."""
    return tuple(Source(one.kind, one.ref, one.time, one.what, OWNERS_WORD) for one in cited)
