"""A handful of messages of one folder, read into observations."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from keepwarm.connectors.calendar_parts import MAX_CALENDAR, find_calendar_part
from keepwarm.connectors.contract import ConnectorError, Later
from keepwarm.connectors.imap_fetch import (
    GMAIL_ID,
    HEADER,
    PART,
    ROW_ITEMS,
    ROW_KEYS,
    STRUCTURE,
    Row,
    answer_of,
    complete,
    invitation_answer_of,
)
from keepwarm.connectors.imap_session import FetchRefusedError
from keepwarm.connectors.imap_structure import calendar_part, text_part
from keepwarm.connectors.mail import SEALED_REASON, may_hold_calendar
from keepwarm.connectors.mail_text import MOST_OF_A_TEXT, text_in
from keepwarm.storage.observations import Rejected

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from keepwarm.connectors.calendar_parts import Invitation
    from keepwarm.connectors.imap_fetch import Answer
    from keepwarm.connectors.imap_session import ImapSession
    from keepwarm.connectors.imap_structure import CalendarPart, TextPart
    from keepwarm.connectors.imap_values import Piece
    from keepwarm.connectors.isolation import Observing
    from keepwarm.connectors.own_mail import OwnMail
    from keepwarm.storage.observations import MessageSeen

MOST_HELD = 4 * 1024 * 1024  # bytes of headers: a batch has a tenth of it, if nobody means harm
_STRUCTURE_ITEMS = f"UID {STRUCTURE.decode()}"
_MAX_ENCODED = 3 * MAX_CALENDAR  # no transfer encoding makes more than three bytes out of one
_ENCODINGS = frozenset(("base64", "quoted-printable"))
_CONTENT_TYPE = re.compile(rb"content-type[ \t]*:\s*([^;\s]{1,100})")


@dataclass(slots=True)
class Reading:
    """What was found, by UID."""

    seen: dict[int, MessageSeen] = field(default_factory=dict)
    rejected: dict[int, Rejected] = field(default_factory=dict)
    keys: dict[int, str] = field(default_factory=dict)  # of those that have another name than their UID


class MessageReader:
    """Reads messages of one folder while its UIDVALIDITY is ``uidvalidity``; ``own_mail`` is read for promises."""

    def __init__(
        self,
        session: ImapSession,
        folder: str,
        uidvalidity: int,
        observe: Observing,
        own_mail: OwnMail | None = None,
    ) -> None:
        self._session = session
        self._observe_mail = observe
        self._folder = folder
        self._uidvalidity = uidvalidity
        self._own_mail = own_mail

    def read(self, uids: Sequence[int]) -> Reading:
        """Read the messages; drafts were never sent and are left out, and so is what was expunged meanwhile.

        Raises Later, SignInNeeded or Refused.
        """
        reading = Reading()
        candidates = self._read_headers(uids, reading)
        self._read_invitations(self._find_parts(candidates, reading), reading)
        self._read_own_mail(reading)
        return reading

    def expect(self, uids: Sequence[int]) -> None:
        """Have the server prepare the messages that are read next; what hinders it is for that reading to tell."""
        with suppress(ConnectorError):
            self._session.ask(uids, self._row_items())

    def _read_headers(self, uids: Sequence[int], reading: Reading) -> list[int]:
        """Give the messages whose Content-Type allows for an invitation.

        The server is asked for their structure before their headers are read: it looks while we do. Only one FETCH is
        ever asked for ahead: what servers answer to several may come mixed.
        """
        rows: list[Row] = []
        candidates: list[int] = []
        held = 0
        for answer in self._answers(uids, self._row_items(), ROW_KEYS, reading):
            row = Row.of(answer)
            if row.is_draft:
                continue
            rows.append(row)
            if _may_invite(row.header):
                candidates.append(row.uid)
            held += len(row.header)
            if held > MOST_HELD:
                self._observe_all(rows, reading)
                held = 0
        candidates.sort()
        if candidates:
            self._session.ask(candidates, _STRUCTURE_ITEMS)
        self._observe_all(rows, reading)
        return [uid for uid in candidates if uid in reading.seen]

    def _observe_all(self, rows: list[Row], reading: Reading) -> None:
        """Read the headers, and let go of them."""
        for row in rows:
            if row.gmail_id:
                reading.keys[row.uid] = f"{row.gmail_id:x}"  # as Gmail's API writes it
            self._observe(row, None, reading)
        rows.clear()

    def _find_parts(self, uids: Sequence[int], reading: Reading) -> dict[int, CalendarPart]:
        found: dict[int, CalendarPart] = {}
        for answer in self._answers(uids, _STRUCTURE_ITEMS, frozenset((STRUCTURE,)), reading, invitation_answer_of):
            part = calendar_part(answer.items[STRUCTURE])
            if part and part.sealed:
                self._reject(answer.uid, SEALED_REASON, reading)
            elif part and part.size > _MAX_ENCODED:
                self._reject(answer.uid, "Its invitation is too large.", reading)
            elif part:
                found[answer.uid] = part
        return found

    def _read_invitations(self, parts: dict[int, CalendarPart], reading: Reading) -> None:
        """Read those messages again, with their calendar part: one FETCH for each place where it lies."""
        for section in sorted({part.section for part in parts.values()}):
            uids = sorted(uid for uid, part in parts.items() if part.section == section)
            items = f"{ROW_ITEMS} BODY.PEEK[{section}]<0.{_MAX_ENCODED}>"
            for answer in self._answers(uids, items, ROW_KEYS | {PART}, reading):
                part = _decoded(answer, parts[answer.uid])
                if part is None:
                    self._reject(answer.uid, "Its invitation is too large, or missing.", reading)
                else:
                    self._observe(Row.of(answer), part, reading)

    def _read_own_mail(self, reading: Reading) -> None:
        """Read the text of what the owner wrote, as far as they allow it: one FETCH for each place where it lies."""
        own = self._own_mail
        if own is None:
            return
        wanted = sorted(uid for uid, message in reading.seen.items() if own.wants(message))
        parts: dict[int, TextPart] = {}
        for answer in self._answers(wanted, _STRUCTURE_ITEMS, frozenset((STRUCTURE,)), reading):
            if part := text_part(answer.items.get(STRUCTURE)):
                parts[answer.uid] = part
        for section in sorted({part.section for part in parts.values()}):
            uids = sorted(uid for uid, part in parts.items() if part.section == section)
            items = f"UID BODY.PEEK[{section}]<0.{MOST_OF_A_TEXT}>"
            for answer in self._answers(uids, items, frozenset((PART,)), reading):
                body = answer.items.get(PART)
                if isinstance(body, bytes):
                    text = text_in(parts[answer.uid].with_body(body))
                    reading.seen[answer.uid] = own.read(reading.seen[answer.uid], text)

    def _row_items(self) -> str:
        """Give what every message is asked for, where the server can: by which name it knows the message anywhere."""
        self._session.stay_in(self._folder, self._uidvalidity)
        return f"{ROW_ITEMS} {GMAIL_ID.decode()}" if self._session.can("X-GM-EXT-1") else ROW_ITEMS

    def _observe(self, row: Row, part: Invitation | None, reading: Reading) -> None:
        message, rejected = self._observe_mail(
            row.header,
            source_key=self._key(row.uid, reading),
            where=self._where(row.uid),
            stored_at=row.stored_at,
            size=row.size,
            calendar_part=part,
        )
        if message:
            reading.seen[row.uid] = message
        if rejected:
            reading.rejected[row.uid] = rejected

    def _answers(
        self,
        uids: Sequence[int],
        items: str,
        keys: frozenset[bytes],
        reading: Reading,
        read: Callable[[list[Piece]], Answer | None] = answer_of,
    ) -> Iterator[Answer]:
        """Fetch; where the server refuses, narrow it down to the messages at fault, and reject those."""
        if not uids:
            return
        self._session.stay_in(self._folder, self._uidvalidity)
        left = dict.fromkeys(uids)
        try:
            for answer in complete(self._session.fetch(uids, items, read), uids, keys):
                del left[answer.uid]
                yield answer
        except FetchRefusedError:
            remaining = list(left)
        else:
            return  # what is left was expunged
        if len(remaining) == 1:
            self._give_up(remaining[0], reading)
            return
        half = len(remaining) // 2
        yield from self._answers(remaining[:half], items, keys, reading, read)
        yield from self._answers(remaining[half:], items, keys, reading, read)

    def _give_up(self, uid: int, reading: Reading) -> None:
        """Reject a message that the server cannot hand over, if it is the message and not the server.

        Raises Later if the server does not even say that the message is there.
        """
        self._session.stay_in(self._folder, self._uidvalidity)
        try:
            there = {answer.uid for answer in self._session.fetch([uid], "UID FLAGS")}
        except FetchRefusedError as refused:
            raise Later(f"The server hands over no messages of the folder {self._folder} now.") from refused
        if uid in there:
            self._reject(uid, "The server cannot hand over this message.", reading)

    def _reject(self, uid: int, reason: str, reading: Reading) -> None:
        reading.rejected[uid] = Rejected(source_key=self._key(uid, reading), reason=reason, where=self._where(uid))

    def _key(self, uid: int, reading: Reading) -> str:
        return reading.keys.get(uid) or f"{self._uidvalidity}:{uid}"

    def _where(self, uid: int) -> str:
        return f"{self._folder}, UID {uid}"


def _may_invite(header: bytes) -> bool:
    lower = header.lower()
    content_type = _CONTENT_TYPE.match(lower)
    start = 0
    while content_type is None:
        start = lower.find(b"\ncontent-type", start) + 1
        if not start:
            return False
        content_type = _CONTENT_TYPE.match(lower, start)
    return may_hold_calendar(content_type[1].decode("latin-1"))


def _decoded(answer: Answer, found: CalendarPart) -> Invitation | None:
    part = answer.items.get(PART)
    if not isinstance(part, bytes) or HEADER not in answer.items:
        return None
    known = found.encoding if found.encoding in _ENCODINGS else "binary"
    head = f"Content-Type: text/calendar{found.parameters}\r\nContent-Transfer-Encoding: {known}\r\n\r\n"
    return find_calendar_part(head.encode() + part)
