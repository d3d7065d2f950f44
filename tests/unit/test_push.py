"""Push: watchers give hints, end when they are told to, and begin again only after a poll."""

from __future__ import annotations

import threading
from queue import SimpleQueue
from typing import TYPE_CHECKING

import pytest

from keepwarm.connectors.contract import Later, Refused
from keepwarm.daemon.accounts import MaildirAccount
from keepwarm.daemon.push import Push
from keepwarm.storage.observations import Stream

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from keepwarm.storage.observations import Batch, Cursor

PATIENCE = 30.0
WORK = MaildirAccount.model_validate({"kind": "maildir", "name": "work", "address": "me@kept.test", "path": "/mail"})
STREAMS = [Stream("INBOX"), Stream("Sent"), Stream("Archive")]


class Bell:
    """A connector that says what a test has it say, stream by stream; for the rest it waits until it is interrupted."""

    def __init__(self, says: SimpleQueue[bool | Exception]) -> None:
        self.waited: list[tuple[str, float]] = []
        self.is_closed = threading.Event()
        self._says = says

    def streams(self) -> Sequence[Stream]:
        return STREAMS

    def pull(self, stream: Stream, cursor: Cursor | None) -> Iterator[Batch]:
        return iter(())

    def watched(self) -> Sequence[Stream]:
        return STREAMS

    def wait(self, stream: Stream, seconds: float) -> bool:
        self.waited.append((stream.name, seconds))
        if seconds == 0:
            return False
        said = self._says.get()
        if isinstance(said, Exception):
            raise said
        return said

    def interrupt(self) -> None:
        self._says.put(False)

    def close(self) -> None:
        self.is_closed.set()


class Tower:
    """All bells of a test, and the hints that came of them."""

    def __init__(self) -> None:
        self.bells: list[Bell] = []
        self.ropes: list[SimpleQueue[bool | Exception]] = []
        self.hints: SimpleQueue[str] = SimpleQueue()
        self.push = Push(self._bell, self.hints.put)

    def _bell(self, _account: object) -> Bell:
        self.ropes.append(SimpleQueue())
        self.bells.append(Bell(self.ropes[-1]))
        return self.bells[-1]

    def watch(self, number: int) -> None:
        """Have so many streams watched, and wait until they are."""
        before = len(self.bells)
        self.push.watch(WORK, STREAMS[:number])
        for _ in self.bells[before:]:
            assert self.hints.get(timeout=PATIENCE) == "work"


@pytest.fixture
def tower() -> Iterator[Tower]:
    tower = Tower()
    yield tower
    tower.push.stop()


def ended(bell: Bell) -> None:
    assert bell.is_closed.wait(PATIENCE)
    for thread in threading.enumerate():
        if thread.name.startswith("watch work/") and bell.waited[0][0] in thread.name:
            thread.join(PATIENCE)


def test_a_watch_that_has_begun_gives_a_hint_and_then_one_for_each_piece_of_news(tower: Tower) -> None:
    tower.watch(1)
    for _ in range(2):
        tower.ropes[0].put(True)
        assert tower.hints.get(timeout=PATIENCE) == "work"
    assert tower.bells[0].waited[:2] == [("INBOX", 0.0), ("INBOX", 3600.0)]


def test_two_streams_are_watched_at_most_each_by_a_connector_of_its_own(tower: Tower) -> None:
    tower.push.watch(WORK, STREAMS)
    for _ in range(2):
        tower.hints.get(timeout=PATIENCE)
    assert sorted(bell.waited[0][0] for bell in tower.bells) == ["INBOX", "Sent"]


def test_what_is_watched_already_is_left_alone(tower: Tower) -> None:
    tower.watch(2)
    tower.push.watch(WORK, STREAMS[:2])
    assert len(tower.bells) == 2


def test_what_need_not_be_watched_any_more_is_let_go(tower: Tower) -> None:
    tower.watch(2)
    tower.push.watch(WORK, STREAMS[:1])
    assert tower.bells[1].is_closed.wait(PATIENCE)
    assert not tower.bells[0].is_closed.is_set()


def test_a_lost_watch_gives_a_hint_and_begins_again_only_after_a_pause(tower: Tower) -> None:
    tower.watch(1)
    tower.ropes[0].put(Later("It is gone."))
    assert tower.hints.get(timeout=PATIENCE) == "work"
    ended(tower.bells[0])
    tower.push.watch(WORK, STREAMS[:1])
    assert len(tower.bells) == 1  # it had not held for long


@pytest.mark.parametrize("said", [Refused("No."), ValueError("a fault"), False])
def test_where_nothing_can_be_watched_polling_is_all(tower: Tower, said: Exception | bool) -> None:
    tower.watch(1)
    tower.ropes[0].put(said)
    ended(tower.bells[0])
    tower.push.watch(WORK, STREAMS[:1])
    assert len(tower.bells) == 1


def test_an_account_that_could_not_be_read_is_watched_again_once_it_can(tower: Tower) -> None:
    tower.watch(2)
    tower.push.leave(WORK)
    for bell in tower.bells:
        assert bell.is_closed.wait(PATIENCE)
    tower.push.watch(WORK, STREAMS[:2])
    assert len(tower.bells) == 4


def test_watches_that_stood_in_the_way_of_the_poll_are_one_less(tower: Tower) -> None:
    tower.watch(2)
    tower.push.leave(WORK, crowded=True)
    tower.push.watch(WORK, STREAMS[:2])
    assert len(tower.bells) == 3


def test_all_end_together(tower: Tower) -> None:
    tower.watch(2)
    tower.push.stop()
    assert all(bell.is_closed.wait(PATIENCE) for bell in tower.bells)
