"""Who came to meetings held by Teams, from the attendance reports that Microsoft keeps for the organiser; read only.

Only work and school accounts have them, and of meetings that somebody else called, or of a channel's, nothing is told.
A meeting gives a report each time its call ends, all occurrences of a series together and no more than the newest ten;
so a report belongs to the occurrence for which it was planned when the call took place.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from keepwarm.connectors.attendance import EARLY, Present, attended, waited
from keepwarm.connectors.contract import CursorLost, Refused
from keepwarm.connectors.graph_client import NotAllowedError, NotThereError
from keepwarm.connectors.graph_events import PROPERTIES, EventReader
from keepwarm.connectors.graph_message import moment_of
from keepwarm.connectors.graph_streams import GraphStreams, Words
from keepwarm.connectors.words import clean
from keepwarm.storage.observations import Attendee, Batch, MeetingSeen, MeetingStatus, Method

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import tzinfo

    from keepwarm.connectors.graph_client import Json
    from keepwarm.storage.observations import Cursor

STREAM = "Teams"

KEPT = timedelta(days=60)
"""So long Microsoft keeps an online meeting, and its reports, after it was to be over."""

SETTLED = timedelta(hours=3)
"""So long after its end a meeting has had the calls that it will have, and their reports are there."""

MOST_REPORTS = 10  # that Graph lists of one meeting
_MOST_PEOPLE = 1_000
_LONGEST_NAME = 200
_MORE_PROPERTIES = ("onlineMeeting", "locations")


@dataclass(frozen=True, slots=True, kw_only=True)
class AttendanceSettings:
    """``now`` gives an aware time, ``zone`` is the owner's, ``owner`` holds their addresses in lower case."""

    now: Callable[[], datetime]
    zone: tzinfo
    owner: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Position:
    """All meetings that ended by ``since`` are looked at; of those that ended just then, the ones in ``done``."""

    since: datetime
    done: frozenset[str] = frozenset()

    @classmethod
    def of(cls, cursor: Cursor) -> Position:
        """Read a cursor. Raises CursorLost."""
        since = moment_of(cursor.get("since"))
        done = cursor.get("done")
        if since is None or not isinstance(done, list):
            raise CursorLost("The cursor was written by another version.")
        return cls(since, frozenset(map(str, done)))

    def after(self, end: datetime, number: str) -> Position:
        """Give the place after a meeting."""
        return Position(end, frozenset({number}) | (self.done if end == self.since else frozenset()))

    def cursor(self) -> Cursor:
        """Write it for storage."""
        return {"v": 1, "since": self.since.isoformat(), "done": sorted(self.done)}


