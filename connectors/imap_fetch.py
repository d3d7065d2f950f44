"""FETCH (RFC 3501, 6.4.5 and 7.4.2): which messages are asked for, and what the server answers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

from keepwarm.connectors.fields import MAX_HEADER
from keepwarm.connectors.headers import HEADER_FIELDS
from keepwarm.connectors.imap_values import BrokenAnswerError, number, pairs, values

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from keepwarm.connectors.imap_values import Piece, Value

HEADER = b"BODY[HEADER]"
PART = b"BODY[PART]"
"""The names of what BODY[...] holds: the section in an answer may be spelt otherwise than in the question."""

ROW_ITEMS = f"UID INTERNALDATE RFC822.SIZE FLAGS BODY.PEEK[HEADER.FIELDS ({' '.join(HEADER_FIELDS)})]<0.{MAX_HEADER}>"
GMAIL_ID = b"X-GM-MSGID"
"""What Gmail calls a message (X-GM-EXT-1): one number, under whatever label it lies and for ever."""

ROW_KEYS = frozenset((b"INTERNALDATE", b"RFC822.SIZE", b"FLAGS", HEADER))

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_INTERNALDATE = re.compile(rb"\s*(\d{1,2})-(\w{3})-(\d{4}) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)\s*\Z")


@dataclass(frozen=True, slots=True)
class Answer:
    """What one FETCH response says about one message."""

    uid: int
    items: dict[bytes, Value]  # names in upper case; BODY[...] is HEADER or PART


@dataclass(frozen=True, slots=True)
class Row:
    """What every message is asked for."""

    uid: int
    header: bytes
    stored_at: datetime | None  # INTERNALDATE
    size: int
    is_draft: bool
    gmail_id: int | None = None

    @classmethod
    def of(cls, answer: Answer) -> Row:
        """Read an answer that has at least HEADER; what else is missing stays unknown."""
        header = answer.items[HEADER]
        flags = answer.items.get(b"FLAGS")
        return cls(
            uid=answer.uid,
            header=header if isinstance(header, bytes) else b"",
            stored_at=internal_date(answer.items.get(b"INTERNALDATE")),
            size=number(answer.items.get(b"RFC822.SIZE")) or 0,
            is_draft=isinstance(flags, list) and any(_is_draft(flag) for flag in flags),
            gmail_id=number(answer.items.get(GMAIL_ID)),
        )


def uid_set(uids: Sequence[int]) -> str:
    """Write ascending UIDs as a sequence set, neighbours as a range: ``1:3,7``."""
    ranges: list[list[int]] = []
    for uid in uids:
        if ranges and uid == ranges[-1][1] + 1:
            ranges[-1][1] = uid
        else:
            ranges.append([uid, uid])
    return ",".join(str(low) if low == high else f"{low}:{high}" for low, high in ranges)


def answer_of(pieces: Iterable[Piece]) -> Answer | None:
    """Read one FETCH response; None if it names no UID: nobody asked for it.

    Raises BrokenAnswerError.
    """
    match values(pieces):
        case [bytes(), [*items]]:
            found = {_name(name): value for name, value in pairs(items).items()}
        case _:
            raise BrokenAnswerError("not the data of a message")
    uid = number(found.get(b"UID"))
    return None if uid is None else Answer(uid, found)


def responses(pieces: Iterable[Piece]) -> Iterator[list[Piece]]:
    """Cut imaplib's pieces into whole responses: each ends with the text behind its last literal."""
    response: list[Piece] = []
    for piece in pieces:
        response.append(piece)
        if isinstance(piece, bytes):
            yield response
            response = []


def complete(answers: Iterable[Answer], uids: Iterable[int], keys: frozenset[bytes]) -> Iterator[Answer]:
    """Give one answer for each of ``uids`` that has all ``keys``, as soon as it has them.

    A server may spread a message over several responses, repeat one, and add news that nobody asked for.
    """
    waiting: dict[int, dict[bytes, Value]] = {uid: {} for uid in uids}
    for answer in answers:
        items = waiting.get(answer.uid)
        if items is None:
            continue
        items.update(answer.items)
        if keys <= items.keys():
            del waiting[answer.uid]
            yield Answer(answer.uid, items)
    for uid, items in waiting.items():
        if HEADER in items:
            yield Answer(uid, items)


def internal_date(value: Value) -> datetime | None:
    """Read an INTERNALDATE; None if it is none."""
    match = _INTERNALDATE.match(value) if isinstance(value, bytes) else None
    if match is None:
        return None
    day, month, year, hour, minute, second, sign, hours, minutes = (part.decode() for part in match.groups())
    offset = timedelta(hours=int(hours), minutes=int(minutes)) * (-1 if sign == "-" else 1)
    try:
        return datetime(
            int(year),
            MONTHS.index(month.title()) + 1,
            int(day),
            int(hour),
            int(minute),
            int(second),
            tzinfo=timezone(offset),
        ).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _name(name: bytes) -> bytes:
    if not name.startswith(b"BODY["):
        return name
    return HEADER if name.startswith(b"BODY[HEADER") else PART


def _is_draft(flag: Value) -> bool:
    return isinstance(flag, bytes) and flag.lower() == rb"\draft"
