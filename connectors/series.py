"""Recurring meetings: a series' own entry, and its occurrences within a window.

Rules come from strangers. A rule can name a moment each second for ever, or one that never comes (30
February), for which the expander would search until the year 9999. So a rule is weighed before it is
expanded.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from math import inf, prod
from typing import TYPE_CHECKING, Any

from dateutil.rrule import rrulestr  # type: ignore[import-untyped]
from icalendar import Calendar
from icalendar import Event as IcalEvent
from icalendar.prop import vRecur
from recurring_ical_events import CalendarQuery
from recurring_ical_events.adapters.event import EventAdapter
from recurring_ical_events.occurrence import Occurrence
from recurring_ical_events.selection.name import ComponentsWithName

from keepwarm.connectors.icalendars import alike
from keepwarm.connectors.zones import BrokenCalendar, Moment, identity_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from keepwarm.connectors.icalendars import Event
    from keepwarm.storage.observations import MeetingSeen

MAX_OCCURRENCES = 2000  # of one series in the window
MAX_STEPS = 20_000  # from the first occurrence to the end of the window
MAX_SHIFT = timedelta(days=31)  # of all later occurrences at once
_UNITS = {
    "SECONDLY": timedelta(seconds=1),
    "MINUTELY": timedelta(minutes=1),
    "HOURLY": timedelta(hours=1),
    "DAILY": timedelta(days=1),
    "WEEKLY": timedelta(weeks=1),
    "MONTHLY": timedelta(days=28),
    "YEARLY": timedelta(days=365),
}
_CLOCK_PARTS = ("BYHOUR", "BYMINUTE", "BYSECOND")
_PARTS = {  # RFC 5545, 3.3.10: what may stand beside which frequency
    "DAILY": {"BYMONTH", "BYMONTHDAY", "BYDAY", *_CLOCK_PARTS},
    "WEEKLY": {"BYMONTH", "BYDAY", *_CLOCK_PARTS},
    "MONTHLY": {"BYMONTH", "BYMONTHDAY", "BYDAY", "BYSETPOS", *_CLOCK_PARTS},
    "YEARLY": {"BYMONTH", "BYMONTHDAY", "BYDAY", "BYSETPOS", "BYYEARDAY", "BYWEEKNO", *_CLOCK_PARTS},
}
_GREGORIAN_CYCLE = 400  # years, after which dates and weekdays repeat exactly


@dataclass(frozen=True, slots=True)
class Window:
    """The span of time whose occurrences are wanted: ``since`` included, ``until`` not; aware."""

    since: datetime
    until: datetime

    def holds(self, moment: datetime) -> bool:
        """Say whether ``moment`` lies in it."""
        return self.since <= moment < self.until


def meetings_of(events: Sequence[Event], window: Window) -> Iterator[MeetingSeen]:
    """Give the meetings of all events with one UID: first the series' own entry, then its occurrences.

    An occurrence that an event replaces is that event, wherever it was moved to, unless all of it lies
    before the window. Events without a series are given as they are. Raises BrokenCalendar if the rule
    means nothing.
    """
    core = next((event for event in events if event.replaces is None), None)
    replacing = [_completed(_aligned(event, core), core) for event in events if event.replaces is not None]
    if core is not None and core.recurs:
        yield from _series(core, replacing, window)
        return
    if core is not None:
        yield core.seen
    yield from (event.seen for event in replacing if _wanted(event, window))


def _series(core: Event, replacing: list[Event], window: Window) -> Iterator[MeetingSeen]:
    try:
        rules, bearable = _usable_rules(core, _reach(replacing, window))
        found = _expanded(core, rules, replacing, window)
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, ArithmeticError) as error:
        # The expander leaves most faults of a rule to whatever arithmetic meets them first.
        raise BrokenCalendar("the recurrence cannot be worked out") from error
    whole = bearable and len(found) <= MAX_OCCURRENCES
    yield core.seen if whole else replace(core.seen, flaws=(*core.seen.flaws, "too-many-occurrences"))
    yield from found[:MAX_OCCURRENCES]
    given = {seen.recurrence_id for seen in found}
    for event in replacing[:MAX_OCCURRENCES]:
        if event.seen.recurrence_id not in given and _wanted(event, window):
            yield event.seen


def _reach(replacing: Iterable[Event], window: Window) -> Window:
    """Give the span that the expander looks at: a shift of all later occurrences makes it look further."""
    shifted = any(_shifts(event) for event in replacing)
    return Window(window.since, window.until + MAX_SHIFT) if shifted else window


def _shifts(event: Event) -> bool:
    """Say whether ``event`` moves all later occurrences too (RANGE=THISANDFUTURE), by a believable span."""
    if not event.onwards or event.replaces is None:
        return False
    return abs(event.seen.start - event.zones.instant(event.replaces)) <= MAX_SHIFT


def _wanted(event: Event, window: Window) -> bool:
    original = event.seen.start if event.replaces is None else event.zones.instant(event.replaces)
    return event.seen.start >= window.since or window.holds(original)


def _aligned(event: Event, core: Event | None) -> Event:
    """Name an exception as its series names the occurrence: a day or a time, in the zone of the series."""
    if core is None or event.replaces is None:
        return event
    replaces = alike(event.replaces, core.start)
    if isinstance(replaces, datetime) and isinstance(core.start, datetime):
        replaces = replaces.astimezone(core.start.tzinfo)
    identity = identity_of(replaces)
    seen = replace(event.seen, recurrence_id=identity, source_key=f"{event.seen.ical_uid}/{identity}")
    if "no-start" in seen.flaws:  # then the identity is its time, too
        moment = event.zones.instant(replaces)
        seen = replace(seen, start=moment, end=moment, all_day=core.seen.all_day)
        return replace(event, start=replaces, end=replaces, replaces=replaces, seen=seen)
    return replace(event, replaces=replaces, seen=seen)


def _completed(event: Event, core: Event | None) -> Event:
    """Fill in an exception that carries only ids, as cancelled ones often do, from its series."""
    if core is None or "no-start" not in event.seen.flaws:
        return event
    mine, whole = event.seen, core.seen
    seen = replace(
        mine,
        end=mine.start + (whole.end - whole.start) if mine.end == mine.start else mine.end,
        summary=mine.summary or whole.summary,
        organizer=mine.organizer or whole.organizer,
        attendees=mine.attendees or whole.attendees,
    )
    # Occurrences are told by their own span only, so the end in the event's zone need not be moved along.
    return replace(event, seen=seen)


def _usable_rules(core: Event, window: Window) -> tuple[list[vRecur], bool]:
    """Give the rules to expand, and whether none was too heavy; one that never comes is merely dropped."""
    light = [rule for rule in core.rules if _is_light(rule, core.seen.start, window)]
    return [rule for rule in light if _happens(rule, core.start)], len(light) == len(core.rules)


def _is_light(rule: vRecur, start: datetime, window: Window) -> bool:
    """Say whether the expander reaches the end of the window in few steps, and finds few occurrences there."""
    frequency, interval = _one(rule, "FREQ"), _one(rule, "INTERVAL", 1)
    unit = _UNITS.get(frequency)
    parts = {name for name in rule if name.startswith("BY")}
    if unit is None or not 1 <= interval <= MAX_STEPS or not parts <= _PARTS.get(frequency, set()):
        return False
    if ("BYSETPOS" in parts and len(parts) == 1) or sum(len(rule[name]) for name in parts) > 400:
        return False
    count = _one(rule, "COUNT", 0)
    most = count if count > 0 else inf  # the expander takes a COUNT below one for none at all
    often = prod(len(rule[name]) for name in parts & set(_CLOCK_PARTS))
    steps, inside = (
        min((window.until - first) / (unit * interval), most) * often for first in (start, max(start, window.since))
    )
    return bool(steps <= MAX_STEPS and inside <= MAX_OCCURRENCES)


def _one(rule: vRecur, name: str, default: Any = "") -> Any:
    value = rule.get(name, default)
    return (value[0] if value else default) if isinstance(value, list) else value


def _happens(rule: vRecur, start: Moment) -> bool:
    """Say whether ``rule`` ever comes again.

    The search for the next occurrence ends in the year 9999. Dates and weekdays repeat every 400 years, so
    the same question asked some cycles later has the same answer, and the search is short.
    """
    if not set(rule) - {"FREQ", "BYDAY", "WKST", "UNTIL", "COUNT"}:
        return True
    later = start.year + (9600 - start.year) // _GREGORIAN_CYCLE * _GREGORIAN_CYCLE
    first = datetime(later, start.month, start.day)  # noqa: DTZ001 - a day in no particular place
    endless = {name: value for name, value in rule.items() if name not in ("UNTIL", "COUNT")}
    text = vRecur(endless).to_ical().decode()  # type: ignore[no-untyped-call]
    return next(iter(rrulestr(text, dtstart=first)), None) is not None


def _expanded(core: Event, rules: list[vRecur], replacing: list[Event], window: Window) -> list[MeetingSeen]:
    calendar = Calendar()
    calendar.add_component(_vevent(core, rules))
    for event in replacing:
        calendar.add_component(_vevent(event, ()))
    kind = ComponentsWithName("VEVENT", adapter=_Adapter, occurrence=_Occurrence)
    span = [_comparable(moment, core) for moment in (window.since, window.until)]
    found = (once.meeting() for once in CalendarQuery(calendar, components=[kind]).between(*span))
    # Where clocks are put forward, two local times may be one moment: one identity, and one occurrence.
    once_each = {seen.recurrence_id: seen for seen in found if window.holds(seen.start)}
    return sorted(once_each.values(), key=lambda seen: (seen.start, seen.recurrence_id))


def _comparable(moment: datetime, core: Event) -> datetime:
    """Put an end of the window where the expander counts: in the series' zone, or for days in no zone."""
    if isinstance(core.start, datetime):
        return moment.astimezone(core.start.tzinfo)
    return moment.astimezone(core.zones.owner).replace(tzinfo=None)


