"""Content lines of iCalendar (RFC 5545, 3.1) and the components that they make up: only what a meeting needs.

A general parser spends most of its time on descriptions, alarms and vendors' properties, and loses an event
for a fault in any of them. Here such lines are dropped unread: their cost, faults and contents get no
further.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import BinaryIO

MAX_LINE = 64 * 1024  # bytes of one unfolded line; the rest of it is cut off
MAX_COMPONENT = 256 * 1024  # bytes that are kept of one component
KEPT = frozenset(
    b"UID DTSTART DTEND DURATION RRULE RDATE EXDATE RECURRENCE-ID STATUS TRANSP SEQUENCE ORGANIZER ATTENDEE "
    b"SUMMARY LAST-MODIFIED CREATED METHOD TZID COMMENT "
    b"X-MICROSOFT-CDO-BUSYSTATUS X-MICROSOFT-CDO-INTENDEDSTATUS".split()
)
_NAME = re.compile(rb"[A-Za-z0-9-]+")
_PARAMETER = re.compile(r';\s*([A-Za-z0-9-]+)\s*=\s*((?:"[^"]*"|[^";:,]*)(?:,(?:"[^"]*"|[^";:,]*))*)')
_TIMES = frozenset(("DTSTART", "DTEND", "RECURRENCE-ID", "RDATE", "EXDATE"))
_CARET = {"^n": "\n", "^'": '"', "^^": "^"}  # RFC 6868


@dataclass(frozen=True, slots=True)
class Property:
    """One content line, taken apart; the value is as it stood, still escaped."""

    name: str  # upper case
    value: str
    parameters: dict[str, str] = field(default_factory=dict)  # names in upper case; values without quotes


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """A VCALENDAR (its own lines only), VEVENT or VTIMEZONE."""

    name: str
    line: int  # where it begins in the file, from 1
    lines: tuple[str, ...]
    ended: bool = True  # False if its END never came
    cut: bool = False  # True if something was left off because it was too large

    def properties(self) -> dict[str, list[Property]]:
        """Give the properties by name, in their order; lines that are none are left out."""
        found: dict[str, list[Property]] = {}
        for line in self.lines:
            parsed = parse_line(line)
            if parsed is not None:
                found.setdefault(parsed.name, []).append(parsed)
        return found


def parse_line(line: str) -> Property | None:
    """Take an unfolded line apart (RFC 5545, 3.1); None if it is no content line."""
    name = re.match(r"[A-Za-z0-9-]+", line)
    if name is None:
        return None
    position, parameters = name.end(), {}
    while (found := _PARAMETER.match(line, position)) is not None:
        parameters[found[1].upper()] = _parameter_value(found[2])
        position = found.end()
    kind = name[0].upper()
    colon = line.find(":", position)
    if kind in _TIMES and parameters and (last := line.rfind(":")) > colon:
        # Exchange puts no quotes around a zone's name that holds a colon; no time holds one.
        parameters[next(reversed(parameters))] += line[position:last].partition(";")[0]
        colon = last
    return None if colon < 0 else Property(kind, line[colon + 1 :], parameters)


def _parameter_value(raw: str) -> str:
    plain = raw.replace('"', "").strip()
    return re.sub(r"\^[n'^]", lambda found: _CARET[found[0]], plain) if "^" in plain else plain


def components(stream: BinaryIO) -> Iterator[Component]:
    """Read the VEVENTs and VTIMEZONEs of ``stream``, and each VCALENDAR when it ends.

    Never raises for what it reads: whatever was not ended is given as such.
    """
    reader = _Reader()
    for number, line in unfolded(stream):
        yield from reader.feed(number, line)
    yield from reader.close()


def unfolded(stream: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Join folded lines (RFC 5545, 3.1): ``(number of the first, bytes)``, bounded, empty ones left out."""
    start, parts, size = 0, [b""], 0
    for number, line, fresh in _physical(stream):
        if not fresh:
            if size <= MAX_LINE:  # once over it, so that it shows that something was cut off
                parts.append(line)
                size += len(line)
            continue
        if size:
            yield start, _joined(parts)
        start, parts, size = number, [line], len(line)
    if size:
        yield start, _joined(parts)


