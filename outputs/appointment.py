"""Appointment: a contact whom the owner meets, as one row: the card to read before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from keepwarm.outputs.rule_wording import told
from keepwarm.outputs.safe_text import one_line
from keepwarm.outputs.warmth import Warmth, warmth_of
from keepwarm.storage.views import MEETINGS_AHEAD, CardView

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from keepwarm.outputs.desk import Desk
    from keepwarm.storage.views import ContactView, SinceView, WordView

_MOST_OTHERS = 4
_MOST_FINDINGS = 2
_MOST_AGAIN = 3
_STRENGTHS = ("weak", "medium", "strong")
_TOLD_BESIDE = ("remember", "remember_at_meeting", "ask_promise", "reflect")
_EMPTY = CardView(title="", others=(), notes=(), promised_by_owner=(), promised_by_them=())


@dataclass(frozen=True, slots=True)
class Appointment:
    """One contact's row among the coming meetings."""

    when: str
    name: str
    about: str
    warmth: Warmth
    what: str  # "Quarterly review, with Léa Fontaine, and again Thu 19 Nov, 14:00"; "" if nothing is known
    last: str  # "They wrote yesterday, you wrote on Tuesday."
    since: str  # "Since you met on 2 November: ..."; "" if that is not known
    mind: str  # what is open between the two, beside promises; "" if nothing but those
    findings: tuple[str, ...]  # the same in sentences, where the week tells them
    promised: tuple[str, ...]  # what is open of either side's promises
    notes: tuple[str, ...]
    link: str = ""  # to the contact on the local page


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
    return row_of(desk, contact, desk.week.cards.get(contact.id, _EMPTY), desk.dates.exact(contact.next_meeting))


def row_of(desk: Desk, contact: ContactView, card: CardView, when: str = "") -> Appointment:
    """Make a contact's row of their card; without ``when``, for a place that says it of all who come."""
    findings = tuple(_findings(desk, contact)) if not when else ()
    return Appointment(
        when=when,
        name=desk.name(contact),
        about=desk.about(contact),
        warmth=warmth_of(desk, contact),
        what=_what(desk, card) if when else "",
        last=_last(desk, contact),
        since=_since(desk, card.since) if card.since else "",
        mind="" if findings else _mind(desk, contact, card),
        findings=findings,
        promised=tuple(_promised(desk, card)),
        notes=tuple(_word(desk, "meeting.note", word) for word in card.notes),
        link=desk.link(contact),
    )


def others_named(desk: Desk, others: Sequence[str]) -> str:
    """Say who else will be there; "" if nobody will."""
    names = [one_line(other, 40) for other in others]
    more = len(names) - _MOST_OTHERS
    if more > 0:
        names = [*names[:_MOST_OTHERS], desk.words.count("meeting.more_people", more)]
    return desk.words.say("meeting.others", others=desk.words.join(names)) if names else ""


def _findings(desk: Desk, contact: ContactView) -> Iterator[str]:
    """Say what is open, the strongest first; what a card tells as a note is not said twice."""
    mine = [one for one in desk.week.signals if one.contact.id == contact.id and one.cleared is None]
    strongest = sorted(mine, key=lambda one: (-_STRENGTHS.index(one.strength), one.rule))
    for one in [one for one in strongest if one.rule not in _TOLD_BESIDE][:_MOST_FINDINGS]:
        yield one_line(told(desk, one).sentence, 240)


def _what(desk: Desk, card: CardView) -> str:
    again = desk.words.join([desk.dates.exact(start) for start in card.again[:_MOST_AGAIN]])
    said = desk.words.say("meeting.again", days=again) if again else ""
    return ", ".join(part for part in (one_line(card.title, 80), others_named(desk, card.others), said) if part)


def _since(desk: Desk, since: SinceView) -> str:
    words = desk.words
    said = [words.count("meeting.from_them", since.from_them), words.count("meeting.from_you", since.from_owner)]
    for did, counts in (("moved", since.moved), ("cancelled", since.cancelled)):
        said += [words.count(f"meeting.{did}_by_{by}", counts[by]) for by in ("them", "owner", "other") if by in counts]
    said += [
        words.say("meeting.logged", kind=words.name_of("touches", one.kind), day=desk.dates.ago(one.at))
        for one in since.logged
    ]
    return words.say("meeting.since", day=desk.dates.ago(since.met), said=words.join(said))


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


def _mind(desk: Desk, contact: ContactView, card: CardView) -> str:
    if not contact.open_signals:
        promised = card.promised_by_owner or card.promised_by_them
        return "" if promised else desk.words.say("meeting.calm")
    findings = [one_line(desk.words.name_of("rules", rule), 40) for rule in contact.open_signals[:4]]
    return desk.words.say("meeting.open", findings=desk.words.join(findings))
