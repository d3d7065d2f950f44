"""The parts of a mail (RFC 2045, RFC 2046), found in its bytes; nesting and number are bounded."""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass
from itertools import islice

from keepwarm.connectors.fields import header_end, split_fields

MAX_NESTING = 10
MAX_PARTS = 100

_WANTED = frozenset({"content-type", "content-transfer-encoding", "content-disposition"})
_BOUNDARY = re.compile(r'boundary\s*=\s*(?:"([^"]{1,200})"|([^\s;"]{1,200}))', re.IGNORECASE)
_CHARSET = re.compile(r'charset\s*=\s*"?([\w.:+-]{1,40})', re.IGNORECASE | re.ASCII)
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]+")


@dataclass(frozen=True, slots=True)
class Part:
    """A mail, or a part of one, as it stands there."""

    content_type: str  # with its parameters
    encoding: str
    disposition: str
    body: bytes

    @property
    def kind(self) -> str:
        """Give the media type in lower case; "" if none is named."""
        return self.content_type.partition(";")[0].strip().lower()

    @property
    def charset(self) -> str:
        """Give the character set in lower case; "" if none is named."""
        named = _CHARSET.search(self.content_type)
        return named[1].lower() if named else ""

    def parts(self) -> list[bytes]:
        """Cut a multipart at its delimiter lines (RFC 2046, 5.1.1); what stands before and behind them is no part."""
        boundary = _BOUNDARY.search(self.content_type)
        if not self.kind.startswith("multipart/") or boundary is None:
            return []
        name = (boundary[1] or boundary[2]).encode("utf-8", "replace")
        delimiter = re.compile(rb"(?:\A|\r?\n)--" + re.escape(name) + rb"(--)?[ \t]*\r?(?=\n|\Z)")
        pieces: list[bytes] = []
        begin = None
        for found in islice(delimiter.finditer(self.body), MAX_PARTS):
            if begin is not None:
                pieces.append(self.body[begin : found.start()])
            begin = None if found[1] else found.end()
        if begin is not None:  # the mail was cut short
            pieces.append(self.body[begin:])
        # A part starts after the line end of its delimiter, which may at once be the blank line after an empty
        # header.
        return [piece.removeprefix(b"\n") for piece in pieces]

    def decoded(self, most: int) -> bytes | None:
        """Undo the transfer encoding (RFC 2045, 6); None if there are more than ``most`` bytes."""
        if len(self.body) > 3 * most:  # no encoding makes more than three bytes out of one
            return None
        data = undone(self.body, self.encoding)
        return data if len(data) <= most else None


def part_of(entity: bytes) -> Part | None:
    """Read the header of a mail or a part; None if it has no end."""
    end = header_end(entity)
    if end < 0:
        return None
    fields = split_fields(entity[:end], _WANTED)
    content_type, encoding, disposition = (
        fields.get(name, [""])[0] for name in ("content-type", "content-transfer-encoding", "content-disposition")
    )
    return Part(content_type, encoding, disposition, entity[end:].lstrip(b"\r").removeprefix(b"\n"))


def undone(body: bytes, encoding: str) -> bytes:
    """Undo a transfer encoding; what was cut short still gives what is whole of it."""
    match encoding.strip().lower():
        case "base64":
            letters = _NOT_BASE64.sub(b"", body)
            return binascii.a2b_base64(letters[: len(letters) // 4 * 4] + _last_group(letters))
        case "quoted-printable":
            return binascii.a2b_qp(body)
        case _:
            return body


def _last_group(letters: bytes) -> bytes:
    rest = letters[len(letters) // 4 * 4 :]
    return rest + b"=" * (4 - len(rest)) if len(rest) > 1 else b""
