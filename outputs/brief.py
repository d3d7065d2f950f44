"""Brief: the cards to read before some meetings, as content, before they are set as text or HTML."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from keepwarm.outputs.appointment import Appointment, others_named, row_of
from keepwarm.outputs.desk import AT_MOST, Desk, desk
from keepwarm.outputs.safe_text import one_line

if TYPE_CHECKING:
    from keepwarm.outputs.wording import Wording
    from keepwarm.storage.views import BriefView, GatheringView, LinkView

_MOST_LINKS = 5
_LONGEST_LINK = 2_000


@dataclass(frozen=True, slots=True)
class Link:
    """A page at hand."""

    text: str
    url: str  # http or https


@dataclass(frozen=True, slots=True)
class Card:
    """One meeting."""

    when: str  # "Tomorrow, Tue 17 Nov, 10:00 to 11:00"
    title: str
    rows: tuple[Appointment, ...]  # whom the owner meets there, the warmest first
    also: str  # "Also there: with ..."; "" if nobody else is
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Brief:
    """The cards of some meetings, in the order in which they begin."""

    words: Wording
    title: str  # of the mail
    day: str
    headline: str
    questions: str
    cards: tuple[Card, ...]


def brief(view: BriefView, language: str = "en", page_url: str = "") -> Brief:
    """Write the cards; names lead to the local page at ``page_url``, if there is one.

    Raises FileNotFoundError for a language without a catalogue.
    """
    this = desk(view.people, language, page_url)
    day = this.dates.short(view.people.as_of)
    number = len(view.meetings)
    return Brief(
        words=this.words,
        title=this.words.say("brief.title", day=day),
        day=day,
        headline=this.words.count("brief.meetings", number) if number else this.words.say("brief.none"),
        questions=this.words.say("brief.questions") if number else "",
        cards=tuple(_card(this, one) for one in view.meetings),
    )


def _card(this: Desk, one: GatheringView) -> Card:
    there = [this.contacts[who] for who in one.cards if who in this.contacts]
    unseen = [this.name(contact) for contact in there[AT_MOST:]]
    others = others_named(this, [*unseen, *one.others])
    return Card(
        when=_when(this, one),
        title=one_line(one.title, 80) or this.words.say("brief.untitled"),
        rows=tuple(row_of(this, contact, one.cards[contact.id]) for contact in there[:AT_MOST]),
        also=others[:1].upper() + others[1:],
        links=tuple(found for link in one.links[:_MOST_LINKS] if (found := _link(link))),
    )


def _when(this: Desk, one: GatheringView) -> str:
    start, end = this.dates.local(one.start), this.dates.local(one.end)
    today = this.dates.local(this.week.as_of).date()
    key = {today: "brief.today", today + timedelta(days=1): "brief.tomorrow"}.get(start.date(), "brief.then")
    times = this.words.say("brief.all_day") if one.all_day else _times(this, start, end)
    return this.words.say(key, date=this.dates.short(one.start), times=times)


def _times(this: Desk, start: datetime, end: datetime) -> str:
    return this.words.say("brief.times", start=f"{start:%H:%M}", end=f"{end:%H:%M}")


def _link(link: LinkView) -> Link | None:
    """Give a link, if it leads to a page and nowhere else."""
    parts = urlsplit(link.url)
    if parts.scheme not in ("http", "https") or not parts.hostname or link.url != one_line(link.url, _LONGEST_LINK):
        return None
    return Link(text=one_line(link.title, 60) or one_line(parts.hostname, 60), url=link.url)
