"""Appointment: a contact whom the owner meets within a week, as one row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from keepwarm.outputs.safe_text import one_line
from keepwarm.outputs.warmth import Warmth, warmth_of

if TYPE_CHECKING:
    from keepwarm.outputs.desk import Desk
    from keepwarm.storage.views import ContactView

AHEAD = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Appointment:
    """One contact's row among the coming meetings."""

    when: str
    name: str
    about: str
    warmth: Warmth
    mind: str  # what is open between the two


def people_met(desk: Desk) -> list[ContactView]:
    """Give the contacts whose next meeting starts within a week of the report, the soonest first."""
    as_of = desk.week.as_of
    soon = [
        (contact.next_meeting, desk.name(contact), contact.id, contact)
        for contact in desk.week.contacts
        if contact.next_meeting is not None and as_of <= contact.next_meeting < as_of + AHEAD
    ]
    return [contact for *_, contact in sorted(soon, key=lambda entry: entry[:3])]


def appointment(desk: Desk, contact: ContactView) -> Appointment:
    """Make the row of a contact that has a next meeting."""
    if contact.next_meeting is None:
        raise ValueError("no meeting, no appointment")
    return Appointment(
        when=desk.dates.exact(contact.next_meeting),
        name=desk.name(contact),
        about=desk.about(contact),
        warmth=warmth_of(desk, contact),
        mind=_mind(desk, contact),
    )


def _mind(desk: Desk, contact: ContactView) -> str:
    if not contact.open_signals:
        return desk.words.say("meeting.calm")
    findings = [one_line(desk.words.name_of("rules", rule), 40) for rule in contact.open_signals[:4]]
    return desk.words.say("meeting.open", findings=desk.words.join(findings))
