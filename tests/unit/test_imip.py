"""Invitation mails as meetings."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keepwarm.connectors.contentlines import KEPT
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


@pytest.mark.parametrize("method", sorted(set(Method) - {Method.CALENDAR, Method.ATTENDANCE}))
def test_each_method_that_says_something_is_read(method: Method) -> None:
    (seen,) = read(part(method.upper()))
    assert (seen.method, seen.sent_by, seen.written_at) == (method, "ana@acme.example", AT)
    assert (seen.source_key, seen.ical_uid) == ("1:42", "one")


@pytest.mark.parametrize("method", ["PUBLISH", "ADD", "REFRESH", "ATTENDANCE", ""])
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


@pytest.mark.parametrize(
    ("start", "identity"),
    [
        ("DTSTART;TZID=Europe/Berlin:20260309T090000\n", "20260309T080000Z"),
        ("DTSTART;VALUE=DATE:20260310\n", "20260309"),
        ("", "20260309"),
    ],
)
def test_an_instance_that_is_named_by_its_day_is_the_one_that_calendars_name_by_its_time(
    start: str, identity: str
) -> None:
    (seen,) = read(part("CANCEL", f"{start}RECURRENCE-ID;VALUE=DATE:20260309\nSTATUS:CANCELLED"))
    assert seen.recurrence_id == identity


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


RELAY = "mailto:2_gezdg@imip.me.com"
APPLE = "noreply@email.apple.com"


def by_service(
    method: str,
    people: str,
    *,
    sent_by: str = APPLE,
    reply_to: tuple[str, ...] = (),
    to: tuple[str, ...] = ("me@b.example",),
) -> str:
    data = part(method, f"{TIMES}\n{people}")
    (seen,) = meetings_in(data, source_key="1", sent_by=sent_by, at=AT, reply_to=reply_to, recipients=to)
    return seen.sent_by


@pytest.mark.parametrize("method", ["REQUEST", "CANCEL"])
def test_a_service_speaks_for_the_organiser_whom_it_relays(method: str) -> None:
    assert by_service(method, f"ORGANIZER;EMAIL=ana@acme.example:{RELAY}") == "ana@acme.example"


def test_a_service_speaks_for_the_organiser_to_whom_answers_go() -> None:
    people, google = "ORGANIZER:mailto:ana@acme.example", "calendar-notification@google.com"
    assert by_service("REQUEST", people, sent_by=google, reply_to=("ana@acme.example",)) == "ana@acme.example"
    assert by_service("REQUEST", people, sent_by=google, reply_to=("eve@evil.example",)) == google


def test_a_service_speaks_for_the_one_attendee_who_answers() -> None:
    ana, bob = (f"ATTENDEE;EMAIL={who}@acme.example;PARTSTAT=DECLINED:{RELAY}" for who in ("ana", "bob"))
    assert by_service("REPLY", ana) == "ana@acme.example"
    assert by_service("REPLY", f"{ana}\n{bob}") == APPLE


@pytest.mark.parametrize(
    "people",
    [
        "ORGANIZER:mailto:ana@acme.example",  # nothing shows that the service knows her
        "ORGANIZER;EMAIL=ana@acme.example:mailto:x@imip.me.com.evil.example",
        f"ORGANIZER:{RELAY}",
        "SUMMARY:nobody",
    ],
)
def test_a_service_speaks_for_nobody_it_does_not_show_to_know(people: str) -> None:
    assert by_service("REQUEST", people) == APPLE


def test_a_service_never_speaks_for_who_only_got_the_mail() -> None:
    assert by_service("REQUEST", f"ORGANIZER;EMAIL=me@b.example:{RELAY}") == APPLE


def test_no_other_sender_speaks_for_whom_a_relay_stands() -> None:
    people = f"ORGANIZER;EMAIL=ana@acme.example:{RELAY}"
    assert by_service("REQUEST", people, sent_by="noreply@evil.example") == "noreply@evil.example"


@pytest.mark.parametrize("method", ["REPLY", "CANCEL", "DECLINECOUNTER"])
def test_what_names_a_meeting_and_no_time_has_the_mails_own(method: str) -> None:
    (seen,) = read(part(method, "SEQUENCE:2"))
    assert (seen.start, seen.end, seen.sequence) == (AT, AT, 2)
    assert "no-start" in seen.flaws


@pytest.mark.parametrize(
    ("comment", "subject"),
    [
        ("Declined because I am out of office", "Declined: Review"),
        ("Bin\\, leider\\nim Urlaub", "Abgelehnt: Review"),
        ("", "Abgelehnt: Review (Abwesend)"),
        ("", "Declined: Review (out of office)"),
    ],
)
def test_a_refusal_that_names_an_absence_says_so(comment: str, subject: str) -> None:
    answer = f"{TIMES}\nSUMMARY:Declined: Review\nATTENDEE;PARTSTAT=DECLINED:mailto:ana@acme.example\nCOMMENT:{comment}"
    (seen,) = meetings_in(part("REPLY", answer), source_key="1", sent_by="ana@acme.example", at=AT, subject=subject)
    assert seen.away
    assert seen.summary == "Review"
    assert not comment or comment not in repr(seen)


def test_google_keeps_the_reason_beside_the_answer() -> None:
    answer = 'ATTENDEE;PARTSTAT=DECLINED;X-RESPONSE-COMMENT="I am out of office":mailto:ana@acme.example'
    (seen,) = read(part("REPLY", f"{TIMES}\n{answer}"))
    assert seen.away


@pytest.mark.parametrize(
    ("answer", "comment", "title"),
    [
        ("DECLINED", "No time", "Review"),
        ("ACCEPTED", "Back from being out of office", "Review"),
        ("DECLINED", "", "Out of office rules"),  # what the meeting is about is not why they decline
    ],
)
def test_another_answer_names_no_absence(answer: str, comment: str, title: str) -> None:
    lines = f"{TIMES}\nSUMMARY:{title}\nATTENDEE;PARTSTAT={answer}:mailto:ana@acme.example\nCOMMENT:{comment}"
    (seen,) = meetings_in(
        part("REPLY", lines), source_key="1", sent_by="ana@acme.example", at=AT, subject=f"Declined: {title}"
    )
    assert not seen.away


def test_several_occurrences_in_one_mail_are_several_meetings() -> None:
    moved = [f"{TIMES}\nRECURRENCE-ID:202603{day:02d}T090000Z" for day in (9, 16, 23)]
    assert [seen.recurrence_id[:8] for seen in read(part("REQUEST", *moved))] == ["20260309", "20260316", "20260323"]


def test_who_may_speak_for_the_organiser_is_read() -> None:
    (seen,) = read(part("REQUEST", TIMES + '\nORGANIZER;SENT-BY="mailto:PA@Acme.example":mailto:ana@acme.example'))
    assert seen.agent == "pa@acme.example"


PROPERTIES = sorted(KEPT - {b"METHOD", b"TZID"})
EVENT_LINES = st.lists(
    st.builds(
        lambda name, parameter, value: f"{name.decode()}{parameter}:{value}",
        st.sampled_from(PROPERTIES),
        st.sampled_from(
            ["", ";TZID=Europe/Berlin", ";VALUE=DATE", ";VALUE=PERIOD", ";PARTSTAT=DECLINED", ';X="', ";EMAIL=a@b.c"]
        ),
        st.sampled_from(
            ["20260302", "20260302T090000Z", "20260302T090000", "20260302T090000Z/PT1H", "99991231T235959Z", "OOF"]
        )
        | st.sampled_from(
            ["PT1H", "-P1D", "P99999999W", "FREQ=DAILY;UNTIL=20260401", "mailto:a@b.example", "3", "CANCELLED"]
        )
        | st.text(max_size=30),
    ),
    max_size=12,
)


@given(
    st.sampled_from(["REQUEST", "REPLY", "CANCEL", "COUNTER", "DECLINECOUNTER", "x"]),
    EVENT_LINES,
    st.binary(max_size=50),
)
def test_any_lines_are_meetings_or_broken(method: str, lines: list[str], junk: bytes) -> None:
    data = part(method, "\n".join(lines), TIMES).replace(b"END:VCALENDAR", junk + b"\nEND:VCALENDAR")
    try:
        found = meetings_in(data, source_key="1", sent_by="a@b.example", at=AT, subject="Out of office")
    except BrokenCalendar as broken:
        assert broken.reason  # noqa: PT017 - whether it is raised is the input's affair
        return
    assert all(seen.start <= seen.end and seen.start.tzinfo is UTC for seen in found)
