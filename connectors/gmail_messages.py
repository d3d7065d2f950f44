"""Messages of Gmail: fetched in batches, and read as every other source's are.

Asked for is the header only, unless bodies may be read: then the parts' types too, and whole only what has an
invitation or may hold a promise of the owner's. What Gmail does not hand over now is no less wanted for that.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from keepwarm.connectors.calendar_parts import find_calendar_part, is_tnef
from keepwarm.connectors.google_api import Parts
from keepwarm.connectors.headers import HEADER_FIELDS
from keepwarm.connectors.mail import observe
from keepwarm.connectors.mail_text import text_of
from keepwarm.storage.observations import Rejected

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from keepwarm.connectors.google_api import GoogleApi
    from keepwarm.connectors.own_mail import OwnMail
    from keepwarm.storage.observations import MessageSeen

BATCH = 99
"""Requests in one batch: Gmail takes 100, but three such and their lists are more than one minute's quota."""

GET_UNITS = 20
LEFT_OUT = frozenset({"SPAM", "TRASH", "DRAFT", "CHAT"})
"""Labels of what is no correspondence, or not yet."""

_LARGEST = 16 * 1024 * 1024  # bytes of a mail that is read whole
_DEPTH = 6  # of parts in parts
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class Reading:
    """What became of some messages."""

    seen: list[MessageSeen] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    times: list[int] = field(default_factory=list)  # internalDate of all that are there, in milliseconds
    failed: list[str] = field(default_factory=list)  # ids of those that Gmail could not hand over now


@dataclass(slots=True)
class _Asked:
    """What was answered of some ids, kept while the rest of it is put off."""

    ids: tuple[str, ...] = ()
    headers: Parts = field(default_factory=Parts)
    bodies: Parts = field(default_factory=Parts)


class GmailReader:
    """Reads messages by id; those from before ``since`` are left out."""

    def __init__(self, api: GoogleApi, since: datetime | None, *, bodies: bool, own_mail: OwnMail | None) -> None:
        self._api = api
        self._since = since
        self._has_bodies = bodies
        self._own_mail = own_mail
        self._asked = _Asked()

    def read(self, ids: Sequence[str]) -> Reading:
        """Read at most ``BATCH`` messages; what is gone by now is left out.

        Raises Later, SignInNeeded or Refused; asked again for the same ids, it goes on where it was.
        """
        if not ids:
            return Reading()
        if self._asked.ids != tuple(ids):
            self._asked = _Asked(tuple(ids))
        parts = self._api.ask_together({one: self._request(one) for one in ids}, GET_UNITS, self._asked.headers)
        reading = Reading(failed=list(parts.failed))
        wanted = {}
        for number, answer in parts.found.items():
            moment = _milliseconds(answer)
            if moment is not None:
                reading.times.append(moment)
            if self._is_wanted(answer, moment):
                wanted[number] = answer
        self._observe(wanted, reading)
        for number, status in parts.refused.items():
            reading.rejected.append(_refused(number, f"Gmail does not hand over this message (HTTP {status})."))
        order = {number: place for place, number in enumerate(ids)}
        reading.seen.sort(key=lambda one: order[one.source_key])
        self._asked = _Asked()
        return reading

    def _request(self, number: str) -> Any:
        messages = self._messages
        if self._has_bodies:
            return messages.get(userId="me", id=number, format="full", fields=f"{_FIELDS}(headers,{_nested(_DEPTH)})")
        return messages.get(
            userId="me", id=number, format="metadata", metadataHeaders=list(HEADER_FIELDS), fields=f"{_FIELDS}(headers)"
        )

    @cached_property
    def _messages(self) -> Any:
        # Held once: the library builds it anew, at some cost, each time it is asked for.
        return self._api.service.users().messages()

    def _is_wanted(self, answer: Mapping[str, Any], moment: int | None) -> bool:
        if LEFT_OUT.intersection(answer.get("labelIds", ())):
            return False
        return self._since is None or moment is None or _at(moment) >= self._since

    def _observe(self, answers: Mapping[str, Mapping[str, Any]], reading: Reading) -> None:
        whole = self._whole([one for one, answer in answers.items() if self._has_bodies and _may_invite(answer)])
        for number, answer in answers.items():
            if number in self._asked.bodies.failed:
                continue  # it is read once it can be read with its invitation
            moment = _milliseconds(answer)
            raw = whole.get(number)
            message, rejected = observe(
                _header(answer),
                source_key=number,
                where=_where(number),
                stored_at=None if moment is None else _at(moment),
                size=_number(answer.get("sizeEstimate")) or 0,
                calendar_part=None if raw is None else find_calendar_part(raw),
            )
            if message is not None:
                reading.seen.append(message)
            if rejected is not None:
                reading.rejected.append(rejected)
        reading.failed += self._asked.bodies.failed
        self._read_own_mail(reading, whole)
        for number, status in self._asked.bodies.refused.items():
            reading.rejected.append(_refused(number, f"Gmail does not hand over what is in it (HTTP {status})."))

    def _read_own_mail(self, reading: Reading, whole: dict[str, bytes]) -> None:
        own = self._own_mail
        if own is None or not self._has_bodies:
            return
        wanted = {one.source_key for one in reading.seen if own.wants(one)}
        whole = whole | self._whole([number for number in sorted(wanted) if number not in whole])
        failed = self._asked.bodies.failed
        reading.failed += [number for number in failed if number not in reading.failed]
        reading.seen = [
            own.read(one, text_of(whole[one.source_key]))
            if one.source_key in wanted and one.source_key in whole
            else one
            for one in reading.seen
            if one.source_key not in failed
        ]

    def _whole(self, numbers: Sequence[str]) -> dict[str, bytes]:
        """Fetch mails whole; what cannot be had is left out."""
        if not numbers:
            return {}
        asked = {one: self._messages.get(userId="me", id=one, format="raw", fields="raw") for one in numbers}
        found = self._api.ask_together(asked, GET_UNITS, self._asked.bodies).found
        return {one: raw for one in numbers if one in found and (raw := _raw(found[one])) is not None}


