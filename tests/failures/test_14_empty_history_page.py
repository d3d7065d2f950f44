"""Case 14: a page of Gmail's history is empty, and has a nextPageToken all the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.google import Hurried, gmail_of, letter, messages, poll, pulled, seconds

if TYPE_CHECKING:
    from tests.servers.google import Google


@pytest.mark.parametrize("empty", [1, 30])
def test_what_is_on_the_pages_after_empty_ones_is_read(google: Google, empty: int) -> None:
    connector = gmail_of(google, Hurried())
    cursor = poll(connector)[-1].cursor
    google.mail.deliver(letter(1), seconds(1))
    google.mail.empty_first = empty
    found = poll(connector, cursor)
    assert [one.subject for one in messages(found)] == ["Message 1"]
    assert poll(connector, found[-1].cursor) == []


def test_what_comes_while_pages_are_read_is_read_next(google: Google) -> None:
    connector = gmail_of(google)
    cursor = poll(connector)[-1].cursor
    for number in range(2):
        google.mail.deliver(letter(number), seconds(number))
    google.mail.page_size = 1

    def comes() -> None:
        google.mail.between_pages = None
        google.mail.deliver(letter(9), seconds(9))

    google.mail.between_pages = comes
    found = poll(connector, cursor)
    assert {one.subject for one in messages(found)} == {"Message 0", "Message 1"}
    assert "Message 9" in {one.subject for one in messages(poll(connector, found[-1].cursor))}


def test_pages_that_go_round_in_circles_end_the_pull_and_leave_the_cursor(google: Google) -> None:
    connector = gmail_of(google)
    cursor = poll(connector)[-1].cursor
    google.mail.deliver(letter(1), seconds(1))
    google.mail.goes_round = True
    stored, later = pulled(connector, cursor)
    assert "without an end" in str(later)
    google.mail.goes_round = False
    assert [one.subject for one in messages(poll(connector, stored[-1].cursor if stored else cursor))] == ["Message 1"]
