from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keepwarm.connectors.dates import parse_asctime, parse_date, sent_at
from keepwarm.connectors.fields import header_end
from keepwarm.connectors.headers import (
    HEADER_FIELDS,
    MAX_REFERENCES,
    MAX_SUBJECT,
    BrokenMessage,
    message_from_headers,
    reply_addresses,
)
from keepwarm.connectors.words import clean, decoded
from keepwarm.storage.observations import MessageKind, MessageSeen, Party

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
TYPICAL = b"""From: Ana <ana@acme.example>
To: sam@carter.example
Subject: Offer
Date: Mon, 2 Mar 2026 13:00:00 +0100
Message-ID: <one@acme.example>
"""


def read(raw: bytes, stored_at: datetime | None = NOON) -> MessageSeen:
    return message_from_headers(raw, source_key="k", stored_at=stored_at, size=len(raw))


def with_field(line: bytes) -> MessageSeen:
    return read(TYPICAL + line + b"\n")


def test_a_typical_header_is_read_whole() -> None:
    message = read(
        TYPICAL + b"Cc: Bo <bo@acme.example>\nReferences: <a@x>\n\t<b@x>\nIn-Reply-To: <b@x>\n\nSubject: body"
    )
    assert message == MessageSeen(
        source_key="k",
        dedupe_key=message.dedupe_key,
        message_id="one@acme.example",
        references=("a@x", "b@x"),
        at=NOON,
        author=Party("ana@acme.example", "Ana"),
        to=(Party("sam@carter.example"),),
        cc=(Party("bo@acme.example", "Bo"),),
        recipients=2,
        subject="Offer",
        size=message.size,
        kind=MessageKind.HUMAN,
    )


def test_the_fields_to_fetch_are_all_that_is_needed() -> None:
    whole = b"X-Spam: 1\nList-Id: <l>\nSender: x@y.example\nReply-To: r@y.example\n" + TYPICAL
    wanted = tuple(field.encode().lower() + b":" for field in HEADER_FIELDS)
    fetched = b"".join(line for line in whole.splitlines(keepends=True) if line.lower().startswith(wanted))
    assert len(fetched) < len(whole)
    assert replace(read(fetched), size=0) == replace(read(whole), size=0)


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n", b"\r\r\n"])
def test_any_line_end_gives_the_same_message(line_end: bytes) -> None:
    lines = TYPICAL + b"References: <a@x>\n <b@x>\n\nTo: body@x.example\n"
    assert read(lines.replace(b"\n", line_end)).references == ("a@x", "b@x")
    assert read(lines.replace(b"\n", line_end)).recipients == 1


def test_in_reply_to_comes_last_among_the_references() -> None:
    message = with_field(b"References: <a@x> <b@x>\nIn-Reply-To: <a@x>")
    assert message.references == ("a@x", "b@x", "a@x")


def test_references_keep_the_root_and_the_newest() -> None:
    message = with_field(b"References: " + b" ".join(b"<%d@x>" % n for n in range(500)))
    assert len(message.references) == MAX_REFERENCES
    assert (message.references[0], message.references[-1]) == ("0@x", "499@x")


def test_a_missing_from_is_still_a_message() -> None:
    assert read(TYPICAL.split(b"\n", 1)[1]).author is None


@pytest.mark.parametrize("raw", [b"", b"\n", b"no header at all", b"\n\nFrom: a@b.example\n", b"\xff\xfe\0\0"])
def test_what_has_no_header_is_broken(raw: bytes) -> None:
    with pytest.raises(BrokenMessage, match="no header"):
        read(raw)


def test_without_any_time_the_message_is_broken() -> None:
    with pytest.raises(BrokenMessage, match="no date"):
        read(b"From: a@b.example\n", stored_at=None)


# The time rule


@pytest.mark.parametrize(
    ("date", "received", "stored_at", "expected"),
    [
        pytest.param(timedelta(hours=-2), timedelta(0), None, timedelta(hours=-2), id="before its receipt"),
        pytest.param(timedelta(days=-7), timedelta(0), None, timedelta(days=-7), id="seven days on its way"),
        pytest.param(timedelta(days=-8), timedelta(0), None, timedelta(0), id="too long on its way"),
        pytest.param(timedelta(hours=1), timedelta(0), None, timedelta(hours=1), id="a clock that is fast"),
        pytest.param(timedelta(hours=2), timedelta(0), None, timedelta(0), id="from the future"),
        pytest.param(None, timedelta(0), timedelta(days=9), timedelta(0), id="only received"),
        pytest.param(timedelta(days=-900), None, timedelta(0), timedelta(days=-900), id="sent, stored later"),
        pytest.param(timedelta(days=2), None, timedelta(0), timedelta(0), id="sent after it was stored"),
        pytest.param(timedelta(days=900), None, None, timedelta(days=900), id="nothing to compare with"),
        pytest.param(None, None, timedelta(0), timedelta(0), id="only stored"),
        pytest.param(None, None, None, None, id="nothing"),
    ],
)
def test_the_date_is_a_claim(
    date: timedelta | None,
    received: timedelta | None,
    stored_at: timedelta | None,
    expected: timedelta | None,
) -> None:
    def moment(distance: timedelta | None) -> datetime | None:
        return None if distance is None else NOON + distance

    assert sent_at(moment(date), moment(received), moment(stored_at)) == moment(expected)