class _Vevent(IcalEvent):
    """What the expander needs of an event, and the way back to the event."""

    event: Event


def _vevent(event: Event, rules: Iterable[vRecur]) -> _Vevent:
    made = _Vevent()
    made.event = event
    made.add("UID", "one")
    made.add("SEQUENCE", event.seen.sequence)
    made.add("DTSTART", event.start)
    made.add("DTEND", event.end)
    for rule in rules:
        made.add("RRULE", _whole_last_day(rule, event.start))
    for name, moments in (("RDATE", event.added), ("EXDATE", event.removed)):
        if moments:
            made.add(name, list(moments))
    if event.replaces is not None:
        made.add("RECURRENCE-ID", event.replaces, {"RANGE": "THISANDFUTURE"} if _shifts(event) else {})
    return made


def _whole_last_day(rule: vRecur, start: Moment) -> vRecur:
    """Let a series of times that ends on a day go on until the end of it: the expander would end it at midnight."""
    until = _one(rule, "UNTIL", None)
    if until is None or isinstance(until, datetime) or not isinstance(start, datetime):
        return rule
    last = datetime.combine(until, time.max, tzinfo=start.tzinfo).astimezone(UTC)
    return vRecur({**rule, "UNTIL": [last]})


class _Adapter(EventAdapter):  # type: ignore[misc]  # the library is untyped
    """An event as the expander sees it."""

    def __init__(self, component: _Vevent) -> None:
        super().__init__(component)
        self.event = component.event


class _Occurrence(Occurrence):  # type: ignore[misc]  # the library is untyped
    """One occurrence, without the copy of the whole component that the library would make of it."""

    def __init__(
        self, adapter: _Adapter, start: Moment | None = None, end: Moment | None = None, sequence: int = -1
    ) -> None:
        super().__init__(adapter, start, end, sequence)
        self.adapter = adapter
        self.generated = start is not None

    def as_component(self, _keep: bool) -> _Occurrence:
        return self

    def meeting(self) -> MeetingSeen:
        event: Event = self.adapter.event
        if not self.generated:
            return event.seen
        original = self.start - self.adapter.move_recurrences_by
        identity = identity_of(original)
        return replace(
            event.seen,
            source_key=f"{event.seen.ical_uid}/{identity}",
            recurrence_id=identity,
            pattern="",
            zone="",
            start=event.zones.instant(self.start),
            end=event.zones.instant(self.end),
        )
