"""One VEVENT as a meeting."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from keepwarm.connectors.attendees import MAX_ATTENDEES
from keepwarm.connectors.contentlines import MAX_COMPONENT, components, parse_line
from keepwarm.connectors.icalendars import BrokenCalendar, event_of
from keepwarm.connectors.zones import Zones, embedded_zones, known_zone
from keepwarm.storage.observations import Answer, MeetingSeen, MeetingStatus

BERLIN = ZoneInfo("Europe/Berlin")
ODD_ZONE = """BEGIN:VTIMEZONE
TZID:Customized Time Zone
BEGIN:STANDARD
DTSTART:16010101T000000
TZOFFSETFROM:+0545
TZOFFSETTO:+0545
END:STANDARD
END:VTIMEZONE
"""


def meeting(*lines: str, around: str = "") -> MeetingSeen:
    """Read a VEVENT of ``lines``; a UID and a start are added if they are missing."""
    given = [*lines]
    if not any(line.startswith("UID") for line in given):
        given.append("UID:one")
    if not any(line.startswith(("DTSTART", "RECURRENCE-ID")) for line in given):
        given.append("DTSTART:20260302T090000Z")
    body = "\n".join(["BEGIN:VCALENDAR", around + "BEGIN:VEVENT", *given, "END:VEVENT", "END:VCALENDAR"])
    parts = list(components(io.BytesIO(body.encode())))
    zones = Zones(owner=BERLIN, embedded=embedded_zones(part for part in parts if part.name == "VTIMEZONE"))
    return event_of(next(part for part in parts if part.name == "VEVENT"), zones).seen


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("lines", "end"),
    [
        (["DTEND:20260302T100000Z"], at(2, 10)),
        (["DURATION:PT45M"], at(2, 9, 45)),
        (["DTSTART;TZID=Europe/Berlin:20260328T120000", "DURATION:PT24H"], at(29, 11)),
        ([], at(2, 9)),
        (["DTSTART;VALUE=DATE:20260302"], at(2, 23)),
        (["DTSTART;VALUE=DATE:20260302", "DURATION:P2D"], at(3, 23)),
    ],
)
def test_an_end_is_given_counted_or_the_default(lines: list[str], end: datetime) -> None:
    assert meeting(*lines).end == end


def test_a_missing_end_is_a_flaw() -> None:
    assert meeting().flaws == ("no-end",)


def test_an_end_before_the_start_is_mended() -> None:
    seen = meeting("DTEND:20260301T090000Z")
    assert (seen.end, seen.flaws) == (seen.start, ("end-before-start",))


@pytest.mark.parametrize(
    ("tzid", "hour"),
    [
        ("Europe/Berlin", 8),
        ("W. Europe Standard Time", 8),
        ("/mozilla.org/20050126_1/Europe/Berlin", 8),
        ("UTC", 9),
    ],
)
def test_zones_are_known_by_iana_windows_and_prefixed_names(tzid: str, hour: int) -> None:
    seen = meeting(f"DTSTART;TZID={tzid}:20260302T090000", "DURATION:PT1H")
    assert (seen.start, seen.flaws) == (at(2, hour), ())


def test_an_unknown_zone_is_read_from_the_calendars_own_definition() -> None:
    seen = meeting("DTSTART;TZID=Customized Time Zone:20260302T090000", "DURATION:PT1H", around=ODD_ZONE)
    assert (seen.start, seen.flaws) == (at(2, 3, 15), ())


SUMMER_ZONE = """BEGIN:VTIMEZONE
TZID:Home
BEGIN:STANDARD
DTSTART:16010101T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE
"""


@pytest.mark.parametrize(("day", "hour"), [(28, 8), (29, 7), (30, 7)])
def test_an_embedded_zone_changes_its_clocks(day: int, hour: int) -> None:
    assert meeting(f"DTSTART;TZID=Home:202603{day}T090000", around=SUMMER_ZONE).start == at(day, hour)


def test_a_definition_in_one_calendar_does_not_reach_the_next() -> None:
    meeting(around=ODD_ZONE)
    assert "unknown-timezone" in meeting("DTSTART;TZID=Customized Time Zone:20260302T090000").flaws


def test_an_unknown_zone_is_taken_for_the_owners_and_marked() -> None:
    seen = meeting("DTSTART;TZID=Nowhere/Land:20260302T090000", "DURATION:PT1H")
    assert (seen.start, seen.flaws) == (at(2, 8), ("unknown-timezone",))


@pytest.mark.parametrize("rule", ["FREQ=SECONDLY", "FREQ=YEARLY;BYSETPOS=400", "nonsense"])
def test_a_hostile_zone_definition_is_not_used(rule: str) -> None:
    hostile = ODD_ZONE.replace("TZOFFSETFROM", f"RRULE:{rule}\nTZOFFSETFROM")
    assert "unknown-timezone" in meeting("DTSTART;TZID=Customized Time Zone:20260302T090000", around=hostile).flaws


@pytest.mark.parametrize("name", ["Europe", "../../etc/passwd", "", "/", "Europe/Berlin\0"])
def test_a_name_that_is_no_zone_is_no_zone(name: str) -> None:
    assert known_zone(name) is None


def test_a_floating_time_is_the_owners() -> None:
    assert meeting("DTSTART:20260302T090000").start == at(2, 8)


def test_an_all_day_meeting_begins_at_the_owners_midnight() -> None:
    seen = meeting("DTSTART;VALUE=DATE:20260302", "DTEND;VALUE=DATE:20260303")
    assert (seen.all_day, seen.start, seen.end) == (True, at(1, 23), at(2, 23))


@pytest.mark.parametrize(
    ("line", "identity"),
    [
        ("RECURRENCE-ID;TZID=Europe/Berlin:20260302T090000", "20260302T080000Z"),
        ("RECURRENCE-ID;VALUE=DATE:20260302", "20260302"),
    ],
)
def test_a_recurrence_id_is_written_one_way(line: str, identity: str) -> None:
    seen = meeting(line, "DTSTART:20260303T090000Z")
    assert (seen.recurrence_id, seen.source_key) == (identity, f"one/{identity}")


@pytest.mark.parametrize(
    "line",
    [
        "DTSTART:garbage",
        "DTSTART:20261301T090000Z",
        "DTSTART:16010101T000000Z",
        "DTSTART:99990101T000000Z",
        "DTSTART:P1D",
        "DTSTART:120000",
        "DTEND:tomorrow",
        "DURATION:long",
        "RRULE:every monday",
        "RRULE:INTERVAL=2",
        "RECURRENCE-ID:never",
        "EXDATE:never",
    ],
)
def test_a_bad_property_is_told_without_its_contents(line: str) -> None:
    with pytest.raises(BrokenCalendar) as caught:
        meeting(line)
    assert caught.value.reason
    assert line.partition(":")[2] not in caught.value.reason


def test_faults_in_what_is_not_read_do_no_harm() -> None:
    alarm = ["BEGIN:VALARM", "TRIGGER:soon", "DURATION:x", "END:VALARM"]
    seen = meeting("GEO:nowhere", "X-VENDOR;;;:", *alarm, "URL", "DURATION:PT1H")
    assert seen.flaws == ()


def test_dtstamp_does_not_say_when_a_meeting_changed() -> None:
    assert meeting("DTSTAMP:20260301T000000Z").written_at is None


def test_a_meeting_was_written_when_it_was_last_modified_else_created() -> None:
    created = "CREATED:20260101T000000Z"
    assert meeting(created).written_at == datetime(2026, 1, 1, tzinfo=UTC)
    seen = meeting(created, "LAST-MODIFIED:20260301T120000Z")
    assert (seen.written_at, seen.created_at) == (at(1, 12), datetime(2026, 1, 1, tzinfo=UTC))


def test_a_bad_sequence_or_timestamp_is_mended() -> None:
    assert meeting("SEQUENCE:many", "CREATED:16010101T000000Z", "DURATION:PT1H").flaws == (
        "bad-sequence",
        "bad-timestamp",
    )


def test_status_sequence_and_transparency_are_read() -> None:
    seen = meeting("STATUS:tentative", "SEQUENCE:7", "TRANSP:TRANSPARENT", "CLASS:PRIVATE")
    assert (seen.status, seen.sequence, seen.busy) == (MeetingStatus.TENTATIVE, 7, False)


def test_an_attendee_is_read_whole() -> None:
    seen = meeting(
        'ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=OPT-PARTICIPANT;PARTSTAT=ACCEPTED;CN="Bloggs, Jo\u202e";RSVP=TRUE',
        " :MAILTO:Jo@Acme.Example",
    )
    (jo,) = seen.attendees
    assert (jo.address, jo.name, jo.answer) == ("jo@acme.example", "Bloggs, Jo", Answer.ACCEPTED)
    assert (jo.required, jo.person) == (False, True)


@pytest.mark.parametrize("kind", ["ROOM", "resource", "GROUP"])
def test_a_room_is_no_person(kind: str) -> None:
    assert not meeting(f"ATTENDEE;CUTYPE={kind}:mailto:r1@example.com").attendees[0].person


@pytest.mark.parametrize("value", ["mailto:", "invalid:nomail", "jo", "mailto:a b@c", "/O=EXCHANGE/CN=JO"])
def test_an_attendee_whom_mail_cannot_reach_is_left_out(value: str) -> None:
    seen = meeting(f"ATTENDEE;CN=Jo:{value}", f"ORGANIZER:{value}")
    assert (seen.attendees, seen.organizer) == ((), None)
    assert "attendee-without-address" in seen.flaws


@pytest.mark.parametrize("line", ["ATTENDEE:jo@x.example", "ATTENDEE;EMAIL=jo@x.example:urn:uuid:1"])
def test_an_address_is_found_without_mailto(line: str) -> None:
    assert meeting(line).attendees[0].address == "jo@x.example"


def test_attendees_are_bounded() -> None:
    seen = meeting(*(f"ATTENDEE:mailto:a{number}@x.example" for number in range(MAX_ATTENDEES + 100)))
    assert len(seen.attendees) == MAX_ATTENDEES
    assert "too-many-attendees" in seen.flaws


def test_the_answer_of_one_who_is_named_twice_is_kept() -> None:
    seen = meeting("ATTENDEE:mailto:jo@x.example", "ATTENDEE;PARTSTAT=DECLINED:mailto:jo@x.example")
    assert [jo.answer for jo in seen.attendees] == [Answer.DECLINED]


def test_a_summary_is_unescaped_cleaned_and_bounded() -> None:
    assert meeting("SUMMARY:Lunch\\, then\\nwalk\u202e\x07").summary == "Lunch, then walk"
    assert len(meeting("SUMMARY:" + "x" * 5000).summary) == 998


def test_an_event_without_uid_is_named_by_its_contents() -> None:
    one, other = meeting("UID:"), meeting("UID:", "SUMMARY:other")
    assert one.ical_uid == meeting("UID:").ical_uid != other.ical_uid
    assert "no-uid" in one.flaws


def test_a_pattern_is_written_one_way_and_without_skipped_dates() -> None:
    one = meeting("RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO", "EXDATE:20260316T090000Z")
    other = meeting("RRULE:BYDAY=MO;FREQ=WEEKLY;INTERVAL=2")
    assert one.pattern == other.pattern == "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO"


def test_a_huge_event_is_cut_and_marked() -> None:
    dates = ",".join(["20260302T090000Z"] * 200_000)
    seen = meeting(f"RDATE:{dates}")
    assert "too-large" in seen.flaws


def test_what_is_kept_of_a_component_is_bounded() -> None:
    lines = ["BEGIN:VEVENT", *(["SUMMARY:" + "x" * 1000] * 1000), "END:VEVENT"]
    (part,) = components(io.BytesIO("\n".join(lines).encode()))
    assert part.cut
    assert sum(map(len, part.lines)) <= MAX_COMPONENT


def test_nesting_without_end_costs_nothing() -> None:
    (part,) = components(io.BytesIO(b"BEGIN:VCALENDAR\n" + b"BEGIN:X\n" * 100_000))
    assert (part.ended, part.lines) == (False, ())


def test_an_event_that_never_ends_does_not_swallow_the_next() -> None:
    text = b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:a\nBEGIN:VEVENT\nUID:b\nEND:VEVENT\nEND:VCALENDAR\n"
    events = [part for part in components(io.BytesIO(text)) if part.name == "VEVENT"]
    assert [(part.lines, part.ended) for part in events] == [(("UID:a",), False), (("UID:b",), True)]


def test_a_line_folded_inside_a_character_is_joined() -> None:
    text = b"BEGIN:VEVENT\r\nSUMMARY:Gr" + b"\xc3\r\n \xbc\xc3\x9fe\r\nEND:VEVENT\r\n"
    (part,) = components(io.BytesIO(text))
    assert part.lines == ("SUMMARY:Grüße",)


def test_a_parameter_may_hold_separators_and_carets() -> None:
    found = parse_line('ATTENDEE;CN="A; B: ^\'C^\'";X=1,"2,3":mailto:a@b.example')
    assert found is not None
    assert found.parameters == {"CN": 'A; B: "C"', "X": "1,2,3"}
    assert found.value == "mailto:a@b.example"


@pytest.mark.parametrize(
    ("line", "tzid"),
    [
        ("DTSTART;TZID=tzone://Microsoft/Utc:20260302T090000", "tzone://Microsoft/Utc"),
        ("EXDATE;TZID=(UTC+01:00) Berlin;X-A=B:20260302T090000", "(UTC+01:00) Berlin"),
        ("DTEND;VALUE=DATE-TIME;TZID=GMT+01:00:20260302T090000", "GMT+01:00"),
        ('DTSTART;TZID="GMT+01:00":20260302T090000', "GMT+01:00"),
    ],
)
def test_a_zones_name_may_hold_colons_without_quotes_around_it(line: str, tzid: str) -> None:
    found = parse_line(line)
    assert found is not None
    assert (found.parameters["TZID"], found.value) == (tzid, "20260302T090000")


ALL_DAY = "DTSTART;VALUE=DATE:20260302"
OTHER = "ATTENDEE:mailto:jo@acme.example"


@pytest.mark.parametrize(
    "lines",
    [
        ["SUMMARY:Urlaub", ALL_DAY],
        ["SUMMARY:Out of office", "DTSTART:20260302T090000Z", "DURATION:PT4H"],
        ["SUMMARY:Lisbon", "X-MICROSOFT-CDO-BUSYSTATUS:OOF", ALL_DAY],
        ["SUMMARY:Dentist", "X-MICROSOFT-CDO-BUSYSTATUS:OOF", "DURATION:PT1H"],
        ["SUMMARY:Away", "X-MICROSOFT-CDO-BUSYSTATUS:TENTATIVE", "X-MICROSOFT-CDO-INTENDEDSTATUS:oof", ALL_DAY, OTHER],
    ],
)
def test_an_absence_is_told_by_its_mark_or_by_the_title_of_what_lasts(lines: list[str]) -> None:
    assert meeting(*lines).away


@pytest.mark.parametrize(
    "lines",
    [
        ["SUMMARY:Out of office", "DURATION:PT1H"],
        ["SUMMARY:Vacation planning meeting", ALL_DAY],
        ["SUMMARY:Workshop", "X-MICROSOFT-CDO-BUSYSTATUS:OOF", "DURATION:PT2H", OTHER],  # at the client's
        ["SUMMARY:Lisbon", "X-MICROSOFT-CDO-BUSYSTATUS:BUSY", ALL_DAY],
    ],
)
def test_a_meeting_is_no_absence(lines: list[str]) -> None:
    assert not meeting(*lines).away


@pytest.mark.parametrize("line", ["TRANSP:TRANSPARENT", "X-MICROSOFT-CDO-BUSYSTATUS:FREE"])
def test_what_takes_no_time_is_free_unless_it_is_cancelled(line: str) -> None:
    assert not meeting(line).busy
    assert meeting(line, "STATUS:CANCELLED").busy


def test_a_cancelled_meeting_keeps_its_title() -> None:
    assert meeting("SUMMARY:Abgesagt: Lunch", "STATUS:CANCELLED").summary == "Lunch"
    assert meeting("SUMMARY:Canceled: the play").summary == "Canceled: the play"


@pytest.mark.parametrize(
    "address",
    [
        "c_188eq7x@resource.calendar.google.com",
        "acme.example_3f@group.calendar.google.com",
        "de.german#holiday@group.v.calendar.google.com",
        "unknownorganizer@calendar.google.com",
        "2_gezdg@imip.me.com",
    ],
)
def test_a_calendars_own_address_is_nobody(address: str) -> None:
    seen = meeting(f"ORGANIZER:mailto:{address}", f"ATTENDEE:mailto:{address}")
    assert seen.organizer is not None
    assert seen.organizer.robot
    assert [(one.person, one.robot) for one in seen.attendees] == [(False, True)]


def test_a_person_behind_a_relay_is_known_by_their_own_address() -> None:
    seen = meeting("ATTENDEE;EMAIL=jo@acme.example:mailto:2_gezdg@imip.me.com")
    assert [(jo.address, jo.person, jo.robot) for jo in seen.attendees] == [("jo@acme.example", True, False)]