def _physical(stream: BinaryIO) -> Iterator[tuple[int, bytes, bool]]:
    """Give ``(number, bytes, does it begin a content line)``; a line without end is read in pieces."""
    number, whole = 0, True
    while piece := stream.readline(MAX_LINE):
        number += whole
        if number == 1 and whole:
            piece = piece.removeprefix(b"\xef\xbb\xbf")
        continues = not whole or piece[:1] in (b" ", b"\t")
        text = piece.rstrip(b"\r\n")
        yield number, text[1:] if continues and whole else text, not continues
        whole = piece.endswith(b"\n")


def _joined(parts: list[bytes]) -> bytes:
    return parts[0] if len(parts) == 1 else b"".join(parts)


@dataclass(slots=True)
class _Open:
    """A component whose END has not come yet."""

    name: str
    line: int
    lines: list[str] = field(default_factory=list)
    size: int = 0
    depth: int = 0  # how many components of no interest are open inside
    cut: bool = False

    def keep(self, line: bytes) -> None:
        if len(line) > MAX_LINE:
            self.cut = True
            # Whole entries of a long list are worth keeping; half an entry is a fault of our own making.
            line = line[:MAX_LINE].rpartition(b",")[0]
        if self.size + len(line) > MAX_COMPONENT:
            self.cut = True
            return
        self.size += len(line)
        self.lines.append(line.decode("utf-8", "replace"))

    def closed(self, *, ended: bool) -> Component:
        return Component(name=self.name, line=self.line, lines=tuple(self.lines), ended=ended, cut=self.cut)


class _Reader:
    """Sorts lines into components. Of unknown ones only the depth is counted, so nesting costs nothing."""

    def __init__(self) -> None:
        self._calendar: _Open | None = None
        self._inner: _Open | None = None

    def feed(self, number: int, line: bytes) -> Iterable[Component]:
        head = line[:6].upper()
        if head == b"BEGIN:":
            return self._begin(number, line)
        if head[:4] == b"END:":
            return self._end(line)
        self._keep(line)
        return ()

    def close(self) -> Iterable[Component]:
        still_open = [part for part in (self._inner, self._calendar) if part is not None]
        self._inner = self._calendar = None
        return [part.closed(ended=False) for part in still_open]

    def _begin(self, number: int, line: bytes) -> Iterable[Component]:
        name = _component_name(line)
        if name == "VCALENDAR":
            unfinished = self.close()
            self._calendar = _Open(name, number)
            return unfinished
        if name in ("VEVENT", "VTIMEZONE"):
            unfinished = () if self._inner is None else (self._inner.closed(ended=False),)
            self._inner = _Open(name, number)
            return unfinished
        self._nested(line, 1)
        return ()

    def _end(self, line: bytes) -> Iterable[Component]:
        name = _component_name(line)
        if name == "VCALENDAR" and self._calendar is not None:
            unfinished = () if self._inner is None else (self._inner.closed(ended=False),)
            done = self._calendar.closed(ended=True)
            self._calendar = self._inner = None
            return (*unfinished, done)
        if self._inner is not None and name == self._inner.name:
            done, self._inner = self._inner.closed(ended=True), None
            return (done,)
        self._nested(line, -1)
        return ()

    def _nested(self, line: bytes, step: int) -> None:
        where = self._inner or self._calendar
        if where is None:
            return
        where.depth = max(0, where.depth + step)
        if where.name == "VTIMEZONE":
            where.keep(line)

    def _keep(self, line: bytes) -> None:
        where = self._inner or self._calendar
        if where is None:
            return
        if where.name == "VTIMEZONE":
            where.keep(line)
        elif not where.depth:
            name = _NAME.match(line)
            if name is not None and name[0].upper() in KEPT:
                where.keep(line)


def _component_name(line: bytes) -> str:
    return line.partition(b":")[2][:64].strip().decode("ascii", "replace").upper()
