"""Time zones of calendars, and the times that are written in them.

icalendar keeps every embedded VTIMEZONE in a table of the whole process, where one calendar's definition
reaches the next calendar, and reads a time in an unknown zone as one in no zone. So zones are looked up
here: by their IANA or Windows name, then in the calendar's own VTIMEZONEs, then as the owner's zone, a
guess marked as such. A name outranks a VTIMEZONE that says otherwise: exporters write those from old tables.
"""

from __future__ import annotations

import re
import tomllib
import zoneinfo
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from functools import cache, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING

from icalendar import Component as IcalComponent
from icalendar import Timezone
from icalendar.prop import vDDDTypes
from icalendar.timezone.tzp import TZP
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from keepwarm.connectors.contentlines import Component, Property

MAX_EMBEDDED = 200  # zones of one calendar
MAX_OBSERVANCES = 200  # STANDARD and DAYLIGHT parts of one zone
FIRST_YEAR, LAST_YEAR = 1990, 2100
_LONGEST_NAME = 200
_ABBREVIATION = 4
_OFFSET = re.compile(r"(?:utc|gmt)\s?([+-])(\d{1,2})(?:[:.]?([0-5]\d))?", re.ASCII)
_NUMBERED = re.compile(r" \d{1,2}\Z")  # "Eastern Standard Time 1": a second definition of the same name
_SHOWN = re.compile(r"\((?:utc|gmt)[^()]{0,10}\)\s*")
_OLD_START = re.compile(r"^(DTSTART[^:]*:)(?:1[0-8]\d\d|19[0-8]\d)", re.IGNORECASE)

Moment = date | datetime
"""A day, or an aware time in the zone that it was written in (recurrence rules count in that zone)."""