@dataclass(slots=True)
class GraphAttendance(GraphStreams[str]):
    """The attendance reports of one account: one stream."""

    settings: AttendanceSettings
    _meetings: dict[str, str] = field(default_factory=dict)  # ids of online meetings by the address to join

    @property
    def _words(self) -> Words:
        return Words("calendar", "list", "who came to calls", "OnlineMeetings.Read or OnlineMeetingArtifact.Read.All")

    def _listed(self) -> Mapping[str, str]:
        return {STREAM: STREAM}

    def _read(self, item: str, cursor: Cursor | None) -> Iterator[Batch]:
        del item
        until = self.settings.now() - SETTLED
        position = Position(until - KEPT) if cursor is None else Position.of(cursor)
        over = [one for one in self._planned(position.since, until) if one[0].source_key not in position.done]
        looked_at = 0
        for meeting, event in sorted(over, key=lambda one: (one[0].end, one[0].source_key)):
            position, looked_at = position.after(meeting.end, meeting.source_key), looked_at + 1
            told = self._told(meeting, event)
            if told is not None:
                yield Batch(seen=(told,), cursor=position.cursor(), total=len(over), looked_at=looked_at)
                looked_at = 0
        if looked_at:
            yield Batch(cursor=position.cursor(), total=len(over), looked_at=looked_at)

    def _planned(self, since: datetime, until: datetime) -> Iterator[tuple[MeetingSeen, Json]]:
        """Give what ended since then, as it was planned."""
        # What ended just then is in no view that begins then.
        span = {"startDateTime": _written(since - timedelta(minutes=1)), "endDateTime": _written(until)}
        select = ",".join((*PROPERTIES, *_MORE_PROPERTIES))
        address = self.client.address("/me/calendarView", _select=select, _top="200", **span)
        reader = EventReader("Calendar", self.settings.zone, self.settings.owner)
        for page in self.client.pages(address, from_start=True):
            for event in page.items:
                found = reader.read(event)[0] if isinstance(event.get("id"), str) else []
                yield from ((one, event) for one in found[:1] if since <= one.end <= until)

    def _told(self, meeting: MeetingSeen, event: Json) -> MeetingSeen | None:
        """Say who came to a meeting; None where no report tells."""
        online, join = event.get("onlineMeeting"), None
        if isinstance(online, dict):
            join = online.get("joinUrl")
        is_own = event.get("isOrganizer") is True and meeting.online
        if not is_own or not isinstance(join, str) or meeting.status is MeetingStatus.CANCELLED or meeting.all_day:
            return None
        number = self._meeting(join)
        try:
            reports, is_whole = self._reports(number, meeting) if number else ([], False)
            records = [record for one in reports for record in self._records(one)]
        except (NotThereError, NotAllowedError, CursorLost, Refused):
            return None  # of this one alone: a channel's, one that was handed on, or whose reports are gone
        if not records:
            return None
        is_whole = is_whole and len(records) >= sum(one.people for one in reports)
        people = attended(_invited(meeting), [_present(one, meeting) for one in records])
        missed = any(waited(one.start, one.end, meeting.start) for one in reports)
        doubtful = not (missed and is_whole) or _may_have_met_elsewhere(event, meeting)
        people = tuple(
            replace(one, attended=one.attended or None) if doubtful or not one.required else one for one in people
        )
        return MeetingSeen(
            source_key=f"attendance:{event['id']}",
            ical_uid=meeting.ical_uid,
            recurrence_id=meeting.recurrence_id,
            method=Method.ATTENDANCE,
            written_at=max(one.end for one in reports),
            start=meeting.start,
            end=meeting.end,
            attendees=people,
        )

    def _meeting(self, join: str) -> str:
        """Give the id of an online meeting, "" if there is none any more. Raises Refused if none may be asked for."""
        if join not in self._meetings:
            wanted = join.replace("'", "''")
            address = self.client.address("/me/onlineMeetings", _filter=f"JoinWebUrl eq '{wanted}'")
            try:
                found = self.client.get(address).get("value")
            except NotAllowedError:
                raise self._not_allowed() from None
            except (NotThereError, Refused):
                found = None
            numbers = [one.get("id") for one in found if isinstance(one, dict)] if isinstance(found, list) else []
            self._meetings[join] = next((number for number in numbers if isinstance(number, str)), "")
        return self._meetings[join]

    def _reports(self, number: str, meeting: MeetingSeen) -> tuple[list[_Report], bool]:
        """Give the reports of a meeting's own calls, and whether none of them can be missing.

        One may be if there was a call shortly before or after the planned time: the meeting may have been held then.
        """
        path = f"/me/onlineMeetings/{quote(number, safe='')}/attendanceReports"
        pages = self.client.pages(self.client.address(path), from_start=True)
        listed = [one for page in pages for told in page.items if (one := _report(path, told)) is not None]
        first = meeting.start - EARLY
        is_whole = len(listed) < MOST_REPORTS or min(one.start for one in listed) < first
        at_another_time = any(
            meeting.end <= one.start < meeting.end + SETTLED or meeting.start - SETTLED < one.end <= first
            for one in listed
        )
        mine = [one for one in listed if one.start < meeting.end and one.end > first]
        return mine, is_whole and not at_another_time

    def _records(self, report: _Report) -> list[Json]:
        pages = self.client.pages(self.client.address(f"{report.path}/attendanceRecords"), from_start=True)
        return [one for page in pages for one in page.items][:_MOST_PEOPLE]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Report:
    """A report of one call."""

    path: str
    start: datetime
    end: datetime
    people: int


def _report(path: str, told: Json) -> _Report | None:
    start, end = moment_of(told.get("meetingStartDateTime")), moment_of(told.get("meetingEndDateTime"))
    number, people = told.get("id"), told.get("totalParticipantCount")
    if start is None or end is None or not isinstance(number, str):
        return None
    people = people if isinstance(people, int) else 0
    return _Report(path=f"{path}/{quote(number, safe='')}", start=start, end=end, people=people)


def _invited(meeting: MeetingSeen) -> tuple[Attendee, ...]:
    host = meeting.organizer
    named = {one.address for one in meeting.attendees}
    if host is None or host.address in named:
        return meeting.attendees
    return (Attendee(address=host.address, name=host.name), *meeting.attendees)


def _present(record: Json, meeting: MeetingSeen) -> Present:
    """Give who a record is of: sign-in names need not be the addresses that were invited, so names count too."""
    if str(record.get("role")).lower() == "organizer" and meeting.organizer is not None:
        return Present(address=meeting.organizer.address)
    identity, told = record.get("identity"), record.get("emailAddress")
    address = told.strip().lower() if isinstance(told, str) else ""
    name = str(identity.get("displayName") or "") if isinstance(identity, dict) else ""
    known = {one.address for one in meeting.attendees}
    return Present(address=address if address in known else "", name=clean(name[:_LONGEST_NAME]))


def _may_have_met_elsewhere(event: Json, meeting: MeetingSeen) -> bool:
    """Tell a meeting with a room, or another kind of call: Outlook gives one of Teams to each, named as a place."""
    if any(not one.person for one in meeting.attendees):
        return True
    places = event.get("locations")
    return any(_is_place(one) for one in places if isinstance(one, dict)) if isinstance(places, list) else False


def _is_place(told: Mapping[str, Any]) -> bool:
    name = str(told.get("displayName") or "").strip().lower()
    return bool(name) and "teams" not in name


def _written(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
