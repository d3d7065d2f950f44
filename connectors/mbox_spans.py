"""Where the mails of an mbox begin and end (RFC 4155), found by searching large blocks.

A mail begins with a line "From ..." at the start of the file or after a blank line. Bodies hold such lines
too where the writer did not quote them, so the line must also have a date, or be followed by a header field.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Iterator

BLOCK = 1024 * 1024
_LOOK_AHEAD = 2048  # bytes after "From " that decide whether it begins a mail
_LOOK_BEHIND = 2  # bytes of the blank line before it, without the line end that is searched for

_FROM_LINE = re.compile(
    rb"From [^\n]{0,1000}?(?:\d\d:\d\d[^\n]{0,50}\b\d{4}\b|\d{4}-\d\d-\d\d[^\n]{0,5}\d\d:\d\d)"
    rb"|From [^\n]{0,1000}\n[!-9;-~]{1,76}:"
)


@dataclass(frozen=True, slots=True)
class Span:
    """One mail in the file: its From_ line starts at ``start``, the next mail's at ``end``."""

    start: int
    end: int


def starts_mail(data: bytes, position: int = 0) -> bool:
    """Say whether the line at ``position`` is a From_ line; what is before it is not looked at."""
    return _FROM_LINE.match(data, position) is not None


def spans(file: BinaryIO, start: int) -> Iterator[Span]:
    """Find the mails from ``start`` on, where a From_ line stands, to the end of the file.

    Raises OSError if the file cannot be read.
    """
    begin = start
    for cut in _cuts(file, start):
        if cut > begin:
            yield Span(begin, cut)
            begin = cut


def first_from_line(file: BinaryIO) -> int | None:
    """Find the first mail of the file; None if there is none. Raises OSError if the file cannot be read."""
    file.seek(0)
    head = file.read(_LOOK_AHEAD)
    lead = len(head) - len(head.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n"))
    if starts_mail(head, lead):
        return lead
    *found, _end = islice(_cuts(file, 0), 2)
    return found[0] if found else None


def _cuts(file: BinaryIO, start: int) -> Iterator[int]:
    """Give the positions of the From_ lines behind ``start``, then that of the file's end."""
    window, base = b"", start
    looked_to = start
    while True:
        file.seek(base + len(window))
        block = file.read(BLOCK)
        window += block
        end = base + len(window)
        # What stands too near the end of the window is decided with the next block.
        decided = max(looked_to, end - _LOOK_AHEAD) if block else end
        yield from (base + position for position in _in_window(window, looked_to - base, decided - base))
        if not block:
            yield end
            return
        looked_to = decided
        kept = max(0, looked_to - _LOOK_BEHIND - base)
        window, base = window[kept:], base + kept


def _in_window(window: bytes, since: int, until: int) -> Iterator[int]:
    line_end = window.find(b"\nFrom ", since)
    while 0 <= line_end < until:
        blank_before = window.endswith((b"\n", b"\n\r"), 0, line_end)
        if blank_before and starts_mail(window, line_end + 1):
            yield line_end + 1
        line_end = window.find(b"\nFrom ", line_end + 1)
