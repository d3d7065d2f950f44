from __future__ import annotations

import base64
import quopri
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keepwarm.connectors.calendar_parts import MAX_CALENDAR, SEALED, Invitation, find_calendar_part
from keepwarm.connectors.mail import may_hold_calendar
from keepwarm.connectors.mime_parts import MAX_NESTING

CALENDAR = "BEGIN:VCALENDAR\r\nSUMMARY:Müller\r\nEND:VCALENDAR\r\n".encode()


def part(encoding: bytes = b"8bit", body: bytes = CALENDAR) -> bytes:
    fields = b'Content-Type: Text/Calendar; charset="utf-8"; method=REQUEST\n'
    return fields + b"Content-Transfer-Encoding: " + encoding + b"\n\n" + body


def multipart(*parts: bytes, boundary: bytes = b"b", subtype: bytes = b"mixed") -> bytes:
    head = b"Content-Type: multipart/" + subtype + b';\n\tboundary="' + boundary + b'"\n\npreamble\n'
    return head + b"".join(b"--" + boundary + b"\n" + part + b"\n" for part in parts) + b"--" + boundary + b"--\n"


TEXT = b"Content-Type: text/plain\n\nCome to the meeting\n"


@pytest.mark.parametrize(
    "mail",
    [
        part(),
        multipart(TEXT, part()),
        multipart(multipart(TEXT, part(), boundary=b"b2", subtype=b"alternative"), TEXT),
        multipart(TEXT, part()).replace(b"\n", b"\r\n").replace(b"\r\r", b"\r"),
        multipart(TEXT, part()).removesuffix(b"--b--\n"),
        multipart(TEXT, part(), boundary=b"=_a+b(c)?"),
        multipart(b"\nno header", part()),
    ],
)
def test_the_calendar_part_is_found(mail: bytes) -> None:
    found = find_calendar_part(mail)
    assert found is not None
    assert found.data.rstrip() == CALENDAR.rstrip()


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        (b"base64", base64.encodebytes(CALENDAR)),
        (b"BASE64 ", base64.b64encode(CALENDAR).rstrip(b"=") + b"!"),
        (b"quoted-printable", quopri.encodestring(CALENDAR)),
        (b"", CALENDAR),
    ],
)
def test_transfer_encodings_are_undone(encoding: bytes, body: bytes) -> None:
    found = find_calendar_part(multipart(TEXT, part(encoding, body)))
    assert found is not None
    assert found.utf8.split() == CALENDAR.split()


@pytest.mark.parametrize(
    "mail",
    [
        TEXT,
        b"Content-Type: text/plain\n\nContent-Type: text/calendar\n\nnot a part\n",
        multipart(b"Content-Type: message/rfc822\n\n" + multipart(TEXT, part(), boundary=b"inner")),
        multipart(TEXT, part()).replace(b"--b\n", b"--c\n"),
        b"text/calendar",
    ],
)
def test_what_only_speaks_of_a_calendar_has_none(mail: bytes) -> None:
    assert find_calendar_part(mail) is None


@pytest.mark.parametrize("charset", ["utf-16", "windows-1252", "iso-8859-1", "UTF-8", "x-unknown"])
def test_a_part_is_read_in_its_character_set(charset: str) -> None:
    written = CALENDAR.decode().encode("utf-8" if charset == "x-unknown" else charset)
    found = find_calendar_part(part(body=written).replace(b'"utf-8"', charset.encode()))
    assert found is not None
    assert (found.utf8, found.method) == (CALENDAR, "REQUEST")


SEALED_PART = b'Content-Type: application/ms-tnef; name="winmail.dat"\nContent-Transfer-Encoding: base64\n\neJ8+\n'


@pytest.mark.parametrize(
    "mail",
    [
        SEALED_PART,
        multipart(TEXT, SEALED_PART),
        multipart(TEXT, SEALED_PART.replace(b"application/ms-tnef", b"application/octet-stream")),
    ],
)
def test_a_part_in_outlooks_own_format_is_seen_and_not_read(mail: bytes) -> None:
    assert find_calendar_part(mail) is SEALED


def test_a_calendar_part_beside_one_in_outlooks_format_is_read() -> None:
    found = find_calendar_part(multipart(SEALED_PART, part()))
    assert found is not None
    assert not found.sealed


def test_of_two_parts_with_one_event_the_first_counts() -> None:
    attached = b"Content-Type: application/ics; name=invite.ics\n\nBEGIN:VCALENDAR\n"
    found = find_calendar_part(multipart(attached, part(), part(body=b"BEGIN:VCALENDAR\n")))
    assert found == Invitation(CALENDAR, "REQUEST", charset="utf-8")


def test_a_part_that_is_too_large_is_left_alone() -> None:
    assert find_calendar_part(part(body=b"x" * MAX_CALENDAR)) is not None
    assert find_calendar_part(part(body=b"x" * (MAX_CALENDAR + 1))) is None


def test_nesting_is_bounded() -> None:
    mail = part()
    for level in range(MAX_NESTING):
        mail = multipart(mail, boundary=b"level%d" % level)
    assert find_calendar_part(mail) is not None
    assert find_calendar_part(multipart(mail, boundary=b"outer")) is None


def test_a_thousand_levels_and_parts_take_no_time() -> None:
    deep = part()
    for level in range(1000):
        deep = multipart(deep, boundary=b"level%d" % level)
    started = time.process_time()
    assert find_calendar_part(deep) is None
    assert find_calendar_part(multipart(*[TEXT] * 100_000, part())) is None
    assert time.process_time() - started < 2


@settings(deadline=None)
@given(st.binary(max_size=300), st.sampled_from([b"base64", b"quoted-printable", b"x"]))
def test_any_bytes_are_a_part_or_none(body: bytes, encoding: bytes) -> None:
    assert isinstance(find_calendar_part(part(encoding, body)), Invitation)
    find_calendar_part(multipart(body, part(encoding, body)))


@pytest.mark.parametrize(
    ("content_type", "may"),
    [
        ("text/calendar; method=REPLY", True),
        ("Multipart/Alternative; boundary=x", True),
        ("multipart/mixed", True),
        ("text/plain", False),
        ("multipart/report; report-type=x", False),
        ("", False),
    ],
)
def test_only_some_types_may_hold_a_calendar(content_type: str, may: bool) -> None:
    assert may_hold_calendar(content_type) is may
