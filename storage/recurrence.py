"""Whether a series comes at a moment, by its pattern.

Patterns come from strangers, and with mails: one that would take long to expand, or that not every sender means alike,
is not expanded; then nobody knows.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta, tzinfo
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr  # type: ignore[import-untyped]

from keepwarm.storage.sightings import span_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keepwarm.storage.sightings import Sighting

MAX_STEPS = 5_000
"""So many occurrences after its first one a series is followed."""

_UNITS = {
    "DAILY": timedelta(days=1),
    "WEEKLY": timedelta(weeks=1),
    "MONTHLY": timedelta(days=28),
    "YEARLY": timedelta(days=365),
}
_PARTS = {  # of a day; what names hours, or weeks of a year, is not followed
    "DAILY": set[str](),
    "WEEKLY": {"BYDAY"},
    "MONTHLY": {"BYDAY", "BYMONTHDAY", "BYSETPOS"},
    "YEARLY": {"BYMONTH", "BYDAY", "BYMONTHDAY", "BYSETPOS"},
}
_ALWAYS = {"FREQ", "INTERVAL", "COUNT", "WKST"}
_CYCLE = 400  # years, after which dates and weekdays repeat exactly
_HOUR, _SOON = timedelta(hours=1), timedelta(days=13)


def moment_of(recurrence_id: str) -> datetime | None:
    """Give the original start of an occurrence, of one by days midnight in UTC; None if it names no time."""
    for form in ("%Y%m%dT%H%M%SZ", "%Y%m%d"):
        try:
            return datetime.strptime(recurrence_id, form).replace(tzinfo=UTC)
        except ValueError:
            continue
    return None


def comes_at(series: Sighting, recurrence_id: str) -> bool | None:
    """Tell whether an occurrence belongs to a series as its own entry shows it; None if that cannot be told.

    Dates that the series leaves out (EXDATE) are not in its pattern.
    """
    wanted = moment_of(recurrence_id)
    if wanted is None or series.all_day != ("T" not in recurrence_id):
        return None
    lines = series.pattern.splitlines()
    if not lines:
        return None
    if any(recurrence_id in line[len("RDATE:") :].split(",") for line in lines if line.startswith("RDATE:")):
        return True
    first, local = _local(series, wanted)
    answers = [_follows(line, first, local, wanted, series) for line in lines if not line.startswith("RDATE:")]
    if first == local or True in answers:
        return True
    return None if None in answers else False


def _local(series: Sighting, wanted: datetime) -> tuple[datetime, datetime]:
    """Give the first start and the wanted one as the series counts: by the clock of its own zone."""
    if series.all_day:
        first = datetime.combine(span_of(series).start, time())
        return first, wanted.replace(tzinfo=None)
    try:
        zone: tzinfo = ZoneInfo(series.zone) if series.zone else UTC
    except (KeyError, ValueError):  # this machine does not know it
        zone = UTC
    return series.start.astimezone(zone).replace(tzinfo=None), wanted.astimezone(zone).replace(tzinfo=None)


def _follows(line: str, first: datetime, local: datetime, wanted: datetime, series: Sighting) -> bool | None:
    try:
        parts = _parts(line)
        if not _is_light(parts, local - first):
            return None
        if not _by_its_end(parts.pop("UNTIL", ""), local, wanted):
            return False
        starts = _expanded(tuple(sorted(parts.items())), first)
        at = starts.hold(local)
        if at is False and not (series.zone or series.all_day):
            return _by_another_clock(starts, local, local - first)
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, ArithmeticError):
        # The expander leaves most faults of a rule to whatever arithmetic meets them first.
        return None
    return at


def _by_another_clock(starts: _Starts, local: datetime, since: timedelta) -> bool | None:
    """Answer for a series in a zone that nobody named: its days may be others there, and clocks may have changed."""
    if not starts.begin_at_first():
        return None
    clocks = (local - _HOUR, local + _HOUR) if since > _SOON else ()
    return any(starts.hold(one) for one in clocks)


def _parts(line: str) -> dict[str, str]:
    """Take a rule apart, which is kept without its name; a pattern that is kept as a digest is none."""
    return dict(part.split("=", 1) for part in line.removeprefix("RRULE:").split(";"))


def _is_light(parts: dict[str, str], span: timedelta) -> bool:
    unit, interval = _UNITS.get(parts.get("FREQ", "")), int(parts.get("INTERVAL", "1"))
    if unit is None or not 1 <= interval <= MAX_STEPS or span / (unit * interval) > MAX_STEPS:
        return False
    return set(parts) <= _ALWAYS | {"UNTIL"} | _PARTS[parts["FREQ"]]


def _by_its_end(until: str, local: datetime, wanted: datetime) -> bool:
    """Tell whether a start is not after the end of the series: a moment, or a day of its own calendar."""
    if not until:
        return True
    if until.endswith("Z"):
        return wanted <= datetime.strptime(until, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    if "T" in until:
        return local <= datetime.strptime(until, "%Y%m%dT%H%M%S")  # noqa: DTZ007 - on the clock of the series
    return local.date() <= datetime.strptime(until, "%Y%m%d").date()  # noqa: DTZ007 - a day


@dataclass(slots=True)
class _Starts:
    """The starts of a series, worked out as far as somebody asked."""

    coming: Iterator[datetime]
    first: datetime
    known: list[datetime] = field(default_factory=list)

    def hold(self, wanted: datetime) -> bool | None:
        """Tell whether a start is among them; None if it is too far away."""
        while not self.known or self.known[-1] < wanted:
            if len(self.known) > MAX_STEPS:
                return None
            more = list(islice(self.coming, 16))
            if not more:
                break
            self.known += more
        place = bisect_left(self.known, wanted)
        return place < len(self.known) and self.known[place] == wanted

    def begin_at_first(self) -> bool:
        """Tell whether the rule agrees with the first start; if not, its days are not those of UTC."""
        return self.hold(self.first) is True


@lru_cache(maxsize=64)
def _expanded(parts: tuple[tuple[str, str], ...], first: datetime) -> _Starts:
    """Expand a rule. Raises ValueError if it means nothing, or never comes."""
    rule = dict(parts)
    if not _happens(rule, first):
        raise ValueError("the rule never comes")
    return _Starts(iter(rrulestr(_text(rule), dtstart=first)), first)


def _happens(rule: dict[str, str], first: datetime) -> bool:
    """Say whether a rule ever comes: the search for the next one ends in the year 9999, so it is asked late."""
    if not set(rule) - _ALWAYS:
        return True
    later = first.replace(year=first.year + (9600 - first.year) // _CYCLE * _CYCLE)
    endless = {name: value for name, value in rule.items() if name != "COUNT"}
    return next(iter(rrulestr(_text(endless), dtstart=later)), None) is not None


def _text(rule: dict[str, str]) -> str:
    return ";".join(f"{name}={value}" for name, value in rule.items())
