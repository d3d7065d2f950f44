"""Who came to meetings held by Google Meet, from the records that Google keeps of calls for thirty days; read only.

A call belongs to the meetings of the primary calendar that name its code and were planned for that time. What it
proves is told once such a meeting is over for an hour and no call of it goes on. Of the people in a call Meet tells no
address: the owner is known by their id, everybody else by name only, so that from many calls nothing follows.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from keepwarm.connectors.addresses import parties
from keepwarm.connectors.attendance import EARLY, Present, attended, waited
from keepwarm.connectors.contract import Later, Refused
from keepwarm.connectors.google_api import GoogleApi, NotFoundError
from keepwarm.connectors.google_events import is_cancelled, moment_of, recurrence_id
from keepwarm.connectors.google_meet_cursor import Call, Position
from keepwarm.connectors.words import clean
from keepwarm.storage.observations import Attendee, Batch, MeetingSeen, Method, Stream

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from keepwarm.connectors.google_api import GoogleSettings
    from keepwarm.connectors.google_events import Event
    from keepwarm.storage.observations import Cursor

STREAM = "Google Meet"

PER_MINUTE = 600
SETTLED = timedelta(hours=1)
"""So long after its end a meeting has had the calls that it will have."""

_BATCH = 10  # calls
_MOST_PAGES = 100
_MOST_PEOPLE = 600
_LONGEST_ADDRESS, _LONGEST_NAME = 400, 200
_OWN_ADDRESS = "https://meet.google.com/"


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetSettings:
    """``owner`` gives the id of the owner's account at Google, "" if it is not known; ``now`` gives an aware time."""

    google: GoogleSettings
    owner: Callable[[], str]
    now: Callable[[], datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Guest:
    """Somebody in a call, and when."""

    user: str  # the id of who was signed in
    name: str
    came: datetime
    left: datetime


class MeetConnector:
    """The calls of one account: one stream."""

    def __init__(self, settings: MeetSettings) -> None:
        self._settings = settings
        self.api = GoogleApi(settings.google, "meet", "v2", "Google Meet REST API", per_minute=PER_MINUTE)
        self._calendar = GoogleApi(
            settings.google, "calendar", "v3", "Google Calendar API", "/calendar/v3/", per_minute=PER_MINUTE
        )

    def streams(self) -> Sequence[Stream]:
        """Give the one stream that there is."""
        return [Stream(STREAM, holds="calendar")]

    def pull(self, stream: Stream, cursor: Cursor | None) -> Iterator[Batch]:
        """Read the calls that ended since, a few in a batch. Raises Later, CursorLost, SignInNeeded or Refused."""
        del stream
        position, now = Position.of(cursor), self._settings.now()
        ended = [one for one in self._calls(_since(position)) if one.end is not None and one.name not in position.done]
        due = [call for call, again in position.open if again <= now]
        calls = [*due, *sorted(ended, key=lambda call: (call.end or call.start, call.name))]
        for start in range(0, len(calls), _BATCH):
            seen: list[MeetingSeen] = []
            for call in calls[start : start + _BATCH]:
                found, again = self._told(call, now)
                seen += found
                position = position.after(call, again)
            looked_at = len(calls[start : start + _BATCH])
            yield Batch(seen=tuple(seen), cursor=position.cursor(), total=len(calls), looked_at=looked_at)

    def wait(self, stream: Stream, seconds: float) -> bool:
        """Give no hint: the daemon polls."""
        del stream, seconds
        return False

    def close(self) -> None:
        """Let go of connections."""
        self.api.close()
        self._calendar.close()

    def _told(self, call: Call, now: datetime) -> tuple[list[MeetingSeen], datetime | None]:
        """Say who came to the meetings that a call belongs to, and when to look again, if one was not over."""
        told, again = list[MeetingSeen](), list[datetime]()
        for event in self._planned(call):
            start, end = moment_of(event.get("start")), moment_of(event.get("end"))
            if start is None or end is None or is_cancelled(event):
                continue
            calls = self._calls(f"{_with_code(event)} AND {_between(start - EARLY, end + EARLY)}")
            if call.name not in {one.name for one in calls}:
                continue  # of another meeting at that time
            if now < end + SETTLED or any(one.end is None for one in calls):
                hours = max((now - end) // SETTLED, 0) + 1
                again.append(end + hours * SETTLED)
                continue
            guests = [guest for one in calls for guest in self._guests(one)]
            told.append(_record(event, start, end, self._people(event, start, end, guests), max(_ends(calls))))
        return told, min(again, default=None)

    def _people(self, event: Event, start: datetime, end: datetime, guests: Sequence[_Guest]) -> tuple[Attendee, ...]:
        """Say of those who were invited whether they came; that they did not, only where somebody waited for them.

        Whoever was in a call at another time has not come, but nothing says that they were missed, either.
        """
        invited, me = _invited(event)
        owner = self._settings.owner()
        mine = frozenset({owner} if owner else ())
        at_it = [_was_at(one, start, end) for one in guests]
        present = [Present(address=me if one.user in mine else "", name=one.name) for one in guests]
        came = attended(invited, [one for one, was_at in zip(present, at_it, strict=True) if was_at])
        proves = any(waited(one.came, one.left, start) for one in guests) and not _may_have_met_elsewhere(event)
        missed = {one.address for one in attended(invited, present) if proves and one.attended is False}
        return tuple(replace(one, attended=one.attended or (False if one.address in missed else None)) for one in came)

    def _planned(self, call: Call) -> list[Event]:
        """Give the events of the primary calendar around a call that are held by Meet."""
        end = call.end or call.start
        events = self._calendar.service.events().list(
            calendarId="primary",
            timeMin=_written(call.start - EARLY),
            timeMax=_written(end + EARLY),
            singleEvents=True,
            showDeleted=False,
            maxResults=100,
        )
        try:
            found = self._calendar.ask(events, 1)
        except NotFoundError:
            raise Refused("There is no primary calendar at Google.", "Sign in as the one who is meant.") from None
        return [event for event in found.get("items", ()) if _code(event)]

    def _calls(self, wanted: str) -> list[Call]:
        records, listed = self.api.service.conferenceRecords(), {"filter": wanted} if wanted else {}
        pages = self._pages(lambda page: records.list(pageSize=100, **listed, **page), "conferenceRecords")
        found = [
            (str(one.get("name", "")), moment_of(one.get("startTime")), moment_of(one.get("endTime"))) for one in pages
        ]
        return [Call(name=name, start=start, end=end) for name, start, end in found if name and start is not None]

    def _guests(self, call: Call) -> list[_Guest]:
        people = self.api.service.conferenceRecords().participants()
        unknown = _Guest(user="", name="", came=call.start, left=call.end or call.start)
        try:
            pages = list(self._pages(lambda page: people.list(parent=call.name, pageSize=250, **page), "participants"))
        except (NotFoundError, Refused):
            return [unknown]  # its record has expired meanwhile, or is not for everybody who was asked
        if len(pages) > _MOST_PEOPLE:
            return [unknown]
        found = []
        for one in pages:
            came = moment_of(one.get("earliestStartTime")) or call.start
            left = moment_of(one.get("latestEndTime")) or call.end or came
            kinds = (one.get(kind) or {} for kind in ("signedinUser", "anonymousUser", "phoneUser"))
            who: Mapping[str, Any] = next((kind for kind in kinds if kind), {})
            user = str(who.get("user", "")).removeprefix("users/")
            found.append(_Guest(user=user, name=_name(who), came=came, left=left))
        return found

    def _pages(self, request: Callable[[Mapping[str, str]], Any], key: str) -> Iterator[Mapping[str, Any]]:
        token = ""
        for _ in range(_MOST_PAGES):
            answer = self.api.ask(request({"pageToken": token} if token else {}), 1)
            yield from answer.get(key, ())
            token = str(answer.get("nextPageToken", ""))
            if not token:
                return
        raise Later("Google gives pages of calls without an end.", timedelta(minutes=15))


def _record(event: Event, start: datetime, end: datetime, people: tuple[Attendee, ...], ended: datetime) -> MeetingSeen:
    return MeetingSeen(
        source_key=f"meet:{event.get('id')}",
        ical_uid=str(event.get("iCalUID") or f"{event.get('id')}@google.com"),
        recurrence_id=recurrence_id(event),
        method=Method.ATTENDANCE,
        written_at=ended,
        start=start,
        end=end,
        attendees=people,
    )


def _invited(event: Event) -> tuple[tuple[Attendee, ...], str]:
    """Give those who are to come, and which of them is the owner."""
    people: dict[str, Mapping[str, Any]] = {}
    for one in (*(event.get("attendees") or ())[:_MOST_PEOPLE], event.get("organizer") or {}):
        if address := _address(one):
            people.setdefault(address, one)
    invited = tuple(
        Attendee(address=address, name=_name(one), person=not one.get("resource")) for address, one in people.items()
    )
    return invited, next((address for address, one in people.items() if one.get("self")), "")


def _address(person: Mapping[str, Any]) -> str:
    found, number = parties(str(person.get("email", ""))[:_LONGEST_ADDRESS])
    return found[0].address if number == 1 and found else ""


def _name(person: Mapping[str, Any]) -> str:
    return clean(str(person.get("displayName", ""))[:_LONGEST_NAME])


def _may_have_met_elsewhere(event: Event) -> bool:
    """Tell a meeting that has a room, too, or a call of another kind: calendars give one of Meet to each."""
    place = str(event.get("location") or "").strip()
    has_room = any(one.get("resource") for one in event.get("attendees") or ())
    return has_room or bool(place and not place.lower().startswith(_OWN_ADDRESS))


def _was_at(guest: _Guest, start: datetime, end: datetime) -> bool:
    return guest.came < end and guest.left > start - EARLY


def _ends(calls: Sequence[Call]) -> list[datetime]:
    return [one.end or one.start for one in calls]


def _code(event: Event) -> str:
    """Give the code of a meeting's call, such as "abc-mnop-xyz"; "" if it is held otherwise."""
    conference = event.get("conferenceData") or {}
    kind = ((conference.get("conferenceSolution") or {}).get("key") or {}).get("type")
    code = str(conference.get("conferenceId", ""))
    return code if kind == "hangoutsMeet" and code.replace("-", "").isalnum() and code.isascii() else ""


def _with_code(event: Event) -> str:
    return f'space.meeting_code = "{_code(event)}"'


def _between(since: datetime, until: datetime) -> str:
    return f'start_time>="{_written(since)}" AND start_time<="{_written(until)}"'


def _since(position: Position) -> str:
    return f'end_time>="{_written(position.since)}"' if position.since else ""


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
