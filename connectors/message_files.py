"""One mail inside an open file: its header and its calendar part; its text only for those who ask for that."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, BinaryIO

from keepwarm.connectors.calendar_parts import Invitation, find_calendar_part
from keepwarm.connectors.fields import MAX_HEADER, header_end
from keepwarm.connectors.mail import may_hold_calendar
from keepwarm.connectors.mail_text import MOST_OF_A_MAIL, text_of

if TYPE_CHECKING:
    from typing import Final

_FIRST_READ: Final = 16 * 1024  # most mails without attachments are read at once
MAX_SEARCHED = 8 * 1024 * 1024
"""Bytes of a mail that are searched for an invitation: mail programs put it before the attachments."""

_CONTENT_TYPE = re.compile(rb"^content-type[ \t]*:\s*([^;\s]{1,100})", re.IGNORECASE | re.MULTILINE)


def read_message(file: BinaryIO, start: int, length: int) -> tuple[bytes, Invitation | None]:
    """Give the header block and the calendar part of the mail of ``length`` bytes at ``start``.

    Raises OSError if the file cannot be read.
    """
    file.seek(start)
    data = file.read(min(length, _FIRST_READ))
    end = header_end(data)
    if end < 0 and len(data) < min(length, MAX_HEADER):
        data += file.read(min(length, MAX_HEADER) - len(data))
        end = header_end(data)
    header = data if end < 0 else data[:end]
    searched = min(length, MAX_SEARCHED)
    if end >= 0 and len(data) < searched and _is_worth_reading(header):
        data += file.read(searched - len(data))
    return header, find_calendar_part(data)


def read_text(file: BinaryIO, start: int, length: int) -> str:
    """Give the text of the mail of ``length`` bytes at ``start``.

    Raises OSError if the file cannot be read.
    """
    file.seek(start)
    return text_of(file.read(min(length, MOST_OF_A_MAIL)))


def _is_worth_reading(header: bytes) -> bool:
    content_type = _CONTENT_TYPE.search(header)
    return content_type is not None and may_hold_calendar(content_type[1].decode("latin-1"))
