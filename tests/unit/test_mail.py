from __future__ import annotations

from datetime import UTC, datetime

from keepwarm.connectors.calendar_parts import SEALED, Invitation
from keepwarm.connectors.mail import observe
from keepwarm.storage.observations import MessageKind, MessageSeen, Method, Rejected

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HEADER = b"From: Ana <ana@acme.example>\nSubject: Lunch\nMessage-ID: <1@acme.example>\n"
INVITATION = (
    b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nUID:lunch@acme.example\r\n"
    b"DTSTAMP:20260302T100000Z\r\nDTSTART:20260304T110000Z\r\nDTEND:20260304T120000Z\r\nSUMMARY:Lunch\r\n"
    b"ORGANIZER:mailto:ana@acme.example\r\nATTENDEE:mailto:sam@carter.example\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


def look(header: bytes, data: bytes | None = None) -> tuple[MessageSeen | None, Rejected | None]:
    calendar_part = None if data is None else Invitation(data)
    return observe(header, source_key="7", where="INBOX, 7", stored_at=NOON, size=99, calendar_part=calendar_part)


def test_a_plain_mail_is_a_message_and_nothing_is_rejected() -> None:
    message, rejected = look(HEADER)
    assert message is not None
    assert (message.kind, message.meetings, rejected) == (MessageKind.HUMAN, (), None)


def test_an_invitation_brings_its_meeting_along() -> None:
    message, rejected = look(HEADER, INVITATION)
    assert message is not None
    assert (message.kind, rejected) == (MessageKind.INVITATION, None)
    (meeting,) = message.meetings
    assert (meeting.method, meeting.sent_by) == (Method.REQUEST, "ana@acme.example")
    assert (meeting.ical_uid, meeting.written_at) == ("lunch@acme.example", NOON)


def test_a_broken_invitation_costs_the_meeting_and_not_the_message() -> None:
    message, rejected = look(HEADER, INVITATION.replace(b"DTSTART:2026", b"DTSTART:MMXXVI"))
    assert message is not None
    assert (message.kind, message.meetings) == (MessageKind.INVITATION, ())
    assert rejected is not None
    assert (rejected.source_key, rejected.where) == ("7", "INBOX, 7")


def test_a_mail_in_outlooks_own_format_counts_and_is_noted_as_unread() -> None:
    message, rejected = observe(HEADER, source_key="7", where="INBOX, 7", stored_at=NOON, size=99, calendar_part=SEALED)
    assert message is not None
    assert (message.kind, message.meetings) == (MessageKind.HUMAN, ())
    assert rejected is not None
    assert "winmail.dat" in rejected.reason


def test_the_method_may_be_named_beside_the_calendar_only() -> None:
    data = INVITATION.replace(b"METHOD:REQUEST\r\n", b"")
    message, _ = observe(
        HEADER, source_key="7", where="", stored_at=NOON, size=99, calendar_part=Invitation(data, "request")
    )
    assert message is not None
    assert [meeting.method for meeting in message.meetings] == [Method.REQUEST]


def test_one_broken_event_of_an_invitation_is_noted_and_the_others_are_read() -> None:
    event = INVITATION[INVITATION.index(b"BEGIN:VEVENT") : INVITATION.index(b"END:VCALENDAR")]
    broken = event.replace(b"DTSTART:2026", b"DTSTART:MMXXVI")
    message, rejected = look(HEADER, INVITATION.replace(b"END:VCALENDAR", broken + b"END:VCALENDAR"))
    assert message is not None
    assert [meeting.ical_uid for meeting in message.meetings] == ["lunch@acme.example"]
    assert rejected is not None
    assert rejected.source_key == "7"


def test_a_broken_header_is_rejected_with_its_place() -> None:
    message, rejected = look(b"nothing", INVITATION)
    assert message is None
    assert rejected is not None
    assert (rejected.source_key, rejected.where) == ("7", "INBOX, 7")
    assert rejected.reason.endswith(".")