class BrokenCalendar(ValueError):
    """A calendar, or a part of one, means nothing; ``reason`` is one sentence without its contents."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@cache
def _iana() -> dict[str, str]:
    return {name.lower(): name for name in zoneinfo.available_timezones()}


@cache
def _aliases() -> dict[str, str]:
    """Give IANA names by others' names in lower case: Windows', Outlook's display names, Lotus Notes'."""
    ours = tomllib.loads(files("keepwarm.connectors").joinpath("zones.toml").read_text("utf-8"))["aliases"]
    return {**{name.lower(): iana for name, iana in WINDOWS_TO_OLSON.items()}, **ours}


@cache
def _cities() -> dict[str, str]:
    names = (name for name in sorted(zoneinfo.available_timezones()) if "/" in name and not name.startswith("Etc/"))
    return {name.rpartition("/")[2].lower().replace("_", " "): name for name in names}


@lru_cache(maxsize=256)
def known_zone(tzid: str) -> tzinfo | None:
    """Find a zone by its name: IANA's or Windows', also behind a vendor's prefix (RFC 5545, 3.8.3.1), or Outlook's.

    "(UTC+01:00) Amsterdam, Berlin, Bern" is the zone of the first city that has one; "UTC+01:00" has no summer time.
    """
    name = " ".join(tzid[:_LONGEST_NAME].split()).strip("/").lower()
    if name in ("utc", "gmt", "z", "etc/utc"):
        return UTC
    fixed = _OFFSET.fullmatch(name)
    if fixed is not None:
        minutes = int(fixed[2]) * 60 + int(fixed[3] or 0)
        return timezone(timedelta(minutes=-minutes if fixed[1] == "-" else minutes)) if minutes < 24 * 60 else None
    parts = name.split("/")[-8:]
    for candidate in (name, _NUMBERED.sub("", name), *("/".join(parts[i:]) for i in range(1, len(parts)))):
        iana = _iana().get(_aliases().get(candidate, candidate).lower())
        if iana is not None:
            return zoneinfo.ZoneInfo(iana)
    shown = _SHOWN.match(name)
    return None if shown is None else _by_cities(name[shown.end() :])


def _by_cities(text: str) -> tzinfo | None:
    for place in (text, *re.split("[,;/]", text)):
        iana = _aliases().get(place.strip()) or _cities().get(place.strip())
        if iana is not None:
            return zoneinfo.ZoneInfo(iana)
    return None


def embedded_zones(components: Iterable[Component]) -> Mapping[str, tzinfo]:
    """Give the zones that a calendar defines itself, by TZID, but for broken ones; each is built when asked for."""
    definitions: dict[str, tuple[str, ...]] = {}
    for component in components:
        tzid = next((line[5:].strip().strip('"') for line in component.lines if line[:5].upper() == "TZID:"), "")
        if tzid and component.ended and len(definitions) < MAX_EMBEDDED:
            definitions.setdefault(tzid, component.lines)
    return _Embedded(definitions)


class _Embedded(Mapping[str, tzinfo]):
    """Zones that are built on demand: most calendars only define what is known by name."""

    def __init__(self, definitions: dict[str, tuple[str, ...]]) -> None:
        self._definitions = definitions

    def __getitem__(self, tzid: str) -> tzinfo:
        zone = _build(self._definitions[tzid], tzid)
        if zone is None:
            raise KeyError(tzid)
        return zone

    def __iter__(self) -> Iterator[str]:
        return iter(self._definitions)

    def __len__(self) -> int:
        return len(self._definitions)


@lru_cache(maxsize=128)  # in a calendar of many files, each has the same definitions
def _build(lines: tuple[str, ...], tzid: str) -> tzinfo | None:
    blocks = _observances(lines)
    if not 0 < len(blocks) <= MAX_OBSERVANCES:
        return None
    zone = Timezone()
    zone.add("TZID", tzid)
    try:
        for block in blocks:
            zone.add_component(IcalComponent.from_ical("\r\n".join(block)))
        built: tzinfo = zone.to_tz(TZP(), lookup_tzid=False)
        built.utcoffset(datetime(2020, 7, 1))  # noqa: DTZ001 - the zone is asked, not the time
    except Exception:  # noqa: BLE001 - a hostile definition fails in any way; its times are then marked as guessed
        return None
    return built


def _observances(lines: Iterable[str]) -> list[list[str]]:
    """Split into STANDARD and DAYLIGHT, but for those whose rule is not yearly: they could go on for ever."""
    blocks: list[list[str]] = []
    for line in lines:
        if line.upper().startswith(("BEGIN:STANDARD", "BEGIN:DAYLIGHT")):
            blocks.append([])
        if blocks and not line.upper().startswith(("X-", "TZID", "TZNAME", "COMMENT", "LAST-MODIFIED")):
            blocks[-1].append(line)
    return [_recent(block) for block in blocks if all(_harmless(line) for line in block)]


def _recent(block: list[str]) -> list[str]:
    """Let a rule that began in 1601, as Outlook likes to say, begin in 1990: each look-up counts from there."""
    text = "\n".join(block).upper()
    if "RRULE" not in text or "BYMONTH=" not in text or "COUNT=" in text or "INTERVAL=" in text:
        return block
    return [_OLD_START.sub(rf"\g<1>{FIRST_YEAR}", line) for line in block]


def _harmless(line: str) -> bool:
    upper = line.upper()
    return not upper.startswith("RRULE") or ("FREQ=YEARLY" in upper and "BYSETPOS" not in upper)


@dataclass(frozen=True, slots=True, kw_only=True)
class Zones:
    """What the times of one calendar mean."""

    owner: tzinfo  # of all-day and floating times
    embedded: Mapping[str, tzinfo] = field(default_factory=dict)
    floating_is_flaw: bool = False  # for mails: a floating time of somebody elsewhere means nothing certain

    def moment(self, source: Property, flaws: set[str]) -> Moment:
        """Read a DATE or DATE-TIME; what had to be guessed is added to ``flaws``.

        Raises BrokenCalendar for anything else, and outside the years 1990 to 2100.
        """
        return self._placed(_parsed(source.value, source.name), source, flaws)

    def moments(self, source: Property, flaws: set[str], limit: int) -> list[Moment]:
        """Read the list of an RDATE or EXDATE, up to ``limit``; of a period, its start. Raises BrokenCalendar."""
        values = [text.partition("/")[0] for text in source.value.split(",") if text.strip()]
        if len(values) > limit:
            flaws.add("too-many-occurrences")
        return [self._placed(_parsed(value, source.name), source, flaws) for value in values[:limit]]

    def _placed(self, value: Moment, source: Property, flaws: set[str]) -> Moment:
        if not FIRST_YEAR <= value.year <= LAST_YEAR:
            raise BrokenCalendar(f"{source.name} is outside the years {FIRST_YEAR} to {LAST_YEAR}")
        if not isinstance(value, datetime) or value.tzinfo is not None:
            return value
        tzid = source.parameters.get("TZID", "")
        moment = value.replace(tzinfo=self._zone(tzid, flaws))
        if source.name == "DTSTART" and self._disagrees(tzid, moment):
            flaws.add("timezone-disagrees")
        return moment

    def _zone(self, tzid: str, flaws: set[str]) -> tzinfo:
        if not tzid:
            if self.floating_is_flaw:
                flaws.add("floating-time")
            return self.owner
        zone = self._own(tzid) or known_zone(tzid) or self.embedded.get(tzid)
        if zone is None:
            flaws.add("unknown-timezone")
        return zone or self.owner

    def _own(self, tzid: str) -> tzinfo | None:
        """Give the calendar's definition of a zone whose name is a mere abbreviation: Notes' "GMT" has summer time."""
        return self.embedded.get(tzid) if len(tzid) <= _ABBREVIATION and tzid.isalpha() else None

    def _disagrees(self, tzid: str, moment: datetime) -> bool:
        """Say whether the calendar's own definition of a zone puts ``moment`` elsewhere than its name does."""
        own = self.embedded.get(tzid)
        return own is not None and own is not moment.tzinfo and _offset(own, moment) != moment.utcoffset()

    def instant(self, moment: Moment) -> datetime:
        """Give a moment in UTC; a day begins at midnight of the owner's zone."""
        if isinstance(moment, datetime):
            return moment.astimezone(UTC)
        return datetime.combine(moment, time(), self.owner).astimezone(UTC)


