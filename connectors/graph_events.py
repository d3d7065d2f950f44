"""An event as Graph tells it, as the meeting that it is: the same one as in its invitation, or by CalDAV.

Graph tells no SEQUENCE, and when an event was created but not what it was then; so neither is claimed. What an attendee
proposed stands in the organiser's own event (``proposedNewTime``), and is handed over as the COUNTER that it was.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from keepwarm.connectors.absence import is_absence_title
from keepwarm.connectors.graph_message import moment_of
from keepwarm.connectors.graph_series import BrokenSeriesError, original_start, pattern_of, uid_of
from keepwarm.connectors.icalendars import LONG, MAX_SUMMARY, MAX_UID
from keepwarm.connectors.robots import bare_title, is_calendar_address, is_robot_address
from keepwarm.connectors.words import clean
from keepwarm.connectors.zones import FIRST_YEAR, LAST_YEAR, identity_of, known_zone, zone_name
from keepwarm.storage.observations import (
    UNNUMBERED,
    Answer,
    Attendee,
    MeetingSeen,
    MeetingStatus,
    Method,
    Party,
    Rejected,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import tzinfo

    from keepwarm.connectors.graph_client import Json
    from keepwarm.connectors.zones import Moment

PROPERTIES = (
    "iCalUId", "subject", "isAllDay", "isCancelled", "isOrganizer", "isDraft", "type", "seriesMasterId", "showAs",
    "originalStart", "originalStartTimeZone", "start", "end", "recurrence", "attendees", "organizer", "responseStatus",
    "lastModifiedDateTime", "isOnlineMeeting",
)  # fmt: skip
MASTER, OCCURRENCE = "seriesMaster", "occurrence"

MAX_ATTENDEES = 500
MAX_NAME = 200
_ANSWERS = {
    "organizer": Answer.ACCEPTED,
    "accepted": Answer.ACCEPTED,
    "tentativelyaccepted": Answer.TENTATIVE,
    "declined": Answer.DECLINED,
}


class BrokenEventError(ValueError):
    """An event means nothing; the text is one sentence without its contents."""


@dataclass(frozen=True, slots=True)
class EventReader:
    """Reads the events of one calendar; ``zone`` is the owner's, ``owner`` holds their addresses in lower case."""

    title: str  # of the calendar, for people
    zone: tzinfo
    owner: frozenset[str]

    def read(self, event: Json, series: Json | None = None) -> tuple[list[MeetingSeen], Rejected | None]:
        """Give the meeting, and what attendees proposed; never raises for what is in an event.

        ``series`` is the entry of the series that it is an occurrence of: of an unchanged one, Graph tells little else.
        """
        key = f"{event['id']}/"
        whole = event if series is None else {**series, **event, "recurrence": None}
        try:
            seen = self._meeting(whole, key, series)
            return [seen, *self._proposals(whole, seen)], None
        except (BrokenEventError, BrokenSeriesError, OverflowError) as broken:
            reason = "a time that lies outside of all calendars" if isinstance(broken, OverflowError) else str(broken)
        except Exception as unforeseen:  # noqa: BLE001 - one event must never stop the calendar it lies in
            reason = f"it could not be read ({type(unforeseen).__name__})"
        return [], Rejected(source_key=key, reason=reason, where=f"{self.title}, event {event['id'][-12:]}")

    def _meeting(self, event: Json, key: str, series: Json | None) -> MeetingSeen:
        flaws = set[str]()
        start, end = self._span(event, flaws)
        all_day = not isinstance(start, datetime)
        first, last = self._instant(start), max(self._instant(start), self._instant(end))
        cancelled, title = event.get("isCancelled") is True, clean(str(event.get("subject") or ""))[:MAX_SUMMARY]
        title = bare_title(title) if cancelled else title
        pattern = ""
        if event.get("type") == MASTER:
            pattern = pattern_of(event.get("recurrence"), all_day=all_day, zone=self._original_zone(event))
        host, guests = _party(event.get("organizer")), self._attendees(event, flaws)
        is_shared = any(one.person and (host is None or one.address != host.address) for one in guests)
        is_long, shown = all_day or last - first >= LONG, str(event.get("showAs")).lower()
        return MeetingSeen(
            source_key=key,
            ical_uid=_uid(event if series is None else series),
            recurrence_id=self._recurrence_id(event, start),
            pattern=pattern,
            zone=_zone_of_pattern(event, self._original_zone(event)) if pattern and not all_day else "",
            sequence=UNNUMBERED,
            written_at=moment_of(event.get("lastModifiedDateTime")),
            start=first,
            end=last,
            all_day=all_day,
            status=MeetingStatus.CANCELLED if cancelled else MeetingStatus.CONFIRMED,
            # Of what is cancelled Outlook says that it takes no time: that tells nothing of what it was.
            busy=cancelled or shown != "free",
            # A short meeting with others that bears the mark is one outside of the office.
            away=(shown == "oof" and (is_long or not is_shared)) or (is_long and is_absence_title(title)),
            online=event.get("isOnlineMeeting") is True,
            summary=title,
            organizer=host,
            attendees=guests,
            flaws=tuple(sorted(flaws)),
        )

    # Times.

    def _span(self, event: Json, flaws: set[str]) -> tuple[Moment, Moment]:
        start, end = (self._moment(event.get(name), flaws) for name in ("start", "end"))
        if event.get("isAllDay") is True:
            zone = self._original_zone(event)
            return _day(start, zone), _day(end, zone)
        return start, end

    def _moment(self, told: Any, flaws: set[str]) -> datetime:
        """Read a dateTimeTimeZone, in its own zone."""
        text, name = (told.get(key) for key in ("dateTime", "timeZone")) if isinstance(told, dict) else (None, None)
        try:
            found = datetime.fromisoformat(str(text)[:19])
        except ValueError:
            raise BrokenEventError("its start or end is no time") from None
        if not FIRST_YEAR <= found.year <= LAST_YEAR:
            raise BrokenEventError(f"its start or end is outside the years {FIRST_YEAR} to {LAST_YEAR}")
        zone = known_zone(name) if isinstance(name, str) else None
        if zone is None:
            flaws.add("unknown-timezone")
        return found.replace(tzinfo=zone or self.zone)

    def _original_zone(self, event: Json) -> tzinfo:
        name = event.get("originalStartTimeZone")
        return (known_zone(name) if isinstance(name, str) else None) or self.zone

    def _instant(self, moment: Moment) -> datetime:
        if isinstance(moment, datetime):
            return moment.astimezone(UTC)
        return datetime.combine(moment, time(), self.zone).astimezone(UTC)

    def _recurrence_id(self, event: Json, start: Moment) -> str:
        if not event.get("seriesMasterId"):
            return ""
        original = original_start(event)
        if original is None:
            return identity_of(start)
        return identity_of(original if isinstance(start, datetime) else _day(original, self._original_zone(event)))

    # People.

    def _attendees(self, event: Json, flaws: set[str]) -> tuple[Attendee, ...]:
        told = event.get("attendees")
        found: dict[str, Attendee] = {}
        for one in told if isinstance(told, list) else ():
            party = _party(one)
            if party is None:
                flaws.add("attendee-without-address")
            elif len(found) >= MAX_ATTENDEES:
                flaws.add("too-many-attendees")
                break
            else:
                found.setdefault(party.address, _attendee(party, one))
        return self._with_own_answer(found, event)

    def _with_own_answer(self, found: dict[str, Attendee], event: Json) -> tuple[Attendee, ...]:
        """Take over the owner's own answer, which the organiser's list need not have by now."""
        answer = _answer(event.get("responseStatus"))
        host = _party(event.get("organizer"))
        hosts = event.get("isOrganizer") is True or (host is not None and host.address in self.owner)
        if answer is Answer.NONE or hosts or not self.owner:
            return tuple(found.values())
        own = next((address for address in found if address in self.owner), min(self.owner))
        found[own] = replace(found.get(own) or Attendee(address=own), answer=answer)
        return tuple(found.values())

    def _proposals(self, event: Json, seen: MeetingSeen) -> Iterator[MeetingSeen]:
        told = event.get("attendees")
        for one in told[:MAX_ATTENDEES] if isinstance(told, list) else ():
            party = _party(one)
            slot = one.get("proposedNewTime") if isinstance(one, dict) else None
            if party is None or not isinstance(slot, dict) or seen.status is MeetingStatus.CANCELLED:
                continue
            try:
                start, end = (self._moment(slot.get(name), set()).astimezone(UTC) for name in ("start", "end"))
            except BrokenEventError:
                continue
            yield replace(
                seen,
                source_key=f"{seen.source_key}counter/{party.address}",
                method=Method.COUNTER,
                sent_by=party.address,
                written_at=_answered_at(one) or seen.written_at,
                start=start,
                end=max(start, end),
                pattern="",
                zone="",
                away=False,
                attendees=(_attendee(party, one),),
            )


