"""Mail through Gmail's API: what is read and what is left out, in which order, and at which cost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from keepwarm.connectors.contract import CursorLost, Later, Refused, SignInNeeded
from keepwarm.connectors.google_budget import Budget
from keepwarm.connectors.headers import message_from_headers
from keepwarm.connectors.own_mail import OwnMail
from keepwarm.storage.observations import MessageKind, Method
from tests.google import START, Clock, Hurried, gmail_of, letter, messages, patiently, poll, pulled, seconds

if TYPE_CHECKING:
    from keepwarm.storage.observations import Batch
    from tests.servers.google import Google

READONLY = "https://www.googleapis.com/auth/gmail.readonly"
INVITATION = (
    "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nUID:lunch@google.com\r\nDTSTART:20260310T110000Z\r\n"
    "DTEND:20260310T120000Z\r\nORGANIZER:mailto:ana@acme.example\r\nATTENDEE:mailto:me@example.com\r\n"
    "END:VEVENT\r\nEND:VCALENDAR\r\n"
)


def invitation(number: int) -> bytes:
    mail = letter(number, 'Content-Type: multipart/alternative; boundary="b"').partition(b"\r\n\r\n")[0]
    calendar = f'--b\r\nContent-Type: text/calendar; method="REQUEST"\r\n\r\n{INVITATION}--b--\r\n'
    return mail + b"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nLunch?\r\n" + calendar.encode()


def subjects(batches: list[Batch]) -> list[str]:
    return [one.subject for one in messages(batches)]


def test_the_newest_mail_is_read_first(google: Google) -> None:
    for number in (3, 1, 2):
        google.mail.deliver(letter(number), seconds(number))
    assert subjects(poll(gmail_of(google))) == ["Message 3", "Message 2", "Message 1"]


def test_spam_trash_drafts_and_chats_are_left_out(google: Google) -> None:
    for number, label in enumerate(("SPAM", "TRASH", "DRAFT", "CHAT", "SENT", "INBOX")):
        google.mail.deliver(letter(number), seconds(number), label)
    connector = gmail_of(google)
    first = poll(connector)
    assert subjects(first) == ["Message 5", "Message 4"]
    for number, label in enumerate(("SPAM", "TRASH", "DRAFT", "CHAT", "INBOX"), 10):
        google.mail.deliver(letter(number), seconds(number), label)
    assert subjects(poll(connector, first[-1].cursor)) == ["Message 14"]


@pytest.mark.parametrize("label", ["SPAM", "TRASH", "DRAFT"])
def test_what_leaves_spam_trash_or_the_drafts_is_read_then(google: Google, label: str) -> None:
    number = google.mail.deliver(letter(1), seconds(1), label)
    connector = gmail_of(google)
    cursor = poll(connector)[-1].cursor
    google.mail.relabel(number, remove=[label], add=["INBOX"])
    assert subjects(poll(connector, cursor)) == ["Message 1"]


def test_other_labels_are_no_news(google: Google) -> None:
    number = google.mail.deliver(letter(1), seconds(1), "INBOX", "UNREAD")
    connector = gmail_of(google)
    cursor = poll(connector)[-1].cursor
    google.mail.relabel(number, remove=["UNREAD", "INBOX"])
    before = google.count("/messages/")
    assert subjects(poll(connector, cursor)) == []
    assert google.count("/messages/") == before


def test_a_message_that_is_gone_by_the_time_it_is_fetched_is_left_out(google: Google) -> None:
    google.mail.deliver(letter(1), seconds(1))
    google.mail.lists_gone = ["18f0deadbeef"]
    connector = gmail_of(google)
    first = poll(connector)
    assert subjects(first) == ["Message 1"]
    number = google.mail.deliver(letter(2), seconds(2))
    google.mail.delete(number)
    later = poll(connector, first[-1].cursor)
    assert (subjects(later), [item for batch in later for item in batch.rejected]) == ([], [])


def rejected(batches: list[Batch]) -> list[str]:
    return [item.source_key for batch in batches for item in batch.rejected]


@pytest.mark.parametrize("status", [500, 503, 408])
def test_a_message_that_cannot_be_had_for_a_moment_is_asked_for_again_at_once(google: Google, status: int) -> None:
    ids = [google.mail.deliver(letter(number), seconds(number)) for number in range(3)]
    google.fail(f"/messages/{ids[1]}?", status, times=2)
    found = poll(gmail_of(google))
    assert (subjects(found), rejected(found)) == (["Message 2", "Message 1", "Message 0"], [])
    assert google.count("/messages/") == 3 + 2


def test_a_message_that_cannot_be_had_for_longer_is_not_lost_and_keeps_no_other(google: Google) -> None:
    ids = [google.mail.deliver(letter(number), seconds(number)) for number in range(3)]
    google.fail(f"/messages/{ids[1]}?", 500, times=999)
    connector = gmail_of(google)
    first, later = pulled(connector)
    assert (subjects(first), rejected(first)) == (["Message 2", "Message 0"], [])
    assert later is not None
    google.mail.deliver(letter(4), seconds(4))
    second, later = pulled(connector, first[-1].cursor)
    assert subjects(second) == ["Message 4"]
    assert later is not None
    google.faults.clear()
    third = poll(gmail_of(google), second[-1].cursor)
    assert subjects(third) == ["Message 1"]
    assert poll(connector, third[-1].cursor) == []


def test_what_is_never_handed_over_is_noted_once_and_asked_for_still_for_a_while(google: Google) -> None:
    number = google.mail.deliver(letter(1), seconds(1))
    google.fail(f"/messages/{number}?", 500, times=9999)
    connector, cursor, told = gmail_of(google), None, list[tuple[str, ...]]()
    waits = list[bool]()
    for _ in range(10):
        batches, later = pulled(connector, cursor)
        cursor = batches[-1].cursor
        waits.append(later is not None)
        told += [tuple(rejected([batch])) for batch in batches if batch.rejected]
    assert told == [(number,)]
    assert waits == [True] * 5 + [False] * 5
    google.faults.clear()
    assert subjects(poll(connector, cursor)) == ["Message 1"]


def test_a_message_that_is_refused_for_good_is_rejected_at_once(google: Google) -> None:
    ids = [google.mail.deliver(letter(number), seconds(number)) for number in range(3)]
    google.fail(f"/messages/{ids[1]}?", 400, "invalidArgument", times=999)
    found = poll(gmail_of(google))
    assert (subjects(found), rejected(found)) == (["Message 2", "Message 0"], [ids[1]])
    assert google.count("/messages/") == 3


def test_if_too_many_cannot_be_had_it_is_gmail_and_no_message(google: Google) -> None:
    for number in range(60):
        google.mail.deliver(letter(number), seconds(number))
    google.fail("/messages/", 500, times=999)
    batches, later = pulled(gmail_of(google))
    assert later is not None
    assert batches == []


def test_many_single_messages_that_cannot_be_had_neither_stop_the_reading_nor_are_lost(google: Google) -> None:
    ids = [google.mail.deliver(letter(number), seconds(number)) for number in range(800)]
    withheld = ids[::5]
    for number in withheld:
        google.fail(f"/messages/{number}?", 500, times=9999)
    first, later = pulled(gmail_of(google, Hurried()))
    assert len(messages(first)) == 640
    assert later is not None
    assert sorted(first[-1].cursor["owed"]) == sorted(withheld)  # more than are asked for at a time
    assert rejected(first) == []
    google.faults.clear()
    connector, cursor, found = gmail_of(google, Hurried()), first[-1].cursor, 0
    while cursor.get("owed"):
        batches, _ = pulled(connector, cursor)
        found, cursor = found + len(messages(batches)), batches[-1].cursor
    assert found == len(withheld)


def test_part_of_a_batch_that_is_not_answered_is_asked_for_again(google: Google) -> None:
    for number in range(5):
        google.mail.deliver(letter(number), seconds(number))
    google.answers_left_out = 2
    found = poll(gmail_of(google))
    assert (len(messages(found)), rejected(found)) == (5, [])


def test_an_invitation_that_cannot_be_had_now_is_read_with_its_meeting_later(google: Google) -> None:
    google.tokens.scopes = (READONLY,)
    google.mail.deliver(invitation(1), seconds(1))
    google.mail.deliver(letter(2), seconds(2))
    google.fail("format=raw", 503, times=6)
    connector = gmail_of(google, bodies=True)
    first, later = pulled(connector)
    assert (subjects(first), later is not None) == (["Message 2"], True)
    [message] = messages(poll(connector, first[-1].cursor))
    assert [one.ical_uid for one in message.meetings] == ["lunch@google.com"]


def test_a_mail_dated_ahead_of_the_clock_does_not_shorten_what_is_looked_through_again(google: Google) -> None:
    google.mail.page_size = 2
    for day in range(20):
        google.mail.deliver(letter(day * 1440), seconds(day * 1440))
    google.mail.deliver(letter(99), int(datetime(2040, 1, 1, tzinfo=UTC).timestamp()))
    connector = gmail_of(google, now=lambda: START + timedelta(days=20))
    cursor = poll(connector)[-1].cursor
    assert cursor["newest"] == seconds(19 * 1440) * 1000
    google.mail.deliver(letter(19 * 1440 + 1), seconds(19 * 1440 + 1))
    for spoiled in (cursor, {**cursor, "newest": 2**45}):
        google.mail.forget_history()
        assert f"Message {19 * 1440 + 1}" in subjects(poll(connector, spoiled))


def test_one_mail_is_the_same_by_gmail_and_by_its_header(google: Google) -> None:
    """IMAP, Maildir and mbox name a mail by its header; so does Gmail."""
    bare = letter(2).replace(b"Message-ID: <2@acme.example>\r\n", b"").replace(b"Ana <", b"=?utf-8?q?Ana_=C3=84?= <")
    raws = [letter(1), bare, letter(3, "References: <a@b>\r\n <c@d>", "List-Id: <x.y>", "Received: by x; now")]
    for number, raw in enumerate(raws):
        google.mail.deliver(raw, seconds(number))
    found = {one.dedupe_key: one for one in messages(poll(gmail_of(google)))}
    for raw in raws:
        by_header = message_from_headers(raw, source_key="", stored_at=None, size=0)
        mine = found[by_header.dedupe_key]
        assert (mine.author, mine.references, mine.kind) == (by_header.author, by_header.references, by_header.kind)


def test_lists_and_absences_are_told_from_people(google: Google) -> None:
    google.mail.deliver(letter(1, "List-Unsubscribe: <mailto:x@y>"), seconds(1))
    google.mail.deliver(letter(2, "Auto-Submitted: auto-replied (vacation)"), seconds(2))
    google.mail.deliver(letter(3), seconds(3))
    kinds = [one.kind for one in messages(poll(gmail_of(google)))]
    assert kinds == [MessageKind.HUMAN, MessageKind.OUT_OF_OFFICE, MessageKind.LIST]


def test_a_header_cannot_add_fields_to_itself(google: Google) -> None:
    google.mail.deliver(letter(1), seconds(1))
    kept = next(iter(google.mail.messages.values()))
    kept.raw = kept.raw.replace(b"Subject: Message 1", b"Subject: =?utf-8?q?x=0AList-Id:_y?=")
    [message] = messages(poll(gmail_of(google)))
    assert message.kind is MessageKind.HUMAN


def test_mail_from_before_the_wanted_history_ends_the_reading(google: Google) -> None:
    google.mail.page_size = 2
    for day in range(10):
        google.mail.deliver(letter(day * 1440), seconds(day * 1440))
    found = poll(gmail_of(google, since=START + timedelta(days=7)))
    assert subjects(found) == [f"Message {day * 1440}" for day in (9, 8, 7)]
    assert google.count("/users/me/messages/") <= 6


def test_without_leave_no_body_is_asked_for(google: Google) -> None:
    google.mail.deliver(invitation(1), seconds(1))
    [message] = messages(poll(gmail_of(google)))
    assert message.meetings == ()
    asked = [one.query for one in google.asked if "/messages/" in one.path]
    assert {query["format"][0] for query in asked} == {"metadata"}


def test_with_leave_invitations_are_read_and_only_those_whole(google: Google) -> None:
    google.tokens.scopes = (READONLY,)
    google.mail.deliver(invitation(1), seconds(1))
    google.mail.deliver(letter(2), seconds(2))
    plain, invited = messages(poll(gmail_of(google, bodies=True)))
    assert (plain.meetings, invited.kind) == ((), MessageKind.INVITATION)
    [meeting] = invited.meetings
    assert (meeting.method, meeting.ical_uid, meeting.sent_by) == (
        Method.REQUEST,
        "lunch@google.com",
        "ana@acme.example",
    )
    formats = [one.query["format"][0] for one in google.asked if "/messages/" in one.path]
    assert sorted(formats) == ["full", "full", "raw"]


def test_an_answer_to_a_question_of_ours_is_read_and_nothing_else_of_the_owners(google: Google) -> None:
    google.tokens.scopes = (READONLY,)
    asks = OwnMail(frozenset({"me@example.com"}), ZoneInfo("UTC"), promises=False, asked="q@keepwarm.invalid".__eq__)
    answer = letter(1, sender="me@example.com", to="me@example.com").replace(b"Hello", b"4 she wants the offer")
    google.mail.deliver(b"In-Reply-To: <q@keepwarm.invalid>\r\n" + answer, seconds(1), "SENT")
    promise = letter(2, sender="me@example.com", to="ana@acme.example").replace(b"Hello", b"You get it by Friday.")
    google.mail.deliver(promise, seconds(2), "SENT")
    found = {one.source_key: one for one in messages(poll(gmail_of(google, bodies=True, own_mail=asks)))}
    assert [one.answer for one in found.values() if one.answer is not None] == ["4 she wants the offer"]
    assert all(one.promised_due is None for one in found.values())
    whole = [one for one in google.asked if "/messages/" in one.path and one.query["format"] == ["raw"]]
    assert len(whole) == 1


def test_the_owners_own_mail_is_read_for_promises_if_they_allow_it(google: Google) -> None:
    google.tokens.scopes = (READONLY,)
    mine = letter(1, sender="me@example.com", to="ana@acme.example").replace(
        b"Hello", b"I will send you the offer by Friday."
    )
    google.mail.deliver(mine, seconds(1), "SENT")
    own = OwnMail(frozenset({"me@example.com"}), ZoneInfo("UTC"))
    [message] = messages(poll(gmail_of(google, bodies=True, own_mail=own)))
    assert message.promised_due is not None


def test_no_minute_has_more_units_than_google_allows() -> None:
    clock = Clock()
    budget = Budget(clock, per_minute=6_000)
    spent = []
    for _ in range(30):
        clock.now += budget.wait(2_000)
        budget.spend(2_000)
        spent.append(clock.now)
        assert sum(one > clock.now - 60 for one in spent) <= 3
    assert clock.now == 9 * 60


def test_reading_keeps_to_the_budget(google: Google) -> None:
    for number in range(700):
        google.mail.deliver(letter(number), seconds(number))
    clock = Clock()
    connector = gmail_of(google, clock)
    assert len(messages(patiently(connector, clock))) == 700
    assert connector.api.budget.spent == google.units
    assert google.units == 1 + 8 * 5 + 700 * 20
    assert clock.waits == [60, 60]  # 14,041 units, of which 6,000 a minute


def test_more_news_than_a_minute_gives_are_read_all_the_same(google: Google) -> None:
    google.mail.deliver(letter(1), seconds(1))
    clock = Clock()
    connector = gmail_of(google, clock)
    cursor = poll(connector)[-1].cursor
    numbers = range(100, 900)
    for number in numbers:
        google.mail.deliver(letter(number), seconds(number))
    before = google.count("/messages/")
    assert len(messages(patiently(connector, clock, cursor))) == len(numbers)
    assert google.count("/messages/") - before == len(numbers)
    assert 2 <= len(clock.waits) <= 3


def test_the_reading_of_news_goes_on_in_another_process_too(google: Google) -> None:
    google.mail.deliver(letter(1), seconds(1))
    cursor = poll(gmail_of(google))[-1].cursor
    for number in range(100, 500):
        google.mail.deliver(letter(number), seconds(number))
    found: list[Batch] = []
    for _ in range(3):
        batches, later = pulled(gmail_of(google), cursor)
        found += batches
        cursor = found[-1].cursor
        google.mail.deliver(letter(len(found)), seconds(len(found)))
        if later is None:
            break
    assert {one.subject for one in messages(found)} >= {f"Message {number}" for number in range(100, 500)}


def test_a_page_that_google_has_forgotten_begins_the_reading_anew(google: Google) -> None:
    google.mail.page_size = 2
    for number in range(5):
        google.mail.deliver(letter(number), seconds(number))
    cursor = poll(gmail_of(google))[0].cursor
    with pytest.raises(CursorLost):
        poll(gmail_of(google), {**cursor, "page": "forgotten"})
    with pytest.raises(CursorLost):
        poll(gmail_of(google), {"v": 2})


def test_what_is_refused_in_the_middle_of_the_reading_is_no_forgotten_page(google: Google) -> None:
    google.mail.page_size = 2
    for number in range(5):
        google.mail.deliver(letter(number), seconds(number))
    cursor = poll(gmail_of(google))[0].cursor
    google.fail("/users/me/messages?", 403, "insufficientPermissions")
    with pytest.raises(Refused, match="not granted"):
        poll(gmail_of(google), cursor)


def test_errors_say_what_to_do(google: Google) -> None:
    connector = gmail_of(google)
    google.fail("/profile", 403, "accessNotConfigured")
    with pytest.raises(Refused, match="not switched on"):
        poll(connector)
    google.fail("/profile", 403, "insufficientPermissions")
    with pytest.raises(Refused, match="not granted"):
        poll(connector)
    google.fail("/profile", 403, "dailyLimitExceeded")
    with pytest.raises(Later) as caught:
        poll(connector)
    assert caught.value.after >= timedelta(hours=1)


def test_a_refusal_of_who_asks_rejects_no_message(google: Google) -> None:
    ids = [google.mail.deliver(letter(number), seconds(number)) for number in range(3)]
    google.fail(f"/messages/{ids[1]}?", 401, "authError", times=9)
    with pytest.raises(SignInNeeded):
        poll(gmail_of(google))


def test_an_invalid_token_is_no_reason_to_go_on(google: Google) -> None:
    google.open_doors = False
    with pytest.raises(SignInNeeded):
        poll(gmail_of(google))
    assert google.requests == 2  # once more, with another token
