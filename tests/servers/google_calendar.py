"""Calendars at Google: events, exceptions of series, deletions of which ids are left, and sync tokens that expire."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.servers.google_answers import Answer, NotThere, error

Event = dict[str, Any]
_NEVER_WITH_A_TOKEN = ("iCalUID", "orderBy", "q", "timeMin", "timeMax", "updatedMin")
GONE = error(410, "fullSyncRequired", "Sync token is no longer valid, a full sync is required.")


@dataclass(slots=True)
class OneCalendar:
    """A calendar; ``changes`` numbers the last change of each event."""

    entry: dict[str, Any]
    events: dict[str, Event] = field(default_factory=dict)
    uids: dict[str, str] = field(default_factory=dict)  # also of what is deleted
    changes: dict[str, int] = field(default_factory=dict)
    newest: int = 0
    oldest_token: int = 0


@dataclass(slots=True)
class GoogleCalendars:
    """The user's list of calendars."""

    calendars: dict[str, OneCalendar] = field(default_factory=dict)
    page_size: int = 2500
    generation: int = 0
    _pages: dict[str, tuple[list[Event], int]] = field(default_factory=dict)

    def add(self, name: str, *, role: str = "owner", selected: bool = True, **others: Any) -> None:
        """Add a calendar to the list."""
        entry = {"kind": "calendar#calendarListEntry", "id": name, "summary": name, "accessRole": role, **others}
        self.calendars[name] = OneCalendar({**entry, **({"selected": True} if selected else {})})

    def put(self, calendar: str, event: Event) -> None:
        """Store an event, or an exception of a series, as it is now."""
        one = self.calendars[calendar]
        one.events[event["id"]] = event
        one.uids[event["id"]] = event.get("iCalUID") or one.uids.get(event.get("recurringEventId", ""), "")
        one.newest += 1
        one.changes[event["id"]] = one.newest

    def delete(self, calendar: str, event: str) -> None:
        """Delete an event; the exceptions of a series go with it.

        On its organizer's calendar it keeps its details; elsewhere, and of an exception, only ids are left.
        """
        one = self.calendars[calendar]
        before = one.events[event]
        keeps = before.get("organizer", {}).get("self", True) and "recurringEventId" not in before
        names = before if keeps else ("id", "recurringEventId", "originalStartTime")
        left = {name: before[name] for name in names if name in before}
        for other in [held["id"] for held in one.events.values() if held.get("recurringEventId") == event]:
            del one.events[other]
        self.put(calendar, {"kind": "calendar#event", **left, "status": "cancelled"})

    def drop(self, calendar: str, event: str) -> None:
        """Let an event go without a trace, as one whose tombstone has expired."""
        del self.calendars[calendar].events[event]

    def expire_tokens(self, calendar: str) -> None:
        one = self.calendars[calendar]
        one.newest += 1
        one.oldest_token = one.newest

    def list(self, asked: dict[str, str]) -> Answer:
        first, size = int(asked.get("pageToken", 0)), min(int(asked.get("maxResults", 100)), 250, self.page_size)
        entries = [one.entry for one in self.calendars.values()]
        body: dict[str, Any] = {"kind": "calendar#calendarList", "items": entries[first : first + size]}
        return Answer(200, {**body, **({"nextPageToken": str(first + size)} if len(entries) > first + size else {})})

    def event(self, calendar: str, event: str) -> Answer:
        found = self._calendar(calendar).events.get(event)
        if found is None:
            raise NotThere
        return Answer(200, found)

    def events(self, calendar: str, asked: dict[str, str]) -> Answer:
        one = self._calendar(calendar)
        if token := asked.get("pageToken"):
            return self._page(token, asked)
        if sync := asked.get("syncToken"):
            if any(name in asked for name in _NEVER_WITH_A_TOKEN) or asked.get("showDeleted") == "false":
                return error(400, "badRequest", "The sync token cannot be combined with other parameters.")
            since = int(sync.rpartition("-")[2]) if sync.startswith("sync-") else -1
            if since < one.oldest_token:
                return GONE
            found = [event for event in one.events.values() if one.changes[event["id"]] > since]
        else:
            found = [event for event in one.events.values() if _is_asked_for(event, one, asked)]
        self.generation += 1
        name = f"page-{self.generation}"
        self._pages[name] = (found, one.newest)
        return self._page(f"{name}-0", asked)

    def _page(self, token: str, asked: dict[str, str]) -> Answer:
        name, _, first = token.rpartition("-")
        found, newest = self._pages[name]
        start, size = int(first), min(int(asked.get("maxResults", 250)), 2500, self.page_size)
        body: dict[str, Any] = {"kind": "calendar#events", "items": found[start : start + size]}
        if len(found) > start + size:
            return Answer(200, {**body, "nextPageToken": f"{name}-{start + size}"})
        synced = {} if asked.get("iCalUID") else {"nextSyncToken": f"sync-{newest}"}
        return Answer(200, {**body, **synced})

    def _calendar(self, name: str) -> OneCalendar:
        if name == "primary" and self.calendars:
            return next(iter(self.calendars.values()))
        if name not in self.calendars:
            raise NotThere
        return self.calendars[name]


def _is_asked_for(event: Event, one: OneCalendar, asked: dict[str, str]) -> bool:
    single = asked.get("singleEvents") == "true"
    if event.get("status") == "cancelled" and asked.get("showDeleted") != "true":
        return "recurringEventId" in event and not single
    if (uid := asked.get("iCalUID")) and one.uids[event["id"]] != uid:
        return False
    if single and "recurrence" in event:
        return False  # the tests write down the occurrences that they want to be seen
    if (until := asked.get("timeMax")) and (event["start"].get("dateTime") or event["start"]["date"]) >= until[:19]:
        return False
    since, end = asked.get("timeMin", ""), event.get("end", {})
    # Times of the tests are in UTC, so that texts can be compared.
    return "recurrence" in event or not since or not end or (end.get("dateTime") or end["date"]) > since[:19]