def _refused(number: str, reason: str) -> Rejected:
    return Rejected(source_key=number, reason=reason, where=_where(number))


_FIELDS = "id,labelIds,internalDate,sizeEstimate,payload"


def _nested(depth: int) -> str:
    """Ask for the types of parts in parts, and nothing of their bodies."""
    inner = f",parts({_nested(depth - 1)})" if depth else ""
    return f"mimeType,filename{inner}"


def _where(number: str) -> str:
    return f"Gmail, message {number}"


def _number(value: object) -> int | None:
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None


def _milliseconds(answer: Mapping[str, Any]) -> int | None:
    """Give the time at which Gmail got the message, in milliseconds since 1970; None if that is not known."""
    found = _number(answer.get("internalDate"))
    return found if found is not None and found < 10**14 else None


def _at(moment: int) -> datetime:
    return _EPOCH + timedelta(milliseconds=moment)


def _header(answer: Mapping[str, Any]) -> bytes:
    """Write the header fields as they stood in the mail, one a line."""
    fields = answer.get("payload", {}).get("headers", ())
    lines = (f"{one.get('name', '')}: {one.get('value', '')}" for one in fields)
    return "".join(f"{' '.join(line.splitlines())}\r\n" for line in lines).encode("utf-8", "surrogateescape")


def _may_invite(answer: Mapping[str, Any]) -> bool:
    size = _number(answer.get("sizeEstimate")) or 0
    parts = _parts(answer.get("payload", {}), _DEPTH)
    return size <= _LARGEST and any(kind == "text/calendar" or is_tnef(kind, name) for kind, name in parts)


def _parts(part: Mapping[str, Any], depth: int) -> Iterator[tuple[str, str]]:
    yield str(part.get("mimeType", "")).lower(), f'name="{part.get("filename", "")}"'
    if depth:
        for inner in part.get("parts", ()):
            yield from _parts(inner, depth - 1)


def _raw(answer: Mapping[str, Any]) -> bytes | None:
    try:
        return base64.urlsafe_b64decode(str(answer["raw"]))
    except (KeyError, binascii.Error, ValueError):
        return None
