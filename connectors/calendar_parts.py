"""The text/calendar part of a mail (RFC 6047), found in the bytes of the whole mail (RFC 2045, RFC 2046).

All is bounded: nesting, parts, and the size of the part that is decoded. An invitation inside a forwarded
mail is not one to its reader, so message/rfc822 is not entered. Of several parts the first counts: what
comes behind it, as application/ics or else, is the same event as a file.

Outlook can pack all of a mail into a part of its own format, TNEF, which is not read here: it is only seen
that it is there, where there is no text/calendar beside it.
"""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass

from keepwarm.connectors.fields import header_end, split_fields
from keepwarm.connectors.words import in_charset

MAX_CALENDAR = 1024 * 1024
"""Bytes of a decoded calendar part; a larger one is no invitation."""

MAX_NESTING = 10
MAX_PARTS = 100

_WANTED = frozenset({"content-type", "content-transfer-encoding"})
_BOUNDARY = re.compile(r'boundary\s*=\s*(?:"([^"]{1,200})"|([^\s;"]{1,200}))', re.IGNORECASE)
_CHARSET = re.compile(r'charset\s*=\s*"?([\w.:+-]{1,40})', re.IGNORECASE | re.ASCII)
_METHOD = re.compile(r'method\s*=\s*"?([\w-]{1,40})', re.IGNORECASE | re.ASCII)
_NAME = re.compile(r'name\s*=\s*"?winmail\.dat\b', re.IGNORECASE)
_TNEF = frozenset({"application/ms-tnef", "application/vnd.ms-tnef"})
_UTF8 = frozenset({"", "utf-8", "utf8", "us-ascii", "ascii"})
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]+")


@dataclass(frozen=True, slots=True)
class Invitation:
    """The part of a mail that invites, answers or cancels."""

    data: bytes  # iCalendar in UTF-8
    method: str = ""  # of the Content-Type; "" if it names none
    sealed: bool = False  # in Outlook's own format (TNEF): whatever it is, it is not read


SEALED = Invitation(b"", sealed=True)


def find_calendar_part(message: bytes) -> Invitation | None:
    """Give the first text/calendar part, decoded, else SEALED if there is a TNEF part; None if neither is in bounds."""
    lower = message.lower()
    found = _search(message, 0, sealed=False) if b"text/calendar" in lower else None
    if found is None and (b"ms-tnef" in lower or b"winmail.dat" in lower):
        return _search(message, 0, sealed=True)
    return found


def is_tnef(kind: str, parameters: str) -> bool:
    """Tell a part in Outlook's own format by its type in lower case, or by the name that it always has."""
    return kind in _TNEF or (kind == "application/octet-stream" and _NAME.search(parameters) is not None)


def _search(entity: bytes, depth: int, *, sealed: bool) -> Invitation | None:
    end = header_end(entity)
    if end < 0:
        return None
    fields = split_fields(entity[:end], _WANTED)
    content_type = fields.get("content-type", [""])[0]
    kind = content_type.partition(";")[0].strip().lower()
    body = entity[end:].lstrip(b"\r").removeprefix(b"\n")
    if sealed and is_tnef(kind, content_type):
        return SEALED
    if kind == "text/calendar" and not sealed:
        return _invitation(content_type, _decoded(body, fields.get("content-transfer-encoding", [""])[0]))
    boundary = _BOUNDARY.search(content_type)
    if not kind.startswith("multipart/") or boundary is None or depth == MAX_NESTING:
        return None
    delimiter = (boundary[1] or boundary[2]).encode("utf-8", "replace")
    found = (_search(part, depth + 1, sealed=sealed) for part in _parts(body, delimiter))
    return next((part for part in found if part is not None), None)


def _invitation(content_type: str, data: bytes | None) -> Invitation | None:
    if data is None:
        return None
    charset, method = _CHARSET.search(content_type), _METHOD.search(content_type)
    name = charset[1].lower() if charset else ""
    if name not in _UTF8:
        data = in_charset(data, name).encode("utf-8", "replace")
    return Invitation(data, method[1] if method else "")


def _parts(body: bytes, boundary: bytes) -> list[bytes]:
    """Cut a multipart body at its delimiter lines (RFC 2046, 5.1.1); what precedes the first is no part."""
    delimiter = re.compile(rb"(?:\A|\r?\n)--" + re.escape(boundary) + rb"(?:--)?[ \t]*\r?(?=\n|\Z)")
    pieces = delimiter.split(body, maxsplit=MAX_PARTS)
    # A part starts after the line end of its delimiter, which may at once be the blank line after an empty
    # header.
    return [piece.removeprefix(b"\n") for piece in pieces[1:]]


def _decoded(body: bytes, encoding: str) -> bytes | None:
    """Undo the transfer encoding (RFC 2045, 6); None if it is too large or no such encoding."""
    if len(body) > 3 * MAX_CALENDAR:  # no encoding makes more than three bytes out of one
        return None
    match encoding.strip().lower():
        case "base64":
            letters = _NOT_BASE64.sub(b"", body)
            # A part that was cut short still gives its whole groups of four.
            part = binascii.a2b_base64(letters[: len(letters) // 4 * 4] + _last_group(letters))
        case "quoted-printable":
            part = binascii.a2b_qp(body)
        case _:
            part = body
    return part if len(part) <= MAX_CALENDAR else None


def _last_group(letters: bytes) -> bytes:
    rest = letters[len(letters) // 4 * 4 :]
    return rest + b"=" * (4 - len(rest)) if len(rest) > 1 else b""
