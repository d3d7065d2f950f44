"""JSON views: what ``--json`` and the feed show of the results, as plain objects with the contract's keys."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import datetime

    from keepwarm.storage.verdicts import Verdict
    from keepwarm.storage.views import ContactRef, ContactView, EvidenceView, SignalView


def utc_text(moment: datetime) -> str:
    """Give an aware ``moment`` as "2026-11-16T07:00:00Z"; raises ValueError for a naive one."""
    if moment.tzinfo is None:
        raise ValueError(f"a time without a zone: {moment!r}")
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"


def contact_object(contact: ContactRef | ContactView) -> dict[str, Any]:
    """Give the contact object of the feed: ``{id, name, addresses, organisation, labels}``."""
    return {
        "id": contact.id,
        "name": contact.name,
        "addresses": list(contact.addresses),
        "organisation": contact.organisation,
        "labels": list(contact.labels),
    }


def evidence_object(evidence: EvidenceView) -> dict[str, Any]:
    """Give one piece of evidence: ``{kind, ref, time, what}``."""
    return {
        "kind": evidence.kind,
        "ref": evidence.ref,
        "time": utc_text(evidence.time),
        "what": evidence.what,
    }


def contact_row(contact: ContactView) -> dict[str, Any]:
    """Give one element of ``keepwarm contacts --json``."""
    return {
        **contact_object(contact),
        "warmth": contact.warmth,
        "band": contact.band,
        "trend": contact.trend,
        "last_in": _optional(contact.last_in),
        "last_out": _optional(contact.last_out),
        "next_meeting": _optional(contact.next_meeting),
        "ping_interval_days": contact.ping_interval_days,
        "open_signals": list(contact.open_signals),
    }


def signal_row(signal: SignalView) -> dict[str, Any]:
    """Give one element of ``keepwarm signals --json``; ``verdict`` is there only if the owner has said one."""
    return {
        "id": signal.id,
        "rule": signal.rule,
        "contact": contact_object(signal.contact),
        "strength": signal.strength,
        "opened": utc_text(signal.opened),
        "cleared": _optional(signal.cleared),
        "historical": signal.historical,
        "sentence": signal.sentence,
        "facts": dict(signal.facts),
        "evidence": [evidence_object(item) for item in signal.evidence],
        **({} if signal.verdict is None else {"verdict": _verdict_object(signal.verdict)}),
    }


def _verdict_object(verdict: Verdict) -> dict[str, Any]:
    return {
        "verdict": verdict.judgement.value,
        "at": utc_text(verdict.at),
        "until": _optional(verdict.until),
        "reason": verdict.reason,
    }


def _optional(moment: datetime | None) -> str | None:
    return None if moment is None else utc_text(moment)
