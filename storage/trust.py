"""Whom a meeting's mails are believed from.

Nobody speaks for another (RFC 5546, 6.1): an update or cancellation counts if the organiser sent it, or an agent whom
something already believed names (SENT-BY; RFC 5545, 3.2.18): a forged mail must not appoint its own sender. Who
organises a known meeting is changed by a calendar only.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from keepwarm.storage.observations import Answer, Method

if TYPE_CHECKING:
    from keepwarm.storage.sightings import Sighting


@dataclass(slots=True)
class Trust:
    """Who organises a meeting, who may speak for them, and who is the owner."""

    owner: frozenset[str]
    organizer: str = ""
    _agents: set[str] = field(default_factory=set)

    def is_owner(self, address: str) -> bool:
        """Tell an address of the owner's."""
        return address.lower() in self.owner

    def is_same(self, one: str, other: str) -> bool:
        """Tell two addresses of one person."""
        one, other = one.lower(), other.lower()
        return bool(one) and (one == other or {one, other} <= self.owner)

    def is_organizer(self, address: str, claimed: str = "") -> bool:
        """Tell the organiser; while nobody knows who that is, whoever is ``claimed`` to be."""
        return self.is_same(address, self.organizer or claimed)

    def is_by_agent(self, sighting: Sighting) -> bool:
        """Tell what the organiser's agent sent in the organiser's name."""
        return sighting.sent_by.lower() in self._agents and not self.is_organizer(sighting.sent_by)

    def speaks_for_organizer(self, sighting: Sighting, *, first: bool) -> bool:
        """Tell a mail that is believed about the meeting; ``first``: nothing is known of it so far."""
        if self.is_by_agent(sighting):
            return self.is_organizer(sighting.organizer)
        if self._hands_over(sighting):
            return False
        if self.is_organizer(sighting.sent_by, sighting.organizer):
            return True
        appoints = first and sighting.method is Method.REQUEST and bool(sighting.organizer)
        return appoints and self.is_same(sighting.sent_by, sighting.agent)

    def follow(self, sighting: Sighting) -> None:
        """Learn from a snapshot that is believed who organises, and who may speak for them."""
        if sighting.organizer and (not self.organizer or sighting.method is Method.CALENDAR):
            if self.organizer and not self.is_same(self.organizer, sighting.organizer):
                self._agents.clear()
            self.organizer = sighting.organizer
        if sighting.agent and self.is_organizer(sighting.organizer):
            self._agents.add(sighting.agent.lower())

    def may_tell(self, sighting: Sighting, address: str, answer: Answer) -> bool:
        """Tell whether a snapshot is believed about an answer: for the owner, no mail of somebody else's is."""
        if answer is Answer.NONE or not self.is_owner(address):
            return True
        return sighting.method is Method.CALENDAR or self.is_owner(sighting.sent_by)

    def _hands_over(self, sighting: Sighting) -> bool:
        """Tell a mail by which somebody else makes the owner the organiser: it would make them one who agreed."""
        return self.is_owner(sighting.organizer) and not self.is_owner(sighting.sent_by)
