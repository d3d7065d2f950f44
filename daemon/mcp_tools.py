"""The tools that an assistant on this machine may use: they read what is known of people, and change nothing."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime
from threading import Lock
from typing import TYPE_CHECKING, Annotated, Any, Literal

from mcp.server.mcpserver.exceptions import ToolError
from pydantic import Field

from keepwarm.daemon import dossier
from keepwarm.daemon.commands.brief import meetings_of
from keepwarm.daemon.commands.why import explained
from keepwarm.daemon.failure import Failure
from keepwarm.daemon.harmless import harmless_lines
from keepwarm.daemon.mcp_results import Brief, Contact, Contacts, Signals, Why, clean, cut, page
from keepwarm.daemon.people import the_one
from keepwarm.daemon.the_signal import the_signal
from keepwarm.outputs.json_views import card_row, contact_row, signal_row, utc_text
from keepwarm.storage import briefs, contacts, signals
from keepwarm.storage.database import DatabaseError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from keepwarm.daemon.session import Session
    from keepwarm.daemon.workshop import Workshop

Who = Annotated[str, Field(description="An id, a mail address, or (part of) a name.", min_length=1, max_length=320)]
Word = Annotated[str | None, Field(max_length=320)]
Offset = Annotated[int, Field(ge=0, le=1_000_000)]
Limit = Annotated[int, Field(ge=1, le=100)]
Band = Literal["cold", "cool", "happy_medium", "close"]

_EVER = datetime(1900, 1, 1, tzinfo=UTC)
_OF_A_CONTACT = {
    "signals": 20,
    "warmth": 26,
    "meetings": 20,
    "terms": 40,
    "notes": 20,
    "promises": 20,
    "reflections": 20,
    "touches": 20,
    "referrals": 20,
}
_EVIDENCE_IN_LISTS, _EVIDENCE = 5, 50
_STEPS_OF_A_MEETING = 10
_MEETINGS, _PEOPLE = 20, 20


class Tools:
    """The tools, over one database that is only read. They may be called by any thread; one is served at a time."""

    def __init__(self, session: Session, workshop: Workshop) -> None:
        self._session = session
        self._workshop = workshop
        self._one_at_a_time = Lock()  # the workshop's engine is for one thread

    def list_contacts(
        self,
        band: Band | None = None,
        label: Word = None,
        organisation: Word = None,
        search: Word = None,
        offset: Offset = 0,
        limit: Limit = 25,
    ) -> Contacts:
        """List everybody with their warmth (0 to 100), the warmest first."""
        with self._reading() as (connection, now):
            text = (search or "").strip().casefold()
            found = [
                one
                for one in contacts.views(connection, now)
                if band in (None, one.band)
                and label in (None, *one.labels)
                and organisation in (None, one.organisation)
                and any(text in known.casefold() for known in (one.name, *one.addresses))
            ]
            shown, following = page(found, offset, limit)
            rows = [clean(contact_row(one)) for one in shown]
            return Contacts(as_of=utc_text(now), contacts=rows, total=len(found), next_offset=following)

    def show_contact(self, who: Who) -> Contact:
        """Show one contact whole: warmth and why, open signals, facts, meetings, and what the owner noted."""
        with self._reading() as (connection, now):
            found = dossier.of(connection, self._workshop, the_one(connection, who), now)
            left_out = cut(found, _OF_A_CONTACT, newest_last=frozenset({"warmth"}))
            for one in found["signals"]:
                cut(one, {"evidence": _EVIDENCE_IN_LISTS})
            for one in found["meetings"]:
                cut(one, {"story": _STEPS_OF_A_MEETING}, newest_last=frozenset({"story"}))
            return Contact(as_of=utc_text(now), contact=clean(found), left_out=left_out)

    def list_signals(
        self, contact: Word = None, include_past: bool = False, offset: Offset = 0, limit: Limit = 25
    ) -> Signals:
        """List the open signals, the newest first; with include_past also those that are over or put aside."""
        with self._reading() as (connection, now):
            about = None if contact is None else [the_one(connection, contact)]
            since = _EVER if include_past else None
            found = signals.views(connection, now, contacts=about, cleared_since=since)
            wanted = [one for one in found if include_past or not one.hidden]
            shown, following = page(wanted, offset, limit)
            rows = [signal_row(one) for one in shown]
            for row in rows:
                cut(row, {"evidence": _EVIDENCE_IN_LISTS})
            return Signals(as_of=utc_text(now), signals=clean(rows), total=len(wanted), next_offset=following)

    def why(
        self, signal_id: Annotated[str, Field(description="Its id, or how it begins.", min_length=1, max_length=80)]
    ) -> Why:
        """Show what one signal rests on: the rule's conditions, the values that made it true, and the evidence."""
        with self._reading() as (connection, now):
            found: dict[str, Any] = explained(the_signal(connection, now, signal_id))
            left_out = cut(found, {"evidence": _EVIDENCE})
            return Why(as_of=utc_text(now), signal=clean(found), left_out=left_out)

    def brief(
        self,
        meeting: Annotated[
            str | None, Field(description="Only this one: its id, or words of its title.", max_length=320)
        ] = None,
    ) -> Brief:
        """Give the cards to read before today's and tomorrow's meetings: who comes, and what to have in mind."""
        with self._reading() as (connection, now):
            workshop = self._workshop
            zone = workshop.configuration.owner.timezone
            meetings = meetings_of(connection, workshop, meeting, now)
            view = briefs.brief(connection, meetings[:_MEETINGS], now, zone, workshop.owner)
            people = {one.id: one for one in view.people.contacts}
            rows = [card_row(one, people, view.people.week_change) for one in view.meetings]
            for row in rows:
                cut(row, {"people": _PEOPLE, "others": _PEOPLE, "links": _PEOPLE})
            left_out = {"meetings": len(meetings) - _MEETINGS} if len(meetings) > _MEETINGS else {}
            return Brief(as_of=utc_text(now), meetings=clean(rows), left_out=left_out)

    @contextmanager
    def _reading(self) -> Iterator[tuple[Connection, datetime]]:
        """Give a consistent state of the database, and the moment to see it as of.

        Raises ToolError, with the cure, for what the owner or the assistant can put right.
        """
        try:
            with self._one_at_a_time, self._workshop.database.reading() as connection:
                yield connection, self._session.now()
        except (Failure, DatabaseError) as error:
            told = "\n".join(filter(None, (str(error), error.what_to_do)))
            raise ToolError(harmless_lines(told)) from error
