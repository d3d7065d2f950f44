"""History is read a while at a time: what is new never waits for it, however many years there are, and however slow."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from keepwarm.connectors.imap import BATCH
from keepwarm.daemon.pace import BETWEEN_LOOKS, SLICE, Pace
from keepwarm.daemon.stream_pull import Stopped
from keepwarm.storage.tables import message, stream
from tests.daemon import count, end, imap_account, running, until
from tests.diary import Diary
from tests.letters import ME, Note
from tests.reader import Reader
from tests.servers.proxy import Proxy

if TYPE_CHECKING:
    from pathlib import Path

    from keepwarm.daemon.account_outcome import AccountOutcome
    from keepwarm.storage.database import Database
    from keepwarm.storage.observations import Batch
    from tests.servers.dovecot import MailAccount

MIA = "Mia <mia@kept.test>"
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
DAY = timedelta(days=1)
A_BATCH = 25.0  # seconds: three of them are a while


@dataclass
class TimedDiary(Diary):
    """Has a clock that goes on with each batch."""

    now: float = 0.0

    def stored(self, batch: Batch) -> None:
        if batch.looked_at:
            self.now += A_BATCH
        super().stored(batch)

    def taken(self) -> list[tuple[str, int]]:
        taken, self.batches = self.batches, []
        return taken


def fill(account: MailAccount, folder: str, *ages: int) -> None:
    """Put a batch of mail into a folder for each age in days, the oldest first."""
    for age in sorted(ages, reverse=True):
        at = NOW - age * DAY
        to, author = (MIA, ME) if folder == "Sent" else (ME, MIA)
        names = (f"{folder}.{age}.{one}@kept.test" for one in range(BATCH))
        notes = (Note(at=at, author=author, to=to, subject="Old", message_id=name) for name in names)
        account.deliver(*(note.raw for note in notes), folder=folder, at=at)


def send(account: MailAccount, name: str, folder: str = "INBOX", *, author: str = MIA, to: str = ME) -> None:
    """Let a message arrive."""
    at = datetime.now(UTC)
    note = Note(at=at, author=author, to=to, subject=name, message_id=f"{name}@kept.test")
    account.deliver(note.raw, folder=folder, at=at)


@dataclass
class Desk:
    """Reads an account pass by pass, at a pace."""

    reader: Reader
    diary: TimedDiary = field(default_factory=TimedDiary)
    looks: int = 0

    def __post_init__(self) -> None:
        self.pace = Pace(lambda: self.diary.now)

    def read(self, going_on: AccountOutcome | None = None) -> AccountOutcome:
        left = going_on.history if going_on else None
        return self.reader.read(NOW, self.diary, self._look, pace=self.pace, going_on=left)

    def read_to_the_end(self, outcome: AccountOutcome | None = None) -> None:
        outcome = outcome or self.read()
        while outcome.history:
            outcome = self.read(going_on=outcome)
            assert outcome.problems == []

    def _look(self, watched: object) -> None:
        del watched
        self.looks += 1

    def stored(self) -> int:
        ((number,),) = self.reader.store.rows(select(func.count()).select_from(message))
        return int(number)


@pytest.fixture
def desk(database: Database, mail_account: MailAccount) -> Desk:
    fill(mail_account, "INBOX", 1, 300)
    fill(mail_account, "Sent", 2, 900)
    fill(mail_account, "Archive", 30, 60, 400)
    return Desk(Reader(database, mail_account))


def test_history_is_read_newest_first_over_all_folders_a_while_at_a_time(desk: Desk) -> None:
    assert A_BATCH > SLICE
    outcome = desk.read()
    assert desk.looks == 1
    assert desk.diary.taken() == [
        ("INBOX", BATCH), ("Sent", BATCH), ("Archive", BATCH),  # the newest of each; and then, by their days:
        ("INBOX", BATCH), ("Sent", BATCH), ("Archive", BATCH),
    ]  # fmt: skip
    assert list(outcome.history) == ["Archive"]
    outcome = desk.read(going_on=outcome)
    assert desk.diary.taken() == [("Archive", BATCH)]
    assert outcome.history == {}
    assert outcome.problems == []
    assert desk.stored() == 7 * BATCH
    assert all(done for (done,) in desk.reader.store.rows(select(stream.c.first_complete)))
    assert desk.read().history == {}
    assert desk.diary.taken() == []


def test_what_is_new_is_read_before_the_history_is_gone_on_with(desk: Desk, mail_account: MailAccount) -> None:
    desk.read()
    desk.diary.taken()
    for folder in ("INBOX", "Archive"):
        send(mail_account, f"new.{folder}", folder)
    outcome = desk.read()
    assert desk.diary.taken()[:2] == [("INBOX", 1), ("Archive", 1)]
    desk.read_to_the_end(outcome)
    assert desk.stored() == 7 * BATCH + 2


def test_a_hint_has_the_watched_folders_looked_at_within_the_history(desk: Desk, mail_account: MailAccount) -> None:
    assert A_BATCH > BETWEEN_LOOKS
    outcome = desk.read()
    desk.diary.taken()

    def arrives() -> None:
        if len(desk.diary.batches) == 1:
            send(mail_account, "new")
            desk.pace.hurry()

    desk.diary.on_batch = arrives
    outcome = desk.read(going_on=outcome)
    assert desk.diary.taken()[:2] == [("Archive", BATCH), ("INBOX", 1)]
    assert desk.looks == 2
    desk.read_to_the_end(outcome)
    assert desk.stored() == 7 * BATCH + 1


@pytest.mark.parametrize("batches", [2, 5])
def test_stopped_anywhere_it_goes_on_where_it_was(desk: Desk, mail_account: MailAccount, batches: int) -> None:
    def stop() -> None:
        if len(desk.diary.batches) == batches:
            raise Stopped

    desk.diary.on_batch = stop
    with pytest.raises(Stopped):
        desk.read_to_the_end()
    before = desk.diary.taken()
    desk.diary.on_batch = lambda: None
    send(mail_account, "new")
    desk.read_to_the_end()
    read = before + desk.diary.taken()
    assert sum(number for _, number in read) == 7 * BATCH + 1
    assert desk.stored() == 7 * BATCH + 1


def test_what_broke_off_in_the_history_is_read_apart_though_something_is_new(
    desk: Desk, mail_account: MailAccount
) -> None:
    """The look at what is new is not to pass for the batch that the last process may have died of."""
    desk.read()
    with desk.reader.store.database.writing() as connection:
        connection.execute(stream.update().where(stream.c.name == "Archive").values(pulling=True))
    desk.diary.taken()
    send(mail_account, "new", "Archive")
    outcome = desk.read()
    assert desk.diary.taken()[:2] == [("Archive", 1), ("Archive", BATCH)]
    desk.read_to_the_end(outcome)
    assert desk.stored() == 7 * BATCH + 1


def test_a_folder_that_is_numbered_anew_delays_no_other(desk: Desk, mail_account: MailAccount) -> None:
    desk.read_to_the_end()
    desk.diary.taken()
    mail_account.change_uidvalidity()
    send(mail_account, "new", "Archive")
    outcome = desk.read()
    assert desk.diary.taken()[:2] == [("INBOX", BATCH), ("Archive", 1)]
    desk.read_to_the_end(outcome)
    assert desk.stored() == 7 * BATCH + 1


def test_mail_that_arrives_during_a_first_read_is_stored_and_judged_at_once(
    tmp_path: Path, mail_account: MailAccount
) -> None:
    """The poll comes once an hour: it is the watch that tells, and it has begun with the newest."""
    fill(mail_account, "INBOX", *range(1, 900, 100))
    mail_account.make_folder("Sent")
    database = tmp_path / "data" / "keepwarm.db"
    with Proxy(mail_account.server.tls_port) as line:
        keepwarm = imap_account(tmp_path, mail_account, poll="1h", port=line.port)
        line.rate = 25_000  # bytes a second: the history takes a minute, one batch of it some seconds
        with running(keepwarm) as daemon:
            until(lambda: daemon.logged.count("event=watching") == 2, daemon)
            send(mail_account, "new", author=ME, to="Zoe <zoe@kept.test>", folder="Sent")
            until(lambda: "Zoe" in {row["name"] for row in keepwarm.json("contacts")}, daemon)
            lags = {row["stream"]: row["lag"] for row in keepwarm.json("status")["streams"]}
            stored = count(database, "message")
            logged = end(daemon)
    assert lags["INBOX"] == "first read goes on"
    assert stored < 9 * BATCH
    assert "level=warning" not in logged
    assert "level=error" not in logged
