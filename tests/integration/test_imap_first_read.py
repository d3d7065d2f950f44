"""The first read of a mailbox: something to see within seconds, the rest behind it, and nothing told before its end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from keepwarm.connectors.imap import BATCH
from keepwarm.daemon.configuration import load
from keepwarm.daemon.full_pass import run_pass
from keepwarm.daemon.stream_pull import Stopped
from keepwarm.daemon.workshop import Workshop
from keepwarm.storage.tables import contact, feed_entry, message
from tests.contract.sources import mail
from tests.diary import Diary
from tests.letters import ME, weekly_exchange
from tests.reader import Reader, command

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from keepwarm.storage.database import Database
    from tests.servers.dovecot import MailAccount

INBOX, SENT = 2 * BATCH + 100, BATCH + 50
AS_OF = datetime(2026, 11, 16, 7, tzinfo=UTC)


@pytest.fixture
def reader(database: Database, mail_account: MailAccount) -> Reader:
    mail_account.deliver(*map(mail, range(INBOX)))
    mail_account.deliver(*map(mail, range(INBOX, INBOX + SENT)), folder="Sent")
    return Reader(database, mail_account)


def test_the_newest_of_each_folder_comes_before_the_whole_of_any(reader: Reader) -> None:
    diary, looked = Diary(), list[list[int]]()
    reader.read(watcher=diary, first_look=lambda _watched: looked.append(reader.numbers()))
    assert looked == [[*range(INBOX - BATCH, INBOX), *range(INBOX + SENT - BATCH, INBOX + SENT)]]
    assert diary.batches == [
        ("INBOX", BATCH), ("Sent", BATCH), ("INBOX", BATCH), ("INBOX", 100), ("Sent", 50),
    ]  # fmt: skip
    assert reader.numbers() == list(range(INBOX + SENT))
    reader.read(first_look=lambda _watched: looked.append([]))
    assert len(looked) == 1


@pytest.mark.parametrize("batches", [1, 2, 3, 4])
def test_a_first_read_that_is_stopped_anywhere_goes_on_where_it_was(reader: Reader, batches: int) -> None:
    before, after = Diary(stop_after=batches), Diary()
    with pytest.raises(Stopped):
        reader.read(watcher=before)
    assert reader.read(watcher=after).problems == []
    assert sum(number for _, number in before.batches + after.batches) == INBOX + SENT
    assert reader.numbers() == list(range(INBOX + SENT))


@pytest.fixture
def workshop(tmp_path: Path, mail_account: MailAccount) -> Iterator[Workshop]:
    workshop = Workshop(load(command(tmp_path / "here", mail_account).config))
    yield workshop
    workshop.close()


def test_numbers_are_shown_before_all_is_read_and_the_feed_hears_of_nothing_before(
    workshop: Workshop, mail_account: MailAccount
) -> None:
    notes = list(weekly_exchange("Mia <mia@kept.test>", AS_OF - timedelta(weeks=60), 50))
    for note in notes:
        mail_account.deliver(note.raw, folder="Sent" if note.author == ME else "INBOX", at=note.at)
    mail_account.deliver(*map(mail, range(BATCH)), at=AS_OF - timedelta(days=1))

    def rows(table: object) -> int:
        with workshop.database.reading() as connection:
            return int(connection.execute(select(func.count()).select_from(table)).scalar_one())  # type: ignore[arg-type]

    shown = list[tuple[int, int, int]]()
    diary = Diary(on_batch=lambda: shown.append((rows(message), rows(contact), rows(feed_entry))))
    run_pass(workshop, workshop.configuration.accounts, lambda: AS_OF, diary)
    assert [stream for stream, _ in diary.batches] == ["INBOX", "Sent", "INBOX"]
    assert shown[1][1:] == (0, 0)  # nothing is judged yet
    (read, contacts, told) = shown[2]  # after the first look, while the history is read
    assert (read > BATCH, contacts > 0, told) == (True, True, 0)
    assert rows(feed_entry) > 0
    with workshop.database.reading() as connection:
        assert connection.execute(select(func.count()).select_from(message)).scalar_one() == BATCH + len(notes)
