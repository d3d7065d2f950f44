"""Signal results: what the rules found, as storage takes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keepwarm.storage.results import SignalResult
from keepwarm.storage.views import EvidenceView

if TYPE_CHECKING:
    from keepwarm.rules.finding import Finding


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
