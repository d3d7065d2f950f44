"""The header block of a mail, cut into the fields that are of use here (RFC 5322, 2.2).

Splitting by hand costs a tenth of what the standard library's parser costs, and a mailbox has tens of
thousands of headers. Whatever the bytes are, this never fails: a header is other people's text.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Container

Fields = dict[str, list[str]]
"""Field name in lower case: its values in the order of the header, unfolded, not yet decoded (RFC 2047)."""

MAX_HEADER = 2 * 1024 * 1024
"""Bytes of a header block that are looked at: 10,000 recipients with names fit, endless headers do not."""

_BLANK_LINE = re.compile(rb"\n\r*\n")


def header_end(data: bytes) -> int:
    """Give the position behind the last header line in ``data``, or -1 if the header goes on."""
    if data.startswith((b"\n", b"\r\n")):
        return 0
    blank = _BLANK_LINE.search(data)
    return blank.start() + 1 if blank else -1


def split_fields(raw: bytes, wanted: Container[str]) -> Fields:
    """Give the ``wanted`` fields (in lower case) of a header; what follows its blank line is ignored."""
    block = raw[:MAX_HEADER]
    end = header_end(block)
    text = _decoded(block if end < 0 else block[:end]).replace("\n ", " ").replace("\n\t", " ")
    fields: Fields = {}
    for line in text.split("\n"):
        name, colon, value = line.partition(":")
        name = name.lower()
        if name not in wanted:
            name = name.rstrip()
            if name not in wanted:
                continue
        if not colon:
            continue
        if name in fields:
            fields[name].append(value.strip())
        else:
            fields[name] = [value.strip()]
    return fields


def _decoded(block: bytes) -> str:
    """Decode a header block, without NUL bytes and with bare line feeds.

    Raw 8-bit text is UTF-8 (RFC 6532) or, from older senders, Latin-1; a header may mix both.
    """
    block = block.replace(b"\0", b"").replace(b"\r\n", b"\n").replace(b"\r", b" ")
    try:
        return block.decode()
    except UnicodeDecodeError:
        return "\n".join(_decoded_line(line) for line in block.split(b"\n"))


def _decoded_line(line: bytes) -> str:
    try:
        return line.decode()
    except UnicodeDecodeError:
        return line.decode("latin-1")
