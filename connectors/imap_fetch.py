"""FETCH (RFC 3501, 6.4.5 and 7.4.2): which messages are asked for, and what the server answers."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from keepwarm.connectors.dates import east, midnight, moment_of
from keepwarm.connectors.fields import MAX_HEADER
from keepwarm.connectors.headers import HEADER_FIELDS
from keepwarm.connectors.imap_values import MAX_NESTING, BrokenAnswerError, number, pairs, values

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from keepwarm.connectors.imap_values import Piece, Value

HEADER = b"BODY[HEADER]"
PART = b"BODY[PART]"
"""The names of what BODY[...] holds: the section in an answer may be spelt otherwise than in the question."""

STRUCTURE = b"BODYSTRUCTURE"
ROW_ITEMS = f"UID INTERNALDATE RFC822.SIZE FLAGS BODY.PEEK[HEADER.FIELDS ({' '.join(HEADER_FIELDS)})]<0.{MAX_HEADER}>"
GMAIL_ID = b"X-GM-MSGID"
"""What Gmail calls a message (X-GM-EXT-1): one number, under whatever label it lies and for ever."""

ROW_KEYS = frozenset((b"INTERNALDATE", b"RFC822.SIZE", b"FLAGS", HEADER))

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
# What nearly all servers answer to ROW_ITEMS: in any order, but the header last. All else is read word by word.
_USUAL_ROW = re.compile(
    rb"""\d{1,20}\ \(
    (?:(?:UID\ (?P<uid>\d{1,20})
      | INTERNALDATE\ "(?P<date>[^"\\]{1,60})"
      | RFC822\.SIZE\ (?P<size>\d{1,20})
      | FLAGS\ \((?P<flags>[^()"\[\]{}]*)\)
      | X-GM-MSGID\ (?P<gmail>\d{1,20})
    )\ )*
    BODY\[HEADER[^\]"]*\](?:<\d{1,20}>)?\ \{\d{1,20}\}""",
    re.VERBOSE,
)
_USUAL_STRUCTURE = re.compile(rb"\d{1,20} \(UID (\d{1,20}) BODYSTRUCTURE (\([^\\]*\))\)", re.DOTALL)
_STRING, _HARD = re.compile(rb'"[^"]*"'), re.compile(rb'["{}]')
_INVITING = (b"calendar", b"tnef", b"winmail")
_INTERNALDATE = re.compile(rb"\s*(\d{1,2}-\w{3}-\d{4}) (\d\d):(\d\d):(\d\d) ([+-]\d{4})\s*\Z")
_LONGEST_OFFSET = timedelta(days=1)


class Answer(NamedTuple):  # a frozen dataclass takes three times as long to make, and each message is one
    """What one FETCH response says about one message."""

    uid: int
    items: dict[bytes, Value]  # names in upper case; BODY[...] is HEADER or PART


class Row(NamedTuple):
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
        items = answer.items
        header, flags = items[HEADER], items.get(b"FLAGS")
        return cls(
            uid=answer.uid,
            header=header if isinstance(header, bytes) else b"",
            stored_at=internal_date(items.get(b"INTERNALDATE")),
            size=number(items.get(b"RFC822.SIZE")) or 0,
            is_draft=bool(flags) and isinstance(flags, list) and any(map(_is_draft, flags)),
            gmail_id=number(items[GMAIL_ID]) if GMAIL_ID in items else None,
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


def answer_of(pieces: Sequence[Piece]) -> Answer | None:
    """Read one FETCH response; None if it names no UID: nobody asked for it.

    Raises BrokenAnswerError.
    """
    if usual := usual_row(pieces):
        return usual
    match values(pieces):
        case [bytes(), [*items]]:
            found = {_name(name): value for name, value in pairs(items).items()}
        case _:
            raise BrokenAnswerError("not the data of a message")
    uid = number(found.get(b"UID"))
    return None if uid is None else Answer(uid, found)


def invitation_answer_of(pieces: Sequence[Piece]) -> Answer | None:
    """Read a response like ``answer_of``; a STRUCTURE that names nothing an invitation can be in is given as None.

    Most have two or three parts and no calendar: to read them word by word only to find that out would take a third
    of all time. Raises BrokenAnswerError.
    """
    text = pieces[0]
    usual = _USUAL_STRUCTURE.fullmatch(text) if len(pieces) == 1 and isinstance(text, bytes) else None
    if usual and not _may_invite(usual[2]):
        bare = _STRING.sub(b"", usual[2])
        if not _HARD.search(bare) and bare.count(b"(") == bare.count(b")") <= MAX_NESTING:
            return Answer(int(usual[1]), {b"UID": usual[1], STRUCTURE: None})
    return answer_of(pieces)


def usual_row(pieces: Sequence[Piece]) -> Answer | None:
    """Read what looks as usual; in a tenth of the time, and a mailbox has tens of thousands of them."""
    if len(pieces) != 2 or pieces[1] != b")" or not isinstance(pieces[0], tuple):
        return None
    text, header = pieces[0]
    row = _USUAL_ROW.fullmatch(text)
    if row is None or None in (groups := row.group("uid", "date", "size", "flags")):
        return None
    uid, date, size, flags = groups
    found: dict[bytes, Value] = {
        b"UID": uid,
        b"INTERNALDATE": date,
        b"RFC822.SIZE": size,
        b"FLAGS": [*flags.split()],
        HEADER: header,
    }
    if gmail_id := row["gmail"]:
        found[GMAIL_ID] = gmail_id
    return Answer(int(uid), found)


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
        if not items and keys <= answer.items.keys():  # nearly all come whole
            del waiting[answer.uid]
            yield answer
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
    day, hour, minute, second, zone = match.groups()
    offset = east(zone.decode())
    if abs(offset) >= _LONGEST_OFFSET:
        return None
    return moment_of(midnight(day.decode().replace("-", " ")), (int(hour), int(minute), int(second)), offset)


def _name(name: bytes) -> bytes:
    if not name.startswith(b"BODY["):
        return name
    return HEADER if name.startswith(b"BODY[HEADER") else PART


def _may_invite(structure: bytes) -> bool:
    lower = structure.lower()
    return any(word in lower for word in _INVITING)


def _is_draft(flag: Value) -> bool:
    return isinstance(flag, bytes) and flag.lower() == rb"\draft"
