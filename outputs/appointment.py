"""Appointment: a contact whom the owner meets within a week, as one row: the card to read before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from keepwarm.outputs.safe_text import one_line
from keepwarm.outputs.warmth import Warmth, warmth_of
from keepwarm.storage.views import MEETINGS_AHEAD, CardView

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keepwarm.outputs.desk import Desk
    from keepwarm.storage.views import ContactView, WordView

_MOST_OTHERS = 4
_EMPTY = CardView(title="", others=(), notes=(), promised_by_owner=(), promised_by_them=())


@dataclass(frozen=True, slots=True)
class Appointment:
    """One contact's row among the coming meetings."""

    when: str
    name: str
    about: str
    warmth: Warmth
    what: str  # "Quarterly review, with Léa Fontaine"; "" if nothing is known
    last: str  # "They wrote yesterday, you wrote on Tuesday."
    mind: str  # what is open between the two
    promised: tuple[str, ...]  # what is open of either side's promises
    notes: tuple[str, ...]


def people_met(desk: Desk) -> list[ContactView]:
    """Give the contacts whose next meeting starts within a week of the report, the soonest first."""
    as_of = desk.week.as_of
    soon = [
        (contact.next_meeting, desk.name(contact), contact.id, contact)
        for contact in desk.week.contacts
        if contact.next_meeting is not None and as_of <= contact.next_meeting < as_of + MEETINGS_AHEAD
    ]
    return [contact for *_, contact in sorted(soon, key=lambda entry: entry[:3])]


def appointment(desk: Desk, contact: ContactView) -> Appointment:
    """Make the row of a contact that has a next meeting."""
    if contact.next_meeting is None:
        raise ValueError("no meeting, no appointment")
    card = desk.week.cards.get(contact.id, _EMPTY)
    return Appointment(
        when=desk.dates.exact(contact.next_meeting),
        name=desk.name(contact),
        about=desk.about(contact),
        warmth=warmth_of(desk, contact),
        what=_what(desk, card),
        last=_last(desk, contact),
        mind=_mind(desk, contact),
        promised=tuple(_promised(desk, card)),
        notes=tuple(_word(desk, "meeting.note", word) for word in card.notes),
    )


def _what(desk: Desk, card: CardView) -> str:
    others = [one_line(other, 40) for other in card.others]
    more = len(others) - _MOST_OTHERS
    if more > 0:
        others = [*others[:_MOST_OTHERS], desk.words.count("meeting.more_people", more)]
    with_them = desk.words.say("meeting.others", others=desk.words.join(others)) if others else ""
    return ", ".join(part for part in (one_line(card.title, 80), with_them) if part)


def _last(desk: Desk, contact: ContactView) -> str:
    said = [
        desk.words.say(f"meeting.{key}", day=desk.dates.ago(moment))
        for key, moment in (("they_wrote", contact.last_in), ("you_wrote", contact.last_out))
        if moment is not None
    ]
    return desk.words.say("meeting.last", said=desk.words.join(said)) if said else ""


def _promised(desk: Desk, card: CardView) -> Iterator[str]:
    yield from (_word(desk, "meeting.you_promised", word) for word in card.promised_by_owner)
    yield from (_word(desk, "meeting.they_promised", word) for word in card.promised_by_them)


def _word(desk: Desk, key: str, word: WordView) -> str:
    text = one_line(word.text, 160)
    if word.day is None:
        return desk.words.say(key, text=text)
    return desk.words.say(f"{key}_by", text=text, day=desk.dates.day(word.day))


def _mind(desk: Desk, contact: ContactView) -> str:
    if not contact.open_signals:
        return desk.words.say("meeting.calm")
    findings = [one_line(desk.words.name_of("rules", rule), 40) for rule in contact.open_signals[:4]]
    return desk.words.say("meeting.open", findings=desk.words.join(findings))
