"""Records of calls at Google Meet: filters as Google documents them, pages, and participants of three kinds."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.servers.google_answers import Answer, NotThere, error

_CONDITION = re.compile(r'(space\.meeting_code|start_time|end_time)\s*(=|>=|<=)\s*"([^"]+)"')


@dataclass(slots=True)
class Record:
    """One call; ``end`` is None while it goes on."""

    name: str
    code: str
    start: datetime
    end: datetime | None
    participants: list[dict[str, Any]] = field(default_factory=list)
    expired: bool = False  # listed still, and gone when it is asked for

    def shown(self) -> dict[str, Any]:
        ended = {"endTime": _written(self.end)} if self.end else {}
        return {"name": self.name, "startTime": _written(self.start), "space": f"spaces/of-{self.code}", **ended}


@dataclass(slots=True)
class GoogleMeet:
    """The calls that the user was in, or whose space is theirs."""

    records: list[Record] = field(default_factory=list)
    page_size: int = 100

    def call(self, code: str, start: datetime, end: datetime | None, *guests: dict[str, Any]) -> Record:
        """Hold a call; guests are made by ``guest``."""
        record = Record(f"conferenceRecords/c{len(self.records) + 1}", code, start, end)
        for number, guest in enumerate(guests, 1):
            times = {"earliestStartTime": _written(start), **({"latestEndTime": _written(end)} if end else {})}
            record.participants.append({"name": f"{record.name}/participants/{number}", **times, **guest})
        self.records.append(record)
        return record

    def list(self, asked: dict[str, str]) -> Answer:
        wanted = asked.get("filter", "")
        conditions = [_CONDITION.fullmatch(part.strip()) for part in wanted.split(" AND ")] if wanted else []
        if not all(conditions):
            return error(400, "invalidArgument", "Invalid filter")
        found = [one for one in self.records if all(_holds(one, *match.groups()) for match in conditions if match)]
        found.sort(key=lambda one: one.start, reverse=True)
        return self._page("conferenceRecords", [one.shown() for one in found], asked, 100)

    def participants(self, name: str, asked: dict[str, str]) -> Answer:
        record = next((one for one in self.records if one.name == f"conferenceRecords/{name}"), None)
        if record is None or record.expired:
            raise NotThere
        return self._page("participants", record.participants, asked, 250)

    def _page(self, key: str, found: list[dict[str, Any]], asked: dict[str, str], most: int) -> Answer:
        first, size = int(asked.get("pageToken", 0)), min(int(asked.get("pageSize", 25)), most, self.page_size)
        more = {"nextPageToken": str(first + size)} if len(found) > first + size else {}
        return Answer(200, {key: found[first : first + size], **more})


def guest(name: str = "", user: str = "", *, phone: bool = False) -> dict[str, Any]:
    """Write a participant: signed in with ``user``, by phone, or by nothing but a name."""
    if user:
        return {"signedinUser": {"user": f"users/{user}", "displayName": name}}
    return {"phoneUser" if phone else "anonymousUser": {"displayName": name}}


def _holds(record: Record, key: str, relation: str, value: str) -> bool:
    if key == "space.meeting_code":
        return record.code == value
    at = record.start if key == "start_time" else record.end
    if at is None:
        return False
    return at >= datetime.fromisoformat(value) if relation == ">=" else at <= datetime.fromisoformat(value)


def _written(moment: datetime) -> str:
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")
