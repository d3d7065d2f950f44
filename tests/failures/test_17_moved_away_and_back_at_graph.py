"""Case 17: with immutable ids, a message moved away and back is lost in delta. Mail is facts: nothing changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from keepwarm.storage.tables import message as message_table
from tests.microsoft import Reading, keys, message

if TYPE_CHECKING:
    from pathlib import Path

    from tests.microsoft import Microsoft


def count(reading: Reading) -> int:
    [(number,)] = reading.store.rows(select(func.count()).select_from(message_table))
    return int(number)


def test_away_and_back_changes_nothing(microsoft: Microsoft, tmp_path: Path) -> None:
    number = microsoft.mailbox.add(message(1))
    reading, connector = Reading(tmp_path), microsoft.mail()
    reading.poll(connector, "inbox")
    microsoft.mailbox.away_and_back(number, "archive")
    assert keys(reading.poll(connector, "inbox")) == []
    assert count(reading) == 1


def test_a_message_that_was_moved_or_deleted_has_happened(microsoft: Microsoft, tmp_path: Path) -> None:
    moved, deleted = (microsoft.mailbox.add(message(number)) for number in (1, 2))
    reading, connector = Reading(tmp_path), microsoft.mail()
    reading.poll(connector, "inbox")
    microsoft.mailbox.move(moved, "archive")
    microsoft.mailbox.delete(deleted)
    batches = reading.poll(connector, "inbox")
    assert [batch.gone for batch in batches] == [()]
    assert keys(reading.poll(connector, "archive")) == [moved]  # by the same id, and the same mail
    assert count(reading) == 2
