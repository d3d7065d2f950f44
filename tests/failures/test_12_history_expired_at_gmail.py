"""Cases 12, 13 and 15: Gmail no longer knows the history, and answers 404.

What can have been missed is looked through again, and no more than that; the gap is noted; and where Gmail goes on
answering so, the mailbox is not looked through at each poll.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from keepwarm.connectors.contract import Later
from keepwarm.connectors.gmail_cursor import COOLING
from tests.google import gmail_of, letter, messages, poll, pulled, seconds

if TYPE_CHECKING:
    from keepwarm.storage.observations import Batch
    from tests.servers.google import Google

DAY = 24 * 60


def delivered(google: Google, *numbers: int) -> None:
    for number in numbers:
        google.mail.deliver(letter(number), seconds(number))


def subjects(batches: list[Batch]) -> set[str]:
    return {one.subject for one in messages(batches)}


def test_what_came_meanwhile_is_found_and_only_the_last_weeks_are_looked_through(google: Google) -> None:
    google.mail.page_size = 2
    delivered(google, *range(0, 200 * DAY, 5 * DAY))
    connector = gmail_of(google)
    cursor = poll(connector)[-1].cursor
    delivered(google, 201 * DAY)
    google.mail.forget_history()
    before = google.count("/messages/")
    found = poll(connector, cursor)
    assert f"Message {201 * DAY}" in subjects(found)
    assert google.count("/messages/") - before <= 12  # of 41: thirty days, and what shared a page with them
    cursor = found[-1].cursor
    for _ in range(COOLING):
        [after] = poll(connector, cursor)
        assert after.seen == ()
        cursor = after.cursor
    assert poll(connector, cursor) == []


def test_the_gap_is_noted_once_with_its_beginning(google: Google) -> None:
    delivered(google, *range(3))
    connector = gmail_of(google)
    cursor = poll(connector)[-1].cursor
    google.mail.forget_history()
    found = poll(connector, cursor)
    [gap] = [item for batch in found for item in batch.rejected]
    assert "looked through again" in gap.reason
    assert "2026-03-02" in gap.where


def test_a_rescan_that_was_cut_off_goes_on_where_it_stood(google: Google) -> None:
    google.mail.page_size = 3
    delivered(google, *range(9))
    connector = gmail_of(google)
    cursor = poll(connector)[-1].cursor
    google.mail.forget_history()
    whole = poll(connector, cursor)
    assert len(whole) == 3
    assert subjects([whole[0], *poll(gmail_of(google), whole[0].cursor)]) == subjects(whole)


def test_where_the_history_is_lost_at_each_poll_the_mailbox_is_looked_through_only_now_and_then(google: Google) -> None:
    delivered(google, *range(3))
    connector = gmail_of(google)
    cursor = poll(connector)[-1].cursor
    listed = google.count("/users/me/messages")
    rescans = []
    for _ in range(2 * (COOLING + 1)):
        google.mail.forget_history()
        batches, later = pulled(connector, cursor)
        cursor = batches[-1].cursor
        rescans.append(later is None)
    assert rescans == [True, *[False] * COOLING] * 2
    assert google.count("/users/me/messages") - listed == 2 * (1 + 3)


def test_a_history_that_is_known_for_a_few_polls_ends_the_pause_and_one_that_comes_and_goes_does_not(
    google: Google,
) -> None:
    delivered(google, *range(3))
    connector = gmail_of(google)
    cursor = poll(connector)[-1].cursor
    google.mail.forget_history()
    cursor = poll(connector, cursor)[-1].cursor
    delivered(google, 4)
    well = poll(connector, cursor)
    assert subjects(well) == {"Message 4"}
    google.mail.forget_history()
    assert pulled(connector, well[-1].cursor)[1] is not None
    google.mail.oldest = 0
    cursor = well[-1].cursor
    for _ in range(COOLING - 1):
        cursor = poll(connector, cursor)[-1].cursor
    google.mail.forget_history()
    assert subjects(poll(connector, cursor)) == {f"Message {number}" for number in (0, 1, 2, 4)}


def test_another_error_is_no_lost_history(google: Google) -> None:
    delivered(google, *range(3))
    connector = gmail_of(google)
    cursor = poll(connector)[-1].cursor
    google.fail("/history", 500, times=99)
    with pytest.raises(Later):
        poll(connector, cursor)
