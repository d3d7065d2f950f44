"""A worker: whatever happens to it is told, logged once, and tried again; and it ends when it is told to."""

from __future__ import annotations

import threading
from collections import deque
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

import pytest
import structlog
from structlog.testing import capture_logs

from keepwarm.connectors.contract import Later, SignInNeeded
from keepwarm.daemon.account_outcome import AccountOutcome
from keepwarm.daemon.accounts import MaildirAccount
from keepwarm.daemon.refusals import StillRefused
from keepwarm.daemon.worker import Broken, FirstLook, PassEnded, Worker
from keepwarm.storage.database import DatabaseBusyError, DatabaseError
from keepwarm.storage.observations import Batch, Stream

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from keepwarm.connectors.contract import ConnectorError
    from keepwarm.daemon.account_pass import FirstLook as FirstLookAt
    from keepwarm.daemon.pace import Pace
    from keepwarm.daemon.stream_pull import Waiting, Watcher

PATIENCE = 30.0  # seconds
ACCOUNT = MaildirAccount.model_validate(
    {"kind": "maildir", "name": "work", "address": "me@kept.test", "path": "/mail", "poll": "5m"}
)


class Reader:
    """Reads nothing: each pass is what the test says."""

    def __init__(self) -> None:
        self.passes: deque[Callable[[Watcher, FirstLookAt], AccountOutcome]] = deque()
        self.went_on: list[bool] = []
        self.waiting: Waiting

    def made(self, waiting: Waiting, _pace: Pace) -> Any:
        self.waiting = waiting
        return self

    def read(self, _account: Any, watcher: Watcher, first_look: FirstLookAt, *, goes_on: bool) -> AccountOutcome:
        self.went_on.append(goes_on)
        return self.passes.popleft()(watcher, first_look)


class Desk:
    """A worker that is started, and what it tells."""

    def __init__(self) -> None:
        self.reader = Reader()
        self.told: SimpleQueue[PassEnded | FirstLook | Broken] = SimpleQueue()
        self.worker = Worker(ACCOUNT, self.reader.made, self.told.put)
        self.worker.start()

    def read(self, what: Callable[[Watcher, FirstLookAt], AccountOutcome]) -> PassEnded | FirstLook | Broken:
        self.reader.passes.append(what)
        self.worker.begin()
        return self.told.get(timeout=PATIENCE)


@pytest.fixture
def desk() -> Iterator[Desk]:
    structlog.reset_defaults()  # another test may have set up logs that tell warnings only
    desk = Desk()
    yield desk
    desk.worker.end()
    desk.worker.join(PATIENCE)
    assert not desk.worker.is_alive()


def well(_watcher: Watcher, _first_look: FirstLookAt) -> AccountOutcome:
    return AccountOutcome("work")


def failing(error: ConnectorError) -> Callable[[Watcher, FirstLookAt], AccountOutcome]:
    def read(_watcher: Watcher, _first_look: FirstLookAt) -> AccountOutcome:
        outcome = AccountOutcome("work", failure=error)
        outcome.note(str(error), "Do something.")
        return outcome

    return read


def raising(error: Exception) -> Callable[[Watcher, FirstLookAt], AccountOutcome]:
    def read(_watcher: Watcher, _first_look: FirstLookAt) -> AccountOutcome:
        raise error

    return read


def test_a_fault_is_told_as_what_passes_and_the_worker_goes_on(desk: Desk) -> None:
    with capture_logs() as logs:
        ended = desk.read(raising(ZeroDivisionError("by nothing")))
    assert isinstance(ended, PassEnded)
    assert isinstance(ended.outcome.failure, Later)
    assert "ZeroDivisionError" in str(ended.outcome.failure)
    assert [line["log_level"] for line in logs] == ["error"]
    again = desk.read(well)
    assert isinstance(again, PassEnded)
    assert again.outcome.failure is None


def test_a_database_that_cannot_be_used_is_told_and_ends_it(desk: Desk) -> None:
    broken = desk.read(raising(DatabaseError("The disk is full.")))
    assert isinstance(broken, Broken)
    assert str(broken.error) == "The disk is full."
    desk.worker.join(PATIENCE)
    assert not desk.worker.is_alive()


def test_a_problem_is_logged_once_and_once_when_it_is_over(desk: Desk) -> None:
    with capture_logs() as logs:
        for what in (well, failing(Later("No answer.")), failing(Later("No answer.")), well, well):
            desk.read(what)
    assert [line["event"] for line in logs] == ["cannot be read", "can be read again"]


def test_a_password_that_is_not_offered_again_is_no_news(desk: Desk) -> None:
    refused = failing(SignInNeeded("It was refused.", "Check it."))
    still = failing(StillRefused("It was refused. It is still the same one.", "Check it."))
    with capture_logs() as logs:
        for what in (refused, still, still, well, still, still):
            desk.read(what)
    assert [line["event"] for line in logs] == ["cannot be read", "can be read again", "cannot be read"]


def test_a_first_look_is_told_while_the_reading_goes_on(desk: Desk) -> None:
    go_on = threading.Event()

    def read(_watcher: Watcher, first_look: FirstLookAt) -> AccountOutcome:
        first_look([Stream("INBOX")])
        go_on.wait(PATIENCE)
        return AccountOutcome("work")

    assert desk.read(read) == FirstLook(account=ACCOUNT, watched=[Stream("INBOX")])
    go_on.set()
    assert isinstance(desk.told.get(timeout=PATIENCE), PassEnded)


def test_it_reads_all_or_goes_on_as_it_is_told_to(desk: Desk) -> None:
    for goes_on in (False, True, False):
        desk.reader.passes.append(well)
        desk.worker.begin(goes_on=goes_on)
        desk.told.get(timeout=PATIENCE)
    assert desk.reader.went_on == [False, True, False]


def test_it_ends_at_the_next_batch_and_tells_nothing_more(desk: Desk) -> None:
    begun, ending = threading.Event(), threading.Event()

    def read(watcher: Watcher, _first_look: FirstLookAt) -> AccountOutcome:
        begun.set()
        ending.wait(PATIENCE)
        watcher.stored(Batch(cursor={"v": 1}))
        return AccountOutcome("work")

    desk.reader.passes.append(read)
    desk.worker.begin()
    assert begun.wait(PATIENCE)
    desk.worker.end()
    ending.set()
    desk.worker.join(PATIENCE)
    assert not desk.worker.is_alive()
    assert desk.told.empty()


def test_it_ends_while_it_waits_for_a_quota(desk: Desk) -> None:
    begun = threading.Event()

    def read(_watcher: Watcher, _first_look: FirstLookAt) -> AccountOutcome:
        begun.set()
        desk.reader.waiting("work", 3600.0, "The quota is spent.")
        return AccountOutcome("work")

    desk.reader.passes.append(read)
    desk.worker.begin()
    assert begun.wait(PATIENCE)
    desk.worker.end()
    desk.worker.join(PATIENCE)
    assert not desk.worker.is_alive()
    assert desk.told.empty()


@pytest.mark.parametrize(
    "fault", [DatabaseBusyError("The database was busy."), GeneratorExit("as if a library panicked")]
)
def test_whatever_ends_a_pass_is_told_and_the_account_is_read_again(desk: Desk, fault: BaseException) -> None:
    def fails(_watcher: Watcher, _first_look: FirstLookAt) -> AccountOutcome:
        raise fault

    for _ in range(2):
        told = desk.read(fails)
        assert isinstance(told, PassEnded)
        assert isinstance(told.outcome.failure, Later)
    assert isinstance(desk.read(lambda *_: AccountOutcome("work")), PassEnded)