def _uid(event: Json) -> str:
    told = event.get("iCalUId")
    uid = clean(uid_of(told)) if isinstance(told, str) else ""
    if not uid or len(uid) > MAX_UID:
        raise BrokenEventError("it has no iCalUId by which it could be known")
    return uid


def _day(moment: datetime, zone: tzinfo) -> date:
    """Give the day of an all-day event: as written, or, where midnight was put into another zone, that of its own."""
    return moment.date() if moment.time() == time() else (moment.astimezone(zone) + timedelta(seconds=1)).date()


def _zone_of_pattern(event: Json, otherwise: tzinfo) -> str:
    name = event["recurrence"].get("range", {}).get("recurrenceTimeZone")
    zone = (known_zone(name) if isinstance(name, str) else None) or otherwise
    return zone_name(datetime(FIRST_YEAR, 1, 1, tzinfo=zone))


def _party(told: Any) -> Party | None:
    known = told.get("emailAddress") if isinstance(told, dict) else None
    address = known.get("address") if isinstance(known, dict) else None
    if known is None or not isinstance(address, str):
        return None
    address = address.strip().lower()
    if not 3 <= len(address) <= 320 or address.count("@") != 1 or not address.isprintable() or " " in address:
        return None
    name = clean(str(known.get("name") or ""))[:MAX_NAME].rstrip()
    return Party(address, "" if name.lower() == address else name, robot=is_robot_address(address))


def _attendee(party: Party, told: Json) -> Attendee:
    kind = str(told.get("type")).lower()
    return Attendee(
        address=party.address,
        name=party.name,
        answer=_answer(told.get("status")),
        required=kind != "optional",
        person=kind != "resource" and not is_calendar_address(party.address),
        robot=party.robot,
    )


def _answer(status: Any) -> Answer:
    response = status.get("response") if isinstance(status, dict) else None
    return _ANSWERS.get(str(response).lower(), Answer.NONE)


def _answered_at(told: Json) -> datetime | None:
    status = told.get("status")
    at = moment_of(status.get("time")) if isinstance(status, dict) else None
    return at if at is not None and at.year >= FIRST_YEAR else None
