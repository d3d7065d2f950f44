"""Attention: where the owner's hours went, what came back for them, and who got less than their due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from keepwarm.outputs.warmth import Warmth, warmth_of

if TYPE_CHECKING:
    from keepwarm.outputs.desk import Desk
    from keepwarm.storage.views import AttentionShare

MOST_SHOWN = 5
_LEAST_WAITING = 3
_BAR = 20
"""Characters of the longest bar."""


@dataclass(frozen=True, slots=True)
class Share:
    """What one of those who take most of the owner's attention got, and where they stand now."""

    name: str
    percent: str  # "31%"
    bar: str
    hours: str  # "22 hours"
    warmth: Warmth | None
    back: str  # "warmer by 6 in 30 days"
    link: str = ""  # to the contact on the local page


@dataclass(frozen=True, slots=True)
class Attention:
    """The owner's attention over six months."""

    title: str
    lead: str
    shares: tuple[Share, ...]
    waiting: str  # who waits longer than the big ones; "" if nobody


def attention(desk: Desk) -> Attention | None:
    """Draw where the attention went; None if there was too little to tell of."""
    view, words = desk.week.attention, desk.words
    if view is None or not view.shares:
        return None
    big = [one for one in view.shares if one.big]
    part = round(100 * sum(one.share for one in big))
    span = desk.dates.span(view.since, view.until - timedelta(days=1))
    everybody = words.number(len(view.shares))
    return Attention(
        title=words.say("sections.attention.title"),
        lead=words.count("attention.lead", len(big), of=everybody, percent=part, span=span),
        shares=tuple(_share(desk, one, view.shares[0].share) for one in big[:MOST_SHOWN]),
        waiting=_waiting(desk, view.less_than_due[:_LEAST_WAITING]),
    )


def _share(desk: Desk, one: AttentionShare, largest: float) -> Share:
    contact = desk.contacts.get(one.contact.id)
    return Share(
        name=desk.name(one.contact),
        percent=desk.words.say("attention.percent", n=round(100 * one.share)),
        bar="█" * max(1, round(_BAR * one.share / largest)) if largest else "",
        hours=desk.words.count("attention.hours", round(one.hours)),
        warmth=warmth_of(desk, contact) if contact else None,
        back=back(desk, contact.trend) if contact else "",
        link=desk.link(one.contact),
    )


def back(desk: Desk, trend: float) -> str:
    """Say what came back for the attention: how the warmth moved in 30 days."""
    points = round(abs(trend))
    if not points:
        return desk.words.say("attention.as_before")
    return desk.words.count("attention.warmer" if trend > 0 else "attention.colder", points)


def _waiting(desk: Desk, waiting: tuple[AttentionShare, ...]) -> str:
    if not waiting:
        return ""
    said = [
        desk.words.say("attention.waits", name=desk.name(one.contact), times=round(one.times_longer or 1))
        for one in waiting
        if round(one.times_longer or 1) > 1
    ]
    return desk.words.say("attention.less_than_due", people=desk.words.join(said)) if said else ""
