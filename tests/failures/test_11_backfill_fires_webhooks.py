"""11: an account is added, or state is lost, and years of signals are posted. What is history is never posted."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from keepwarm.storage import webhook_queue
from tests.webhooks import BEGAN, Posting, Receiver, signal, warmth

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BEFORE = BEGAN - timedelta(days=400)
EVERYTHING = (
    'events = ["signal.opened", "signal.cleared", "warmth.changed", "contact.added", "contact.merged", '
    '"contact.forgotten", "meeting.changed"]'
)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Give a receiver that takes everything."""
    receiver = Receiver()
    yield receiver
    receiver.web.stop()


def test_no_signal_of_before_is_posted_nor_that_it_is_over(tmp_path: Path, receiver: Receiver) -> None:
    posting = Posting(tmp_path, receiver.url)
    posting.post()
    opened = signal("opened", at=BEFORE, historical=True)
    over = {**signal("over", historical=True), "type": "signal.cleared"}
    over["data"] = {**over["data"], "signal": "opened"}
    posting.tell(opened, over, signal("new"))
    posting.until_all_is_posted()
    assert receiver.ids == ["new"]


def test_of_all_else_only_what_happened_since_the_webhook_began_is_posted(tmp_path: Path, receiver: Receiver) -> None:
    posting = Posting(tmp_path, receiver.url, EVERYTHING)
    posting.post()
    posting.tell(*(warmth(f"old {week}", at=BEFORE + timedelta(weeks=week)) for week in range(50)))
    posting.tell(warmth("new", at=BEGAN + timedelta(minutes=1)))
    posting.until_all_is_posted()
    assert receiver.ids == ["new"]


def test_nothing_of_before_is_posted_even_when_all_is_to_be_posted_again(tmp_path: Path, receiver: Receiver) -> None:
    posting = Posting(tmp_path, receiver.url)
    posting.post()
    posting.tell(signal("old", at=BEFORE, historical=True), signal("new"))
    posting.until_all_is_posted()
    with posting.workshop.database.writing() as connection:
        endpoint = webhook_queue.adopt(connection, receiver.url, posting.now)
        webhook_queue.go_back(connection, endpoint, 0)
    posting.until_all_is_posted()
    assert receiver.ids == ["new", "new"]
