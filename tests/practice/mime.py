"""A letter as the bytes of a message (RFC 5322, 2045-2047, 6047). A pure function of the letter."""

from __future__ import annotations

import base64
import html
import quopri
from dataclasses import dataclass
from datetime import timedelta
from email.header import Header
from email.utils import format_datetime, formataddr
from functools import lru_cache
from typing import TYPE_CHECKING

from tests.practice.hours import ZONE
from tests.practice.letters import OWNER, Letter, Mailbox
from tests.practice.vevents import PRODUCTS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

MX = f"mx.{OWNER.domain}"


@dataclass(frozen=True, slots=True)
class Part:
    """A body part: its own header fields, and its content as it is sent."""

    headers: tuple[tuple[str, str], ...]
    content: bytes

    def written(self) -> bytes:
        """Give the part as it stands between boundaries."""
        return _header_block(self.headers) + b"\n" + self.content


def message_bytes(letter: Letter) -> bytes:
    """Write a letter down, with LF at line ends."""
    body = _body(letter)
    headers = (*_transport(letter), *_fields(letter), ("MIME-Version", "1.0"), *body.headers)
    return _header_block(headers) + b"\n" + body.content


def _header_block(headers: tuple[tuple[str, str], ...]) -> bytes:
    return "".join(f"{name}: {value}\n" for name, value in headers).encode()


@lru_cache(maxsize=1024)
def _address(who: Mailbox) -> str:
    return formataddr((who.name, who.address))


def _addresses(people: tuple[Mailbox, ...]) -> str:
    return ",\n ".join(_address(who) for who in people)


def _unstructured(name: str, text: str) -> str:
    return text if text.isascii() else Header(text, "utf-8", header_name=name).encode()


def _date(moment: datetime) -> str:
    return format_datetime(moment.astimezone(ZONE))


def _fields(letter: Letter) -> Iterator[tuple[str, str]]:
    yield "From", _address(letter.author)
    yield "To", _addresses(letter.to)
    if letter.cc:
        yield "Cc", _addresses(letter.cc)
    yield "Subject", _unstructured("Subject", letter.subject)
    yield "Date", _date(letter.at)
    yield "Message-ID", f"<{letter.message_id}>"
    if letter.references:
        yield "In-Reply-To", f"<{letter.references[-1]}>"
        yield "References", "\n ".join(f"<{reference}>" for reference in letter.references)
    yield from ((name, value) for name, value in letter.extra if name != "Return-Path")


def _transport(letter: Letter) -> Iterator[tuple[str, str]]:
    """Give what servers add on the way in; what the owner sends has none of it."""
    if letter.outgoing:
        return
    domain, seal = letter.author.domain, letter.seal
    sent, arrived = letter.at + timedelta(seconds=1), letter.at + timedelta(seconds=3)
    host = int(seal[:2], 16)
    yield "Return-Path", dict(letter.extra).get("Return-Path", f"<{letter.author.address}>")
    yield "Delivered-To", OWNER.address
    yield (
        "Received",
        f"from mail.{domain} ([203.0.113.{host}])\n\tby {MX} with ESMTPS id {seal[:11]};\n\t{_date(arrived)}",
    )
    yield (
        "Received",
        f"from [198.51.100.{host}]\n\tby mail.{domain} with ESMTPSA id {seal[11:27]};\n\t{_date(sent)}",
    )
    yield "Authentication-Results", f"{MX}; dkim=pass header.d={domain}; spf=pass smtp.mailfrom={domain}"


def _body(letter: Letter) -> Part:
    parts = [_text("plain", letter.text)]
    if letter.html:
        paragraphs = html.escape(letter.text).replace("\n\n", "</p><p>").replace("\n", "<br>")
        parts.append(_text("html", f"<html><body><p>{paragraphs}</p></body></html>\n"))
    if letter.calendar:
        parts.append(_calendar(letter))
    body = parts[0] if len(parts) == 1 else _multipart("alternative", letter.seal[:32], parts)
    files = list(_files(letter))
    return _multipart("mixed", letter.seal[32:], [body, *files]) if files else body


def _text(subtype: str, text: str) -> Part:
    if text.isascii() and max(map(len, text.splitlines()), default=0) < 900:
        return Part(_content(f"text/{subtype}; charset=us-ascii", "7bit"), text.encode())
    kind = _content(f"text/{subtype}; charset=utf-8", "quoted-printable")
    return Part(kind, quopri.encodestring(text.encode()))


def _calendar(letter: Letter) -> Part:
    """Write the invitation: Google quotes it, Outlook packs it."""
    kind = f'text/calendar; charset="utf-8"; method={letter.method}'
    raw = letter.calendar.encode()
    if PRODUCTS["google"] in letter.calendar:
        quoted = quopri.encodestring(raw.replace(b"\r\n", b"\n"))
        return Part(_content(kind, "quoted-printable"), quoted)
    return Part(_content(kind, "base64"), base64.encodebytes(raw))


def _files(letter: Letter) -> Iterator[Part]:
    if PRODUCTS["google"] in letter.calendar:
        headers = (
            *_content('application/ics; name="invite.ics"', "base64"),
            ("Content-Disposition", 'attachment; filename="invite.ics"'),
        )
        yield Part(headers, base64.encodebytes(letter.calendar.encode()))
    if letter.attachment:
        seal = bytes.fromhex(letter.seal)
        headers = (
            *_content('application/pdf; name="paper.pdf"', "base64"),
            ("Content-Disposition", 'attachment; filename="paper.pdf"'),
        )
        yield Part(headers, base64.encodebytes(b"%PDF-1.7\n" + seal * (letter.attachment // len(seal))))


def _content(kind: str, encoding: str) -> tuple[tuple[str, str], ...]:
    return ("Content-Type", kind), ("Content-Transfer-Encoding", encoding)


def _multipart(subtype: str, boundary: str, parts: list[Part]) -> Part:
    pieces = b"".join(b"--%s\n%s\n" % (boundary.encode(), part.written()) for part in parts)
    headers = (("Content-Type", f'multipart/{subtype}; boundary="{boundary}"'),)
    return Part(headers, pieces + f"--{boundary}--\n".encode())
