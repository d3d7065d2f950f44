"""BODYSTRUCTURE (RFC 3501, 7.4.2): where in a message the invitation lies, without fetching the message."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from keepwarm.connectors.calendar_parts import MAX_NESTING
from keepwarm.connectors.imap_values import number

if TYPE_CHECKING:
    from keepwarm.connectors.imap_values import Value

_ENCODING = 5  # positions in the fields of a single part: type, subtype, parameters, id, description, ...
_SIZE = 6


@dataclass(frozen=True, slots=True)
class CalendarPart:
    """A text/calendar part (RFC 6047) of a message."""

    section: str  # "1", "2.1"
    encoding: str  # Content-Transfer-Encoding, in lower case
    size: int  # bytes, as encoded


def calendar_part(structure: Value) -> CalendarPart | None:
    """Find the first text/calendar part; a forwarded message's own is not meant for the reader."""
    if not isinstance(structure, list):
        return None
    return _search(structure, ())


def _search(part: list[Value], path: tuple[int, ...]) -> CalendarPart | None:
    if part and isinstance(part[0], list):
        return _search_parts(part, path)
    if _text(part, 0) != "text" or _text(part, 1) != "calendar":
        return None
    section = ".".join(map(str, path or (1,)))  # the body of a message that has no parts is its part 1
    size = number(part[_SIZE]) if len(part) > _SIZE else None
    return CalendarPart(section, _text(part, _ENCODING), size or 0)


def _search_parts(parts: list[Value], path: tuple[int, ...]) -> CalendarPart | None:
    if len(path) == MAX_NESTING:
        return None
    for position, part in enumerate(parts, 1):
        if not isinstance(part, list):  # the subtype ends the list of parts
            return None
        found = _search(part, (*path, position))
        if found:
            return found
    return None


def _text(part: list[Value], position: int) -> str:
    value = part[position] if len(part) > position else None
    return value.decode("latin-1").lower() if isinstance(value, bytes) else ""
