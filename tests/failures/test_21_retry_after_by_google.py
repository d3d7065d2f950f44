"""Case 21, at Google: Retry-After as a decimal, in words, or as nothing; asking all the same would have it begin anew.

A connector waits for nothing: it says when to go on, and asks nothing before.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING

import pytest

from keepwarm.connectors.contract import Later
from tests.google import Clock, event, gmail_of, letter, messages, patiently, poll, pulled, seconds
from tests.google import calendar_of as calendar_connector
from tests.servers.google import Fault
from tests.servers.google_answers import error

if TYPE_CHECKING:
    from tests.servers.google import Google

RATES = [(429, "rateLimitExceeded"), (403, "rateLimitExceeded"), (403, "userRateLimitExceeded")]
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


def put_off(google: Google, clock: Clock) -> timedelta:
    """Read once; give for how long it was put off."""
    with pytest.raises(Later) as caught:
        poll(gmail_of(google, clock))
    return caught.value.after


@pytest.mark.parametrize(("status", "reason"), RATES)
def test_a_decimal_is_obeyed_and_nothing_is_asked_before(google: Google, status: int, reason: str) -> None:
    google.mail.deliver(letter(1), seconds(1))
    google.fail("/users/me/messages?", status, reason, retry_after="45.5")
    clock = Clock()
    connector = gmail_of(google, clock)
    _, later = pulled(connector)
    assert later is not None
    assert later.after == timedelta(seconds=45.5)
    asked = google.requests
    clock.now += 45
    with pytest.raises(Later) as caught:
        poll(connector)
    assert caught.value.after == timedelta(seconds=0.5)
    assert google.requests == asked
    clock.now += 0.5
    assert len(messages(poll(connector))) == 1


def test_what_gmail_says_in_words_only_is_obeyed_by_its_own_clock(google: Google) -> None:
    """ "User-rate limit exceeded.  Retry after TIME": there is no header (Google's "Resolve errors")."""
    until = NOW + timedelta(minutes=7, seconds=3)
    said = f"User-rate limit exceeded.  Retry after {until:%Y-%m-%dT%H:%M:%S}.123Z"
    answer = error(429, "rateLimitExceeded", said, {"Date": format_datetime(NOW, usegmt=True)})
    google.faults.append(Fault("/users/me/messages?", answer))
    assert put_off(google, Clock()) == timedelta(minutes=7, seconds=3)


@pytest.mark.parametrize("said", ["9999-99-99T99:99:99Z", "2026-11-25T12:00:00", "soon", "2026-11-24T12:00:00Z"])
def test_nonsense_in_words_is_a_pause_all_the_same(google: Google, said: str) -> None:
    answer = error(429, "rateLimitExceeded", f"Retry after {said}", {"Date": format_datetime(NOW, usegmt=True)})
    google.faults.append(Fault("/users/me/messages?", answer))
    assert timedelta(seconds=1) <= put_off(google, Clock()) <= timedelta(minutes=2)


@pytest.mark.parametrize(("status", "reason"), [*RATES, (503, "backendError")])
def test_without_it_the_pauses_grow(google: Google, status: int, reason: str) -> None:
    google.mail.deliver(letter(1), seconds(1))
    google.fail("/users/me/messages?", status, reason, times=4 * (3 if status == 503 else 1))
    clock = Clock()
    assert len(messages(patiently(gmail_of(google, clock), clock))) == 1
    assert len(clock.waits) == 4
    assert all(2**number <= wait <= 2 * 2**number for number, wait in enumerate(clock.waits, 1))


def test_the_days_quota_is_not_asked_for_again_within_minutes(google: Google) -> None:
    google.fail("/users/me/messages?", 403, "dailyLimitExceeded")
    clock = Clock()
    connector = gmail_of(google, clock)
    _, later = pulled(connector)
    assert later is not None
    assert later.after >= timedelta(hours=1)
    asked = google.requests
    clock.now += 600
    assert pulled(connector)[1] is not None
    assert google.requests == asked


def test_no_try_is_repeated_for_ever(google: Google) -> None:
    google.fail("/users/me/messages?", 429, "rateLimitExceeded", times=999)
    put_off(google, Clock())
    assert google.count("/users/me/messages") == 1


def test_within_a_batch_only_what_was_refused_is_asked_again(google: Google) -> None:
    ids = [google.mail.deliver(letter(number), seconds(number)) for number in range(5)]
    google.fail(f"/messages/{ids[2]}?", 429, "rateLimitExceeded", retry_after="31")
    google.fail(f"/messages/{ids[3]}?", 403, "userRateLimitExceeded")
    clock = Clock()
    found = patiently(gmail_of(google, clock), clock)
    assert len(messages(found)) == 5
    assert clock.waits == [31]
    assert google.count("/messages/") == 5 + 2
    assert google.count("/batch/") == 2


def test_a_mailbox_that_takes_fewer_at_once_is_read_in_smaller_batches(google: Google) -> None:
    """A hundred at once are "too many concurrent requests" for some, however long one waits between them."""
    for number in range(90):
        google.mail.deliver(letter(number), seconds(number))
    google.at_once = 25
    clock = Clock()
    assert len(messages(patiently(gmail_of(google, clock), clock))) == 90
    assert len(clock.waits) == 2


def test_a_batch_that_is_refused_whole_is_asked_again(google: Google) -> None:
    google.mail.deliver(letter(1), seconds(1))
    google.fail("/batch/", 429, "rateLimitExceeded", retry_after="40")
    clock = Clock()
    assert len(messages(patiently(gmail_of(google, clock), clock))) == 1
    assert clock.waits == [40]


def test_a_pause_counts_for_all_calendars(google: Google) -> None:
    for name in ("a@example.com", "b@example.com"):
        google.calendars.add(name)
        google.calendars.put(name, event("one"))
    clock = Clock()
    connector = calendar_connector(google, clock)
    first, second = connector.streams()
    google.fail("/events", 429, "rateLimitExceeded", retry_after="50")
    for stream in (first, second):
        with pytest.raises(Later) as caught:
            list(connector.pull(stream, None))
        assert caught.value.after == timedelta(seconds=50)
    assert google.count("/events") == 1


def test_more_series_than_a_minute_gives_are_read_all_the_same(google: Google) -> None:
    google.calendars.add("me@example.com")
    weekly = {"recurrence": ["RRULE:FREQ=WEEKLY;COUNT=3"]}
    for number in range(700):
        google.calendars.put("me@example.com", event(f"s{number}", **weekly))
    clock = Clock()
    connector = calendar_connector(google, clock)
    cursor = poll(connector)[-1].cursor
    for number in range(700):
        google.calendars.put("me@example.com", event(f"s{number}", summary="Another", **weekly))
    found = patiently(connector, clock, cursor)
    assert len({one.ical_uid for batch in found for one in batch.seen}) == 700  # type: ignore[union-attr]
    assert clock.waits
    assert google.count("/events") <= 1 + len(clock.waits) + 1 + 700
