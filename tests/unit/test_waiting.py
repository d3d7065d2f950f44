"""What a source asks for is kept to: a little time is waited for at once, and more is left to another pass."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, update

from keepwarm.connectors.contract import Busy, ConnectorError, Later
from keepwarm.daemon.account_pass import AccountPass
from keepwarm.daemon.progress import Silent
from keepwarm.storage import first_reads
from keepwarm.storage.database import Database
from keepwarm.storage.observations import Batch, Stream
from keepwarm.storage.schema import upgrade
from keepwarm.storage.tables import stream
from tests.storage.world import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from keepwarm.daemon.account_outcome import AccountOutcome
    from keepwarm.storage.observations import Cursor

NOW = datetime(2026, 11, 16, 9, tzinfo=UTC)
SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)
MAIL = Stream("mail")


@dataclass
class Source:
    """A connector that does what ``script`` says: a cursor is a batch, an error is raised; then the pull is over."""

    script: deque[int | ConnectorError] = field(default_factory=deque)
    names: tuple[str, ...] = ("mail",)
    asked: list[tuple[str, Cursor | None]] = field(default_factory=list)
    listed: int = 0
    on_listing: Callable[[], None] = lambda: None

    def streams(self) -> Sequence[Stream]:
        self.listed += 1
        self.on_listing()
        if self.script and isinstance(self.script[0], ConnectorError) and self.names == ():
            raise self.script.popleft()
        return [Stream(name) for name in self.names]

    def pull(self, stream: Stream, cursor: Cursor | None) -> Iterator[Batch]:
        self.asked.append((stream.name, cursor))
        while self.script:
            step = self.script.popleft()
            if isinstance(step, ConnectorError):
                raise step
            yield Batch(cursor={"v": 1, "at": step})

    def wait(self, _stream: Stream, _seconds: float) -> bool:
        return False

    def close(self) -> None:
        pass


@dataclass
class Desk:
    """Reads the source, and notes how long was waited."""

    store: Store
    source: Source = field(default_factory=Source)
    waited: list[float] = field(default_factory=list)
    now: datetime = NOW

    def read(self, *steps: int | ConnectorError) -> AccountOutcome:
        self.source.script.extend(steps)
        account: Any = SimpleNamespace(name="work", kind="test")
        database, ingest = self.store.database, self.store.ingest
        one = AccountPass(account, self.source, database, ingest, lambda: self.now, waiting=self.wait)
        outcome = one.run(Silent())
        self.source.script.clear()
        return outcome

    def wait(self, account: str, seconds: float, why: str) -> None:
        assert account == "work"
        assert why
        self.waited.append(seconds)

    def row(self) -> Any:
        with self.store.database.reading() as connection:
            return connection.execute(select(stream)).one()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    database = Database(f"sqlite:///{tmp_path / 'keepwarm.db'}")
    upgrade(database)
    yield Desk(Store(database))
    database.close()


def quota(after: timedelta = 30 * SECOND) -> Later:
    return Later("The quota is spent.", after)


def test_a_short_wait_is_waited_for_and_the_stream_gone_on_with_from_where_it_was(desk: Desk) -> None:
    outcome = desk.read(1, 2, quota(), 3, quota(5 * SECOND), 4)
    assert outcome.problems == []
    assert desk.waited == [30.0, 5.0]
    assert [cursor and cursor["at"] for _, cursor in desk.source.asked] == [None, 2, 3]
    assert desk.row().first_complete == NOW
    assert not desk.row().pulling


def test_while_it_waits_nothing_looks_broken_off(desk: Desk) -> None:
    pulling = []
    desk.wait = lambda _account, _seconds, _why: pulling.append(desk.row().pulling)  # type: ignore[method-assign]
    desk.read(1, quota(), 2)
    assert pulling == [False]


def test_waits_between_which_nothing_comes_end_in_the_stream_being_put_off(desk: Desk) -> None:
    outcome = desk.read(1, *(quota() for _ in range(10)))
    assert desk.waited == [30.0] * 3
    assert len(outcome.problems) == 1
    assert outcome.put_off_until == NOW + 30 * SECOND


def test_a_first_read_that_gets_on_is_waited_for_as_often_as_it_takes(desk: Desk) -> None:
    steps: list[int | ConnectorError] = []
    for number in range(20):
        steps += [number, quota()]
    assert desk.read(*steps).problems == []
    assert len(desk.waited) == 20


def test_a_list_of_streams_is_waited_for_too(desk: Desk) -> None:
    desk.source.names = ()
    desk.read(quota())
    assert desk.waited == [30.0]
    assert desk.source.listed == 2


@pytest.mark.parametrize(
    "trouble",
    [
        pytest.param(Later("It cannot be reached."), id="no time was named"),
        pytest.param(Later("It is busy.", 30 * SECOND, asked=False), id="a time of our own"),
        pytest.param(quota(HOUR), id="a long time"),
    ],
)
def test_nothing_else_is_waited_for(desk: Desk, trouble: Later) -> None:
    assert desk.read(1, trouble).problems
    assert desk.waited == []


def test_a_stream_is_not_pulled_before_its_time(desk: Desk) -> None:
    assert desk.read(1, quota(HOUR)).put_off_until == NOW + HOUR
    desk.now += HOUR - SECOND
    outcome = desk.read(2)
    assert (len(desk.source.asked), desk.source.listed) == (1, 1)  # the source heard nothing of it at all
    assert outcome.put_off_until == NOW + HOUR
    ((why, _),) = outcome.problems
    assert "put off until 2026-11-16 10:00 UTC: The quota is spent." in why
    desk.now += SECOND
    assert desk.read(2).problems == []
    assert len(desk.source.asked) == 2
    assert desk.row().retry_at is None


def test_one_stream_that_is_put_off_keeps_no_other_from_being_read(desk: Desk) -> None:
    desk.source.names = ("mail", "calendar")
    outcome = desk.read(quota(HOUR))
    assert [name for name, _ in desk.source.asked] == ["mail", "calendar"]
    assert outcome.put_off_until is None
    desk.now += SECOND
    assert desk.read().put_off_until is None
    assert [name for name, _ in desk.source.asked] == ["mail", "calendar", "calendar"]


@pytest.mark.parametrize("trouble", [Later("It cannot be reached."), Later("No.", HOUR, asked=False)])
def test_what_named_no_time_is_tried_at_the_next_turn(desk: Desk, trouble: Later) -> None:
    assert desk.read(1, trouble).put_off_until is None
    desk.now += SECOND
    assert desk.read(2).problems == []
    assert len(desk.source.asked) == 2


def test_an_account_that_asks_for_time_as_a_whole_is_given_it(desk: Desk) -> None:
    desk.read(1)
    desk.source.names = ()
    assert desk.read(quota(HOUR)).failure
    desk.now += HOUR - SECOND
    assert desk.read().put_off_until == NOW + HOUR
    assert desk.source.listed == 2


def test_a_server_that_has_too_much_to_do_is_tried_at_the_next_turn(desk: Desk) -> None:
    desk.read(1)
    desk.source.names = ()
    desk.read(Busy("Too many connections.", HOUR))
    desk.now += SECOND
    desk.source.names = ("mail",)
    assert desk.read().problems == []


def test_a_time_that_only_a_wrong_clock_can_have_set_is_not_kept_to(desk: Desk) -> None:
    desk.read(1)
    with desk.store.database.writing() as connection:
        connection.execute(update(stream).values(retry_at=NOW + 100 * 24 * HOUR))
    assert desk.read(2).put_off_until is None
    assert len(desk.source.asked) == 2


def test_an_account_that_is_just_being_listed_is_not_taken_for_one_that_was_read(desk: Desk) -> None:
    """Others are judged meanwhile, and nothing may be told before the first read of all is over."""
    seen = []

    def is_unfinished() -> None:
        with desk.store.database.reading() as connection:
            seen.append(bool(first_reads.unfinished(connection, ("work",))))

    desk.source.on_listing = is_unfinished
    desk.read(1)
    is_unfinished()
    assert seen == [True, False]
