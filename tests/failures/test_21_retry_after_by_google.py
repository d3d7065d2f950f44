"""Case 21, at Google: Retry-After as a decimal, as nothing, or too long to be waited for within a pull."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from keepwarm.connectors.contract import Later
from keepwarm.connectors.google_api import PATIENCE, TRIES
from tests.google import Clock, gmail_of, letter, messages, poll, seconds

if TYPE_CHECKING:
    from tests.servers.google import Google

RATES = [(429, "rateLimitExceeded"), (403, "rateLimitExceeded"), (403, "userRateLimitExceeded")]


@pytest.mark.parametrize(("status", "reason"), RATES)
def test_a_decimal_is_obeyed(google: Google, status: int, reason: str) -> None:
    google.mail.deliver(letter(1), seconds(1))
    google.fail("/users/me/messages?", status, reason, retry_after="45.5")
    clock = Clock()
    assert len(messages(poll(gmail_of(google, clock)))) == 1
    assert clock.waits == [45.5]


@pytest.mark.parametrize(("status", "reason"), RATES)
def test_without_it_the_pauses_grow(google: Google, status: int, reason: str) -> None:
    google.mail.deliver(letter(1), seconds(1))
    google.fail("/users/me/messages?", status, reason, times=4)
    clock = Clock()
    assert len(messages(poll(gmail_of(google, clock)))) == 1
    assert len(clock.waits) == 4
    assert all(2**number <= wait <= 2 * 2**number for number, wait in enumerate(clock.waits))


def test_a_long_pause_is_left_to_the_next_poll(google: Google) -> None:
    google.fail("/users/me/messages?", 429, "rateLimitExceeded", retry_after="600")
    clock = Clock()
    with pytest.raises(Later) as caught:
        poll(gmail_of(google, clock))
    assert caught.value.after == timedelta(seconds=600) > timedelta(seconds=PATIENCE)
    assert clock.waits == []


def test_no_try_is_repeated_for_ever(google: Google) -> None:
    google.fail("/users/me/messages?", 429, "rateLimitExceeded", times=999)
    with pytest.raises(Later):
        poll(gmail_of(google))
    assert google.count("/users/me/messages") == TRIES


def test_within_a_batch_only_what_was_refused_is_asked_again(google: Google) -> None:
    ids = [google.mail.deliver(letter(number), seconds(number)) for number in range(5)]
    google.fail(f"/messages/{ids[2]}?", 429, "rateLimitExceeded", retry_after="31")
    google.fail(f"/messages/{ids[3]}?", 403, "userRateLimitExceeded")
    clock = Clock()
    found = poll(gmail_of(google, clock))
    assert len(messages(found)) == 5
    assert clock.waits == [31]
    assert google.count("/messages/") == 5 + 2
    assert google.count("/batch/") == 2


def test_a_batch_that_is_refused_whole_is_asked_again(google: Google) -> None:
    google.mail.deliver(letter(1), seconds(1))
    google.fail("/batch/", 429, "rateLimitExceeded", retry_after="40")
    clock = Clock()
    assert len(messages(poll(gmail_of(google, clock)))) == 1
    assert clock.waits == [40]
