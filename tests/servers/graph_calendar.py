"""The calendars of the tests' Graph: events, calendarView, and delta query of a calendarView.

As Graph does, delta tells of an occurrence only its id, times and series; the series' own entry comes along where it
begins within the view. What changed outside of the view is told as @removed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from tests.servers.graph import GONE, Log, RefusedError, Told, error, packed, paged, selected, unpacked

if TYPE_CHECKING:
    from tests.servers.graph import Asked

KNOWN = (
    "id", "createdDateTime", "lastModifiedDateTime", "changeKey", "categories", "transactionId",
    "originalStartTimeZone", "originalEndTimeZone", "iCalUId", "reminderMinutesBeforeStart", "isReminderOn",
    "hasAttachments", "subject", "importance", "sensitivity", "isAllDay", "isCancelled", "isOrganizer",
    "responseRequested", "seriesMasterId", "showAs", "type", "webLink", "onlineMeetingUrl", "isOnlineMeeting",
    "onlineMeetingProvider", "allowNewTimeProposals", "occurrenceId", "isDraft", "hideAttendees", "responseStatus",
    "start", "end", "location", "locations", "recurrence", "attendees", "organizer", "onlineMeeting", "originalStart",
)  # fmt: skip
READING = frozenset({"Calendars.ReadBasic", "Calendars.Read"})
LONGEST_VIEW = timedelta(days=1825)
ME = "me@example.com"
GOID = "040000008200E00074C5B7101A82E008"
_VIEW = re.compile(r"/me/(?:calendars/([^/]+)/)?calendarView(/delta)?")
_EVENTS = re.compile(r"/me/calendars/([^/]+)/events")
_EVENT = re.compile(r"/me/events/([^/]+)")


def moment(at: datetime) -> dict[str, str]:
    """Write a dateTimeTimeZone, in UTC."""
    return {"dateTime": f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.0000000", "timeZone": "UTC"}


def instant(at: dict[str, str]) -> datetime:
    """Read a dateTimeTimeZone that this fake wrote."""
    return datetime.fromisoformat(at["dateTime"][:19]).replace(tzinfo=UTC)


def read(text: str) -> datetime:
    """Read the time of a query."""
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def uid(number: int, day: datetime | None = None) -> str:
    """Write a global object id as Outlook does; that of an occurrence holds its day."""
    date = "00000000" if day is None else f"{day.year:04X}{day.month:02X}{day.day:02X}"
    return f"{GOID}{date}{'0' * 32}10000000{number:032X}"


@dataclass(slots=True)
class Calendar:
    """A calendar, with the changes in it."""

    id: str
    name: str
    owner: str = ME
    can_edit: bool = True
    default: bool = False
    log: Log = field(default_factory=Log)


@dataclass(slots=True)
class Calendars:
    """The calendars of one user."""

    calendars: dict[str, Calendar] = field(default_factory=dict)
    events: dict[str, dict[str, Any]] = field(default_factory=dict)
    changed_at: datetime = datetime(2026, 2, 1, tzinfo=UTC)
    count: int = 0
    links: bool = True  # False: whoever follows a link of a delta query is refused
    loops: bool = False  # of a delta query, the first page comes again and again, each time with another nextLink

    def __post_init__(self) -> None:
        self.add_calendar("Calendar", default=True)

    def add_calendar(self, name: str, **more: Any) -> str:
        """Add a calendar; give its id."""
        number = f"calendar{len(self.calendars)}=="
        self.calendars[number] = Calendar(number, name, **more)
        return number

    def add(self, start: datetime, *, hours: float = 1, calendar: str = "calendar0==", **more: Any) -> str:
        """Add a single event; give its id."""
        self.count += 1
        number = f"event{self.count}=="
        self.events[number] = {**self._bare(start, hours), "calendar": calendar, "iCalUId": uid(self.count), **more}
        self._note(number)
        return number

    def add_series(
        self, start: datetime, count: int = 4, *, hours: float = 1, days: int = 7, leave: int = 0, **more: Any
    ) -> str:
        """Add a series of ``count`` occurrences; give the id of its own entry."""
        self.count += 1
        number = f"series{self.count}=="
        pattern = {"type": "weekly", "interval": days // 7 or 1, "daysOfWeek": [f"{start:%A}".lower()], "month": 0}
        if days % 7:
            pattern = {"type": "daily", "interval": days, "month": 0, "dayOfMonth": 0}
        pattern |= {"firstDayOfWeek": "sunday", "index": "first", "dayOfMonth": 0}
        span = {
            "type": "numbered",
            "startDate": f"{start:%Y-%m-%d}",
            "endDate": "0001-01-01",
            "recurrenceTimeZone": more.get("originalStartTimeZone", "UTC"),
            "numberOfOccurrences": count,
        }
        own = {**self._bare(start, hours), "calendar": "calendar0==", "iCalUId": uid(self.count), **more}
        self.events[number] = {**own, "type": "seriesMaster", "recurrence": {"pattern": pattern, "range": span}}
        for index in range(count):
            at = start + timedelta(days=days * index)
            self.events[f"{number}{at:%Y%m%d}"] = {
                **own,
                "type": "occurrence",
                "seriesMasterId": number,
                "originalStart": f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
                "iCalUId": uid(self.count, at),
                "start": moment(at),
                "end": moment(at + timedelta(hours=hours)),
            }
        self._note(number)
        for key in self.occurrences(number):
            self._note(key)
        return number

    def occurrences(self, series: str) -> list[str]:
        """Give the ids of the occurrences of a series."""
        return [key for key, event in self.events.items() if event.get("seriesMasterId") == series]

    def change(self, number: str, *, at: datetime | None = None, **properties: Any) -> None:
        """Change an event; an occurrence becomes an exception by it."""
        event = self.events[number]
        if event["type"] == "occurrence":
            event["type"] = "exception"
        self.changed_at = at or self.changed_at + timedelta(minutes=1)
        event |= {**properties, "lastModifiedDateTime": f"{self.changed_at:%Y-%m-%dT%H:%M:%SZ}"}
        self._note(number)

    def move(self, number: str, start: datetime, *, at: datetime | None = None) -> None:
        """Move an event to another time."""
        event = self.events[number]
        lasts = instant(event["end"]) - instant(event["start"])
        self.change(number, at=at, start=moment(start), end=moment(start + lasts))

    def delete(self, number: str, *, silently: bool = False) -> None:
        """Delete an event, a series with its occurrences; ``silently``: delta does not tell of it."""
        for key in (number, *self.occurrences(number)):
            self._note(key, silently=silently)
            del self.events[key]

    def state(self) -> object:
        return {key: dict(event) for key, event in self.events.items()}

    def _bare(self, start: datetime, hours: float) -> dict[str, Any]:
        return {
            "@odata.type": "#microsoft.graph.event",
            "createdDateTime": "2026-01-01T00:00:00Z",
            "lastModifiedDateTime": "2026-01-01T00:00:00Z",
            "originalStartTimeZone": "UTC",
            "originalEndTimeZone": "UTC",
            "subject": f"Meeting {self.count}",
            "isAllDay": False,
            "isCancelled": False,
            "isOrganizer": True,
            "isDraft": False,
            "seriesMasterId": None,
            "showAs": "busy",
            "type": "singleInstance",
            "isOnlineMeeting": False,
            "recurrence": None,
            "responseStatus": {"response": "organizer", "time": "0001-01-01T00:00:00Z"},
            "attendees": [],
            "organizer": {"emailAddress": {"name": "Me", "address": ME}},
            "start": moment(start),
            "end": moment(start + timedelta(hours=hours)),
        }

    def _note(self, number: str, *, silently: bool = False) -> None:
        self.calendars[self.events[number]["calendar"]].log.note(number, silently=silently)

    # What is answered.

    def __call__(self, asked: Asked) -> Told | None:
        if asked.path.startswith(("/me/calendar", "/me/events")) and asked.scopes.isdisjoint(READING):
            return error(403, "ErrorAccessDenied", "Access is denied. Check credentials and try again.")
        if asked.path == "/me/calendars":
            return self._calendar_list(asked)
        if found := _EVENT.fullmatch(asked.path):
            event = self.events.get(found[1])
            if event is None:
                return error(404, "ErrorItemNotFound", "The specified object was not found in the store.")
            return Told(body=self._full(found[1], event, asked.query.get("$select", "")))
        if found := _EVENTS.fullmatch(asked.path):
            return self._later(self._calendar(found[1]), asked)
        if found := _VIEW.fullmatch(asked.path):
            calendar = self._calendar(found[1] or next(iter(self.calendars)))
            return self._delta(calendar, asked) if found[2] else self._view(calendar, asked)
        return None

    def _calendar(self, number: str) -> Calendar:
        if number not in self.calendars:
            raise RefusedError(error(404, "ErrorItemNotFound", "The specified object was not found in the store."))
        return self.calendars[number]

    def _calendar_list(self, asked: Asked) -> Told:
        select = [name for name in asked.query.get("$select", "").split(",") if name]
        shown = [selected(self._shown(one), select, self._shown(one)) for one in self.calendars.values()]
        return paged(shown, asked)

    def _shown(self, one: Calendar) -> dict[str, Any]:
        return {
            "id": one.id,
            "name": one.name,
            "isDefaultCalendar": one.default,
            "canEdit": one.can_edit,
            "owner": {"name": "", "address": one.owner},
        }

    def _full(self, number: str, event: dict[str, Any], select: str) -> dict[str, Any]:
        told = {name: value for name, value in event.items() if name != "calendar"}
        return selected({**told, "id": number}, filter(None, select.split(",")) if select else told, (*KNOWN, *told))

    def _view(self, calendar: Calendar, asked: Asked) -> Told:
        since, until = read(asked.query["startDateTime"]), read(asked.query["endDateTime"])
        if until - since > LONGEST_VIEW:
            return error(400, "ErrorInvalidParameter", "The requested time duration is too long: at most 1825 days.")
        keys = [
            key
            for key, event in self.events.items()
            if event["calendar"] == calendar.id
            and event["type"] != "seriesMaster"
            and instant(event["start"]) < until
            and instant(event["end"]) > since
        ]
        return self._listed(keys, asked)

    def _later(self, calendar: Calendar, asked: Asked) -> Told:
        found = re.fullmatch(r"start/dateTime ge '([^']+)'", asked.query.get("$filter", ""))
        since = read(found[1]) if found else datetime.min.replace(tzinfo=UTC)
        own = ("seriesMaster", "singleInstance")
        keys = [
            key
            for key, event in self.events.items()
            if event["calendar"] == calendar.id and event["type"] in own and instant(event["start"]) >= since
        ]
        return self._listed(keys, asked)

    def _listed(self, keys: list[str], asked: Asked) -> Told:
        select = asked.query.get("$select", "")
        return paged([self._full(key, self.events[key], select) for key in keys], asked)

    def _delta(self, calendar: Calendar, asked: Asked) -> Told:
        if "$select" in asked.query:
            return error(400, "ErrorInvalidUrlQuery", "The following parameters are not supported: $select.")
        token = asked.query.get("$skiptoken") or asked.query.get("$deltatoken")
        if token and not self.links:
            return error(403, "ErrorAccessDenied", "Access is denied. Check credentials and try again.")
        state = unpacked(token) if token else self._begun(calendar, asked)
        if state["until"] < calendar.log.forgotten:
            return GONE
        if "$deltatoken" in asked.query:
            state = {**state, "since": state["until"], "until": calendar.log.state, "after": 0}
        items = [(at, key) for at, key in self._items(calendar, state) if at > state["after"]]
        page = items[: asked.page]
        shown = [self._told(key, state) for _, key in page]
        link = f"{asked.base}/me/calendars/{calendar.id}/calendarView/delta?"
        if len(page) < len(items):
            more = {**state, "turn": state.get("turn", 0) + 1} if self.loops else {**state, "after": page[-1][0]}
            return Told(body={"@odata.nextLink": f"{link}$skiptoken={packed(more)}", "value": shown})
        done = {**state, "since": 0, "after": 0}
        return Told(body={"@odata.deltaLink": f"{link}$deltatoken={packed(done)}", "value": shown})

    def _begun(self, calendar: Calendar, asked: Asked) -> dict[str, Any]:
        first, end = asked.query["startDateTime"], asked.query["endDateTime"]
        if read(end) - read(first) > LONGEST_VIEW:
            raise RefusedError(error(400, "ErrorInvalidParameter", "The requested time duration is too long."))
        return {"since": -1, "until": calendar.log.state, "after": 0, "first": first, "end": end}

    def _items(self, calendar: Calendar, state: dict[str, Any]) -> list[tuple[int, str]]:
        if state["since"] >= 0:
            return calendar.log.changed(state["since"], state["until"])
        order = sorted(calendar.log.order.items(), key=lambda one: one[1])
        return [
            (at, key)
            for key, at in order
            if key in self.events and at <= state["until"] and self._within(self.events[key], state)
        ]

    def _within(self, event: dict[str, Any], state: dict[str, Any]) -> bool:
        return instant(event["start"]) < read(state["end"]) and instant(event["end"]) > read(state["first"])

    def _told(self, key: str, state: dict[str, Any]) -> dict[str, Any]:
        event = self.events.get(key)
        if event is None or not self._within(event, state):
            return {"@odata.type": "#microsoft.graph.event", "id": key, "@removed": {"reason": "deleted"}}
        if event["type"] == "occurrence":
            kept = ("@odata.type", "seriesMasterId", "type", "start", "end")
            return {"id": key, **{name: event[name] for name in kept}}
        return self._full(key, event, "")
