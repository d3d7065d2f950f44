"""The outbox, on each database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from keepwarm.storage import outbox
from keepwarm.storage.outbox import State, Superseded
from keepwarm.storage.own_letters import is_ours, message_id

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from keepwarm.storage.database import Database

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
SOON = NOW + timedelta(hours=1)
KEY = b"a key"


def claim(connection: Connection, now: datetime = NOW) -> outbox.Letter:
    return outbox.claim(connection, "report", "2026-W47", "id@example.com", now)


def test_what_is_sent_is_never_claimed_again(database: Database) -> None:
    with database.writing() as connection:
        first = claim(connection)
        outbox.arrived(connection, outbox.hand_over(connection, first, SOON), NOW)
    with database.writing() as connection, pytest.raises(Superseded):
        claim(connection, NOW + timedelta(days=300))


def test_a_letter_is_read_as_it_was_written(database: Database) -> None:
    with database.writing() as connection:
        claimed = claim(connection)
        failed = outbox.failed(connection, claimed, State.WAITING, "No “network”.", "Wait.", SOON)
    with database.reading() as connection:
        assert outbox.find(connection, "report", "2026-W47") == failed
        assert outbox.newest(connection, "report", 2) == [failed]
        assert outbox.find(connection, "report", "2026-W48") is None


def test_what_was_handed_over_is_in_doubt_until_its_hour_is_up(database: Database) -> None:
    with database.writing() as connection:
        outbox.hand_over(connection, claim(connection), SOON)
    with database.writing() as connection, pytest.raises(Superseded):
        claim(connection, SOON - timedelta(seconds=1))
    with database.writing() as connection:
        again = claim(connection, SOON)
    assert (again.attempts, again.message_id) == (2, "id@example.com")


def test_who_was_superseded_can_neither_hand_over_nor_note_a_failure(database: Database) -> None:
    with database.writing() as connection:
        first, second = claim(connection), claim(connection)
        for late in (
            lambda: outbox.hand_over(connection, first, SOON),
            lambda: outbox.failed(connection, first, State.WAITING, "No.", "", SOON),
        ):
            with pytest.raises(Superseded):
                late()
        assert outbox.hand_over(connection, second, SOON).state is State.HANDED


def test_a_message_id_is_known_by_its_seal() -> None:
    ours = message_id(KEY, "report", "2026-W47", "example.com")
    assert ours == message_id(KEY, "report", "2026-W47", "example.com")
    assert is_ours(KEY, ours)
    for other in ("", "keepwarm.", "x@y", ours.replace("W47", "W48"), ours.replace("keepwarm", "keepwarn")):
        assert not is_ours(KEY, other)
    assert not is_ours(b"another", ours)