def _offset(zone: tzinfo, moment: datetime) -> timedelta | None:
    """Give the offset that ``zone`` has at the local time of ``moment``; its own one if ``zone`` breaks on it.

    A definition counts through its rules at each look-up, and a calendar has few days, but many times.
    """
    morning = datetime.combine(moment, time(), moment.tzinfo)
    first, last = (_offset_at(zone, midnight) for midnight in (morning, morning + timedelta(days=1)))
    return first if first == last else _offset_at(zone, moment)


@lru_cache(maxsize=8192)
def _offset_at(zone: tzinfo, moment: datetime) -> timedelta | None:
    try:
        return moment.replace(tzinfo=zone).utcoffset()
    except Exception:  # noqa: BLE001 - see _build
        return moment.utcoffset()


def _parsed(text: str, name: str) -> Moment:
    """Read a DATE or DATE-TIME value; one that ends in Z is aware, any other time naive."""
    try:
        value = vDDDTypes.from_ical(text[:64].strip())  # type: ignore[no-untyped-call]
    except ValueError as error:
        raise BrokenCalendar(f"{name} is no date or time") from error
    if not isinstance(value, date):
        raise BrokenCalendar(f"{name} is no date or time")
    return value.astimezone(UTC) if isinstance(value, datetime) and value.tzinfo is not None else value


def zone_name(moment: Moment) -> str:
    """Give the IANA name of the zone that a moment is in; "" for a day, or a zone that only its calendar knows."""
    zone = moment.tzinfo if isinstance(moment, datetime) else None
    if isinstance(zone, zoneinfo.ZoneInfo):
        return zone.key or ""
    return "UTC" if zone is UTC else ""


def identity_of(moment: Moment) -> str:
    """Write a RECURRENCE-ID the one way: ``20260301T090000Z``, or ``20260301`` for a day."""
    if isinstance(moment, datetime):
        return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    return moment.strftime("%Y%m%d")