@pytest.mark.parametrize("year", [1601, 1970, 9999])
def test_absurd_years_are_not_believed(year: int) -> None:
    absurd = datetime(year, 1, 1, tzinfo=UTC)
    assert sent_at(absurd, None, NOON) == NOON
    assert sent_at(absurd, NOON, None) == NOON
    assert sent_at(absurd, None, None) is None
    assert sent_at(NOON, absurd, absurd) == NOON


def test_the_topmost_received_with_a_date_counts() -> None:
    received = b"Received: by x\nReceived: by y; Mon, 2 Mar 2026 10:00:00 +0000\nReceived: z; 1 Jan 2026 1:00 +0000"
    message = read(TYPICAL.replace(b"2026", b"2020") + received)
    assert message.at == datetime(2026, 3, 2, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Mon, 2 Mar 2026 13:00:00 +0100 (CET)", NOON),
        ("2 Mar 2026 12:00 GMT", NOON),
        ("Mon,  2 Mar 2026 12:00:00", NOON),
        ("Mon, 02 Mar 26 07:00:00 EST", NOON),
        ("Mon Mar  2 12:00:00 2026", NOON),
        ("Mon, 2 Mar 2026 12:00:60 +0000", NOON + timedelta(seconds=59)),
        ("Mon, 01 Jan 1601 00:00:00 +0000", datetime(1601, 1, 1, tzinfo=UTC)),
        ("Fri, 31 Dec 9999 23:59:59 -0800", None),
        ("Mon, 32 Mar 2026 12:00:00 +0000", None),
        ("Mon, 2 Xyz 2026 12:00:00 +0000", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_dates_in_all_their_forms(text: str, expected: datetime | None) -> None:
    assert parse_date(text) == expected


@pytest.mark.parametrize(
    "line",
    [
        "From a@b.example Mon Mar  2 12:00:00 2026",
        "From 1790@xxx Mon Mar 02 12:00:00 +0000 2026",
        "From - Mon Mar 2 13:00:00 +0100 2026",
    ],
)
def test_the_date_of_a_from_line(line: str) -> None:
    assert parse_asctime(line) == NOON


@settings(deadline=None)
@given(st.text(max_size=300))
def test_no_text_breaks_the_reading_of_dates(text: str) -> None:
    for moment in (parse_date(text), parse_asctime(text)):
        assert moment is None or moment.tzinfo is UTC


# The name of a mail, wherever it lies


def test_the_same_mail_has_the_same_key_however_it_is_folded() -> None:
    folded = TYPICAL.replace(b": <one", b":\n\t<one").replace(b"Subject: ", b"subject:").replace(b"\n", b"\r\n")
    moved = b"Received: by x; Mon, 2 Mar 2026 12:00:01 +0000\n" + TYPICAL
    zone = TYPICAL.replace(b"13:00:00 +0100", b"12:00:00 +0000 (UTC)")
    assert {read(raw).dedupe_key for raw in (TYPICAL, folded, moved, zone)} == {read(TYPICAL).dedupe_key}


@pytest.mark.parametrize(
    "change", [(b"<one@", b"<two@"), (b"ana@", b"bob@"), (b"13:00", b"13:01"), (b"Date: Mon", b"Date: x Mon")]
)
def test_another_id_sender_or_date_is_another_mail(change: tuple[bytes, bytes]) -> None:
    assert read(TYPICAL.replace(*change)).dedupe_key != read(TYPICAL).dedupe_key


def test_a_key_is_short_hexadecimal() -> None:
    key = read(TYPICAL).dedupe_key
    assert (len(key), int(key, 16) >= 0) == (32, True)


# Text for people


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"=?utf-8?q?M=C3=BCller_und_S=C3=B6hne?=", "Müller und Söhne"),
        (b"=?UTF-8?B?TcO8?=\n =?UTF-8?B?bGxlcg==?=", "Müller"),
        (b"=?utf-8?q?M=C3?=\n\t=?utf-8?q?=BCller?=", "Müller"),
        (b"Re: =?iso-8859-1*de?Q?M=FCller?= again", "Re: Müller again"),
        (b"=?iso-8859-1?q?M=FC?= =?utf-8?q?ller?=", "Müller"),
        (b"=?us-ascii?q?M=FCller?=", "Müller"),
        (b"=?utf-8?q?M=FCller?=", "Müller"),
        (b"=?no-such-set?q?M=C3=BCller?=", "Müller"),
        (b"=?zlib?b?eJw=?=", "x"),
        (b"=?utf-8?b?A?= next", "=?utf-8?b?A?= next"),
        (b"=?utf-8?x?what?=", "=?utf-8?x?what?="),
        ("Müller".encode(), "Müller"),
        ("Müller".encode("latin-1"), "Müller"),
        (b"A\0B", "AB"),
        (b"two\n  lines", "two lines"),
        (b"=?utf-8?q?evil=0A=0DBcc:_x=1B[31m=E2=80=AEtxt?=", "evil Bcc: x[31mtxt"),
        (b"=?utf-7?q?+2AA-x?=", "x"),
    ],
)
def test_subjects_are_decoded_and_harmless(raw: bytes, expected: str) -> None:
    assert read(TYPICAL.replace(b"Offer", raw)).subject == expected


