"""The text/calendar part of a mail (RFC 6047), found in the bytes of the whole mail (RFC 2045, RFC 2046).

All is bounded: nesting, parts, and the size of the part that is decoded. An invitation inside a forwarded
mail is not one to its reader, so message/rfc822 is not entered.
"""

from __future__ import annotations

import binascii
import re

from keepwarm.connectors.fields import header_end, split_fields

MAX_CALENDAR = 1024 * 1024
"""Bytes of a decoded calendar part; a larger one is no invitation."""

MAX_NESTING = 10
MAX_PARTS = 100

_WANTED = frozenset({"content-type", "content-transfer-encoding"})
_BOUNDARY = re.compile(r'boundary\s*=\s*(?:"([^"]{1,200})"|([^\s;"]{1,200}))', re.IGNORECASE)
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]+")


def find_calendar_part(message: bytes) -> bytes | None:
    """Give the first text/calendar part, decoded from its transfer encoding; None if none is in bounds."""
    return _search(message, 0) if b"text/calendar" in message.lower() else None


def _search(entity: bytes, depth: int) -> bytes | None:
    end = header_end(entity)
    if end < 0:
        return None
    fields = split_fields(entity[:end], _WANTED)
    content_type = fields.get("content-type", [""])[0]
    kind = content_type.partition(";")[0].strip().lower()
    body = entity[end:].lstrip(b"\r").removeprefix(b"\n")
    if kind == "text/calendar":
        return _decoded(body, fields.get("content-transfer-encoding", [""])[0])
    boundary = _BOUNDARY.search(content_type)
    if not kind.startswith("multipart/") or boundary is None or depth == MAX_NESTING:
        return None
    delimiter = (boundary[1] or boundary[2]).encode("utf-8", "replace")
    found = (_search(part, depth + 1) for part in _parts(body, delimiter))
    return next((part for part in found if part is not None), None)


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
