"""The text/calendar part of a mail (RFC 6047), found in the bytes of the whole mail (RFC 2045, RFC 2046).

All is bounded: nesting, parts, and the size of the part that is decoded. An invitation inside a forwarded
mail is not one to its reader, so message/rfc822 is not entered. Of several parts the first counts: what
comes behind it, as application/ics or else, is the same event as a file.

Outlook can pack all of a mail into a part of its own format, TNEF, which is not read here: it is only seen
that it is there, where there is no text/calendar beside it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from keepwarm.connectors.mime_parts import MAX_NESTING, Part, part_of
from keepwarm.connectors.words import in_charset

MAX_CALENDAR = 1024 * 1024
"""Bytes of a decoded calendar part; a larger one is no invitation."""

_METHOD = re.compile(r'method\s*=\s*"?([\w-]{1,40})', re.IGNORECASE | re.ASCII)
_NAME = re.compile(r'name\s*=\s*"?winmail\.dat\b', re.IGNORECASE)
_TNEF = frozenset({"application/ms-tnef", "application/vnd.ms-tnef"})
_UTF8 = frozenset({"", "utf-8", "utf8", "us-ascii", "ascii"})


@dataclass(frozen=True, slots=True)
class Invitation:
    """The part of a mail that invites, answers or cancels."""

    data: bytes  # iCalendar, as it was written
    method: str = ""  # of the Content-Type; "" if it names none
    sealed: bool = False  # in Outlook's own format (TNEF): whatever it is, it is not read
    charset: str = ""  # of the Content-Type, in lower case; "" if it names none

    @property
    def utf8(self) -> bytes:
        """Give the iCalendar in UTF-8; only here a codec that the sender chose is run, which may be done apart."""
        if self.charset in _UTF8:
            return self.data
        return in_charset(self.data, self.charset).encode("utf-8", "replace")


SEALED = Invitation(b"", sealed=True)


def find_calendar_part(message: bytes) -> Invitation | None:
    """Give the first text/calendar part, else SEALED if there is a TNEF part; None if neither is in bounds.

    Its transfer encoding is undone.
    """
    lower = message.lower()
    found = _search(message, 0, sealed=False) if b"text/calendar" in lower else None
    if found is None and (b"ms-tnef" in lower or b"winmail.dat" in lower):
        return _search(message, 0, sealed=True)
    return found


def is_tnef(kind: str, parameters: str) -> bool:
    """Tell a part in Outlook's own format by its type in lower case, or by the name that it always has."""
    return kind in _TNEF or (kind == "application/octet-stream" and _NAME.search(parameters) is not None)


def _search(entity: bytes, depth: int, *, sealed: bool) -> Invitation | None:
    part = part_of(entity)
    if part is None:
        return None
    if sealed and is_tnef(part.kind, part.content_type):
        return SEALED
    if part.kind == "text/calendar" and not sealed:
        return _invitation(part)
    if depth == MAX_NESTING:
        return None
    found = (_search(inner, depth + 1, sealed=sealed) for inner in part.parts())
    return next((one for one in found if one is not None), None)


def _invitation(part: Part) -> Invitation | None:
    data = part.decoded(MAX_CALENDAR)
    if data is None:
        return None
    method = _METHOD.search(part.content_type)
    return Invitation(data, method[1] if method else "", charset=part.charset)
