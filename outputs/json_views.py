"""JSON views: what ``--json`` and the feed show of the results, as plain objects with the contract's keys."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import datetime

    from keepwarm.storage.verdicts import Verdict
    from keepwarm.storage.views import (
        AttentionShare,
        CardView,
        ContactRef,
        ContactView,
        EvidenceView,
        GatheringView,
        OrganisationView,
        SignalView,
        WordView,
    )


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


def organisation_row(organisation: OrganisationView) -> dict[str, Any]:
    """Give one element of ``keepwarm contacts organisations --json``."""
    coldest = None
    if organisation.coldest_id is not None:
        coldest = {"id": organisation.coldest_id, "name": organisation.coldest_name}
    return {
        "organisation": organisation.domain,
        "warmth": organisation.warmth,
        "band": organisation.band,
        "coldest": coldest,
        "people": organisation.people,
        "people_who_count": organisation.people_who_count,
        "open_signals": list(organisation.open_signals),
    }


def attention_row(share: AttentionShare) -> dict[str, Any]:
    """Give one element of ``keepwarm contacts attention --json``."""
    return {
        "contact": contact_object(share.contact),
        "share": round(share.share, 4),
        "hours": round(share.hours, 1),
        "messages": share.messages,
        "meeting_hours": round(share.meeting_hours, 1),
        "reply_hours": share.reply_hours,
        "big": share.big,
        "times_longer": None if share.times_longer is None else round(share.times_longer, 2),
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


def card_row(meeting: GatheringView, people: dict[str, ContactView], changes: dict[str, float]) -> dict[str, Any]:
    """Give one element of ``keepwarm brief --json``."""
    return {
        "meeting": meeting.id,
        "title": meeting.title or None,
        "start": utc_text(meeting.start),
        "end": utc_text(meeting.end),
        "all_day": meeting.all_day,
        "people": [
            {**contact_row(people[who]), "week_change": changes.get(who, 0.0), **_card_object(card)}
            for who, card in meeting.cards.items()
            if who in people
        ],
        "others": list(meeting.others),
        "links": [{"url": link.url, "title": link.title} for link in meeting.links],
    }


def _card_object(card: CardView) -> dict[str, Any]:
    since = card.since
    return {
        "since": since
        and {
            "met": utc_text(since.met),
            "messages_from_them": since.from_them,
            "messages_from_you": since.from_owner,
            "moved": since.moved,
            "cancelled": since.cancelled,
            "logged": [{"kind": one.kind, "at": utc_text(one.at)} for one in since.logged],
        },
        "promised_by_you": [_word_object(word) for word in card.promised_by_owner],
        "promised_by_them": [_word_object(word) for word in card.promised_by_them],
        "notes": [_word_object(word) for word in card.notes],
    }


def _word_object(word: WordView) -> dict[str, Any]:
    return {"text": word.text, "day": word.day.isoformat() if word.day else None}