def test_a_header_may_mix_utf8_and_latin1() -> None:
    message = read(TYPICAL.replace(b"Offer", "ü".encode("latin-1")).replace(b"Ana", "Äna".encode()))
    assert (message.subject, message.author) == ("ü", Party("ana@acme.example", "Äna"))


@settings(deadline=None)
@given(st.text(max_size=200))
def test_clean_text_is_fit_to_show_and_to_store(text: str) -> None:
    shown = clean(decoded(text))
    shown.encode()
    assert not set(shown) & set("\n\r\t\x1b\x07\u202e\u2066\u200f\ufeff")
    assert shown == clean(shown)


# Bounds


@pytest.mark.parametrize(
    "hostile",
    [
        b"X-Big: " + b"a" * 1_000_000,
        b"Subject: " + b"=?a?q?" * 170_000,
        b"To: " + b'"\\' * 500_000,
        b"To: " + b"(" * 1_000_000,
        b"To: " + b'"x"' + b"<" * 1_000_000,
        b"To: " + b"a(b" * 300_000,
        b"To: " + b",".join(b"=?ab?q?" * 100 + b"<%d@x.example>" % n for n in range(1300)),
        b"References: " + b"<" * 1_000_000,
        b"Message-ID: " + b"<" * 1_000_000,
        b"Date: " + b"1 " * 500_000,
        b"Content-Type: " + b"a;" * 500_000,
        b"Received: ;;\n" * 80_000,
        b"a\n" * 500_000,
        b"\r" * 1_000_000,
    ],
    ids=lambda hostile: repr(hostile[:16]),
)
def test_a_header_of_a_megabyte_is_read_in_no_time(hostile: bytes) -> None:
    started = time.process_time()
    message = read(hostile.rstrip(b"\n") + b"\n" + TYPICAL)
    assert time.process_time() - started < 2
    assert message.author == Party("ana@acme.example", "Ana")


def test_ten_thousand_recipients_are_counted_and_two_hundred_kept() -> None:
    people = b",\n ".join(b"Person %d <person%d@example.com>" % (n, n) for n in range(10_000))
    message = read(b"To: " + people + b"\n" + TYPICAL.replace(b"To: sam@carter.example\n", b""))
    assert (message.recipients, len(message.to)) == (10_000, 200)
    assert message.to[1] == Party("person1@example.com", "Person 1")


def test_a_subject_is_bounded() -> None:
    assert len(with_field(b"").subject) < MAX_SUBJECT
    assert len(read(TYPICAL.replace(b"Offer", b"x" * 100_000)).subject) == MAX_SUBJECT


def test_the_end_of_a_header_is_found_or_not() -> None:
    assert header_end(b"A: b\n\nbody") == 5
    assert header_end(b"A: b\r\n\r\nbody") == 6
    assert header_end(b"A: b\n") == -1
    assert header_end(b"\r\nbody") == 0


field_names = st.sampled_from([field.encode() for field in HEADER_FIELDS])
field_lines = st.builds(lambda name, value: name + b": " + value, field_names, st.binary(max_size=120))
headers = st.one_of(st.binary(max_size=2000), st.lists(field_lines, max_size=20).map(b"\n".join))


@settings(max_examples=300, deadline=None)
@given(headers, st.one_of(st.none(), st.datetimes(timezones=st.just(UTC))))
def test_any_bytes_are_a_message_or_broken(raw: bytes, stored_at: datetime | None) -> None:
    try:
        message = read(raw, stored_at)
    except BrokenMessage:
        return
    assert datetime(1989, 12, 1, tzinfo=UTC) < message.at < datetime(2101, 1, 1, tzinfo=UTC)
    assert repr(message).encode().decode() == repr(read(raw, stored_at))


def test_an_answering_machine_says_until_when_and_a_person_does_not() -> None:
    away = b"Subject: Automatic reply: back on 9 March\n"
    assert with_field(b"").away_until is None
    assert read(TYPICAL.replace(b"Subject: Offer\n", away)).away_until == datetime(2026, 3, 9, tzinfo=UTC)
    assert read(TYPICAL.replace(b"Subject: Offer\n", b"Subject: I am back on 9 March\n")).away_until is None


def test_only_a_person_apologises() -> None:
    sorry = TYPICAL.replace(b"Subject: Offer", b"Subject: Sorry I missed our call")
    assert read(sorry).apology
    assert not read(sorry + b"List-Id: <news.example>\n").apology
    assert not with_field(b"").apology


def test_answers_are_led_to_the_addresses_of_reply_to() -> None:
    assert reply_addresses(TYPICAL + b"Reply-To: Jo <jo@x.example>, a@b.example\n") == {"jo@x.example", "a@b.example"}
    assert reply_addresses(TYPICAL) == frozenset()
