"""The online meetings of the tests' Graph, and the attendance reports that Teams keeps of their calls."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.servers.graph import Told, error, paged

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from tests.servers.graph import Asked

MEETINGS, ARTIFACTS = "OnlineMeetings.Read", "OnlineMeetingArtifact.Read.All"
ATTENDANCE = frozenset({MEETINGS, ARTIFACTS})
MOST_LISTED = 10
_REPORTS = re.compile(r"/me/onlineMeetings/([^/]+)/attendanceReports")
_RECORDS = re.compile(r"/me/onlineMeetings/[^/]+/attendanceReports/([^/]+)/attendanceRecords")


def online(name: str) -> dict[str, Any]:
    """Give what an event that is held by Teams has beside."""
    return {
        "isOnlineMeeting": True,
        "onlineMeetingProvider": "teamsForBusiness",
        "onlineMeeting": {"joinUrl": join_url(name)},
        "locations": [{"displayName": "Microsoft Teams-Besprechung", "locationType": "default"}],
    }


def join_url(name: str) -> str:
    return f"https://teams.microsoft.example/l/meetup-join/{name}%40thread.v2/0?context=%7b%22Tid%22%3a%22O'Hara%22%7d"


def came(address: str = "", name: str = "", role: str = "Attendee", seconds: int = 1800) -> dict[str, Any]:
    """Write a record."""
    return {
        "emailAddress": address or None,
        "totalAttendanceInSeconds": seconds,
        "role": role,
        "identity": {"displayName": name} if name else None,
        "attendanceIntervals": [],
    }


@dataclass(slots=True)
class Calls:
    """The calls of one user; only of meetings that are theirs there are reports."""

    meetings: dict[str, str] = field(default_factory=dict)  # names by id
    foreign: set[str] = field(default_factory=set)  # ids of meetings that somebody else called
    reports: dict[str, list[dict[str, Any]]] = field(default_factory=dict)  # by id of the meeting, newest first
    records: dict[str, list[dict[str, Any]]] = field(default_factory=dict)  # by id of the report

    def hold(
        self, name: str, start: datetime, end: datetime, people: Iterable[dict[str, Any]], hidden: int = 0
    ) -> None:
        """Hold a call; ``hidden`` people are counted, but not listed."""
        number = f"online-{name}"
        self.meetings[number] = name
        report, records = f"report{len(self.records)}", list(people)
        self.records[report] = records
        told = {
            "id": report,
            "totalParticipantCount": len(records) + hidden,
            "meetingStartDateTime": f"{start:%Y-%m-%dT%H:%M:%S}.945Z",
            "meetingEndDateTime": f"{end:%Y-%m-%dT%H:%M:%S}.77Z",
            "attendanceRecords": [],
        }
        self.reports.setdefault(number, []).insert(0, told)

    def __call__(self, asked: Asked) -> Told | None:
        if not asked.path.startswith("/me/onlineMeetings"):
            return None
        needed = MEETINGS if asked.path == "/me/onlineMeetings" else ARTIFACTS
        if needed not in asked.scopes:
            return error(403, "Forbidden", "Forbidden")
        if asked.path == "/me/onlineMeetings":
            return self._found(asked.query.get("$filter", ""))
        if found := _RECORDS.fullmatch(asked.path):
            return paged(self.records[found[1]], asked)
        if found := _REPORTS.fullmatch(asked.path):
            if found[1] in self.foreign:
                return error(400, "General", "User ID in token is not the organizer of the queried meeting.")
            return paged(self.reports.get(found[1], [])[:MOST_LISTED], asked)
        return None

    def _found(self, wanted: str) -> Told:
        found = re.fullmatch(r"JoinWebUrl eq '((?:[^']|'')*)'", wanted)
        if found is None:
            return error(400, "InvalidArgument", "Invalid filter.")
        url = found[1].replace("''", "'")
        numbers = [number for number, name in self.meetings.items() if join_url(name) == url]
        if not numbers:
            return error(404, "NotFound", "3003: Meeting does not exist.")
        return Told(body={"value": [{"id": number, "joinWebUrl": url} for number in numbers]})
