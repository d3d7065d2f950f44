"""Finding: the open signals of one kind about one contact, as one row of a section."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from keepwarm.outputs.kinds import kind_of
from keepwarm.outputs.ranking import is_new, rank
from keepwarm.outputs.rule_wording import seen, told
from keepwarm.outputs.safe_text import mailbox, one_line
from keepwarm.outputs.warmth import Warmth, warmth_of

if TYPE_CHECKING:
    from keepwarm.outputs.desk import Desk
    from keepwarm.storage.views import ContactRef, SignalView

_LONGEST = 240
_MOST_TOLD = 3
_ANSWERS = re.compile(r"(?:re|aw|antw|sv)\s*:", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Finding:
    """One contact's row; all texts are safe to show, and "" where there is nothing to say."""

    name: str
    about: str  # "acme.example · client"
    warmth: Warmth | None  # None for a contact that is no longer on the sonar
    sentences: tuple[str, ...]  # the highest ranked finding's first
    seen: str  # the newest evidence
    advice: str
    since: str  # "A strong sign, since 2 November"
    historical: str
    address: str  # for a mailto: link; only where a ping is due
    subject: str = ""  # for the same: of the last thread of the two
    link: str = ""  # to the contact on the local page


def people_of(desk: Desk, kind: str) -> list[list[SignalView]]:
    """Give the open signals of a kind, contact by contact, the highest ranked first."""
    found = [signal for signal in desk.week.signals if signal.cleared is None and kind_of(signal) == kind]
    people: dict[str, list[SignalView]] = {}
    for signal in sorted(found, key=lambda one: (-rank(desk, one), one.contact.name, one.id)):
        people.setdefault(signal.contact.id, []).append(signal)
    return list(people.values())


def news_of(desk: Desk, kind: str) -> list[list[SignalView]]:
    """Give those of them of whom something of this kind is new in the report."""
    return [signals for signals in people_of(desk, kind) if any(is_new(desk, signal) for signal in signals)]


def finding(desk: Desk, signals: list[SignalView]) -> Finding:
    """Make one row of a contact's signals, the first being the one that leads."""
    lead, contact = signals[0], desk.contacts.get(signals[0].contact.id)
    return Finding(
        name=desk.name(lead.contact),
        about=desk.about(lead.contact),
        warmth=warmth_of(desk, contact) if contact else None,
        sentences=tuple(one_line(told(desk, signal).sentence, _LONGEST) for signal in signals[:_MOST_TOLD]),
        seen=_seen(desk, signals),
        advice=one_line(told(desk, lead).advice, _LONGEST),
        since=_since(desk, lead),
        historical=desk.words.say("row.historical") if lead.historical else "",
        address=_address(lead.contact) if kind_of(lead) == "pings" else "",
        subject=_subject(desk, lead.contact) if kind_of(lead) == "pings" else "",
        link=desk.link(lead.contact),
    )


def reminder(desk: Desk, signals: list[SignalView]) -> Finding:
    """Make the short row of what an earlier report has told: who, since when, and how to write to them."""
    whole = finding(desk, signals)
    since = desk.words.say("row.still_due", day=desk.dates.ago(signals[0].opened))
    return replace(whole, sentences=(), seen="", advice="", since=since, historical="")


def _seen(desk: Desk, signals: list[SignalView]) -> str:
    evidence = [item for signal in signals for item in signal.evidence]
    for item in sorted(evidence, key=lambda item: (item.time, item.ref), reverse=True):
        if what := one_line(seen(desk, item), 120):
            return desk.words.say("row.seen", day=desk.dates.short(item.time), what=what)
    return ""


def _since(desk: Desk, signal: SignalView) -> str:
    strength = desk.words.get(f"strength.{signal.strength}")
    return f"{strength}, {desk.words.say('row.since', day=desk.dates.ago(signal.opened))}"


def _address(contact: ContactRef) -> str:
    return next((address for address in contact.addresses if mailbox(address)), "")


def _subject(desk: Desk, contact: ContactRef) -> str:
    """Give the subject of an answer in the last thread; "" if none is known."""
    subject = one_line(desk.week.last_subjects.get(contact.id, ""), 120)
    return subject if not subject or _ANSWERS.match(subject) else f"Re: {subject}"
