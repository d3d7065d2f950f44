"""Invitation mails as meetings."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from keepwarm.connectors.imip import MAX_EVENTS, MAX_PART, meetings_in
from keepwarm.connectors.zones import BrokenCalendar
from keepwarm.storage.observations import Answer, MeetingSeen, Method

AT = datetime(2026, 3, 1, 8, tzinfo=UTC)
TIMES = "DTSTART:20260302T090000Z\nDTEND:20260302T100000Z"


def part(method: str, *events: str) -> bytes:
    body = "".join(f"BEGIN:VEVENT\nUID:one\n{event}\nEND:VEVENT\n" for event in events or (TIMES,))
    return f"BEGIN:VCALENDAR\nMETHOD:{method}\n{body}END:VCALENDAR\n".encode()


def read(data: bytes) -> tuple[MeetingSeen, ...]:
    return meetings_in(data, source_key="1:42", sent_by="Ana@Acme.example", at=AT)


@pytest.mark.parametrize("method", list(Method)[1:])
def test_each_method_that_says_something_is_read(method: Method) -> None:
    (seen,) = read(part(method.upper()))
    assert (seen.method, seen.sent_by, seen.written_at) == (method, "ana@acme.example", AT)
    assert (seen.source_key, seen.ical_uid) == ("1:42", "one")


@pytest.mark.parametrize("method", ["PUBLISH", "ADD", "REFRESH", ""])
def test_other_methods_say_nothing(method: str) -> None:
    assert read(part(method)) == ()


def test_an_answer_is_read() -> None:
    (seen,) = read(part("REPLY", TIMES + "\nATTENDEE;PARTSTAT=DECLINED:mailto:ana@acme.example"))
    assert [(who.address, who.answer) for who in seen.attendees] == [("ana@acme.example", Answer.DECLINED)]


def test_a_series_gives_its_own_entry_only() -> None:
    (seen,) = read(part("REQUEST", TIMES + "\nRRULE:FREQ=WEEKLY"))
    assert (seen.recurrence_id, seen.pattern) == ("", "FREQ=WEEKLY")


def test_an_instance_gives_its_recurrence_id_even_without_a_start() -> None:
    (seen,) = read(part("CANCEL", "RECURRENCE-ID:20260309T090000Z\nSTATUS:CANCELLED"))
    assert (seen.recurrence_id, seen.start) == ("20260309T090000Z", datetime(2026, 3, 9, 9, tzinfo=UTC))


def test_several_events_have_keys_of_their_own() -> None:
    first, second = read(part("REQUEST", TIMES, TIMES + "\nRECURRENCE-ID:20260309T090000Z"))
    assert (first.source_key, second.source_key) == ("1:42", "1:42#1")


def test_a_floating_time_of_somebody_elsewhere_is_a_flaw() -> None:
    (seen,) = read(part("REQUEST", "DTSTART:20260302T090000\nDURATION:PT1H"))
    assert (seen.start.hour, seen.flaws) == (9, ("floating-time",))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0\xff",
        b"<html></html>",
        part("REQUEST", "STATUS:CONFIRMED"),
        part("REQUEST", "DTSTART:never"),
        part("REQUEST")[: -len("END:VEVENT\nEND:VCALENDAR\n")],
        b"BEGIN:VCALENDAR\n" + b" " * MAX_PART + b"\nEND:VCALENDAR",
    ],
)
def test_a_part_that_means_nothing_is_told(data: bytes) -> None:
    with pytest.raises(BrokenCalendar):
        read(data)


def test_one_bad_event_leaves_the_others_marked() -> None:
    (seen,) = read(part("REQUEST", "DTSTART:never", TIMES))
    assert seen.flaws == ("event-left-out",)


def test_events_of_one_mail_are_bounded() -> None:
    found = read(part("REQUEST", *[TIMES] * (MAX_EVENTS + 1)))
    assert len(found) == MAX_EVENTS
    assert "event-left-out" in found[0].flaws
