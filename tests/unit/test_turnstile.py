"""The turnstile: one at a time, in the order in which they came, whatever becomes of who is inside."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import pytest

from keepwarm.storage.turnstile import Turnstile

if TYPE_CHECKING:
    from collections.abc import Callable

PATIENCE = 30.0  # seconds


@pytest.fixture
def turnstile() -> Turnstile:
    return Turnstile()


def started(target: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=target, daemon=True)
    thread.start()
    return thread


def queue_up(turnstile: Turnstile, number: int, then: Callable[[], None]) -> threading.Thread:
    """Have a thread queue behind ``number`` others."""

    def pass_through() -> None:
        with turnstile:
            then()

    thread = started(pass_through)
    deadline = time.monotonic() + PATIENCE
    while len(turnstile._waiting) <= number:
        assert time.monotonic() < deadline
        time.sleep(0.001)
    return thread


def test_who_comes_first_goes_first(turnstile: Turnstile) -> None:
    passed: list[int] = []
    with turnstile:
        threads = [queue_up(turnstile, n, lambda n=n: passed.append(n)) for n in range(20)]  # type: ignore[misc]
        assert passed == []
    for thread in threads:
        thread.join(PATIENCE)
    assert passed == list(range(20))


def test_who_comes_back_at_once_queues_behind_those_who_wait(turnstile: Turnstile) -> None:
    passed: list[str] = []
    with turnstile:
        thread = queue_up(turnstile, 0, lambda: passed.append("who waited"))
    with turnstile:
        passed.append("who came back")
    thread.join(PATIENCE)
    assert passed == ["who waited", "who came back"]


def test_no_two_are_ever_inside(turnstile: Turnstile) -> None:
    inside, most = 0, 0

    def go_through() -> None:
        nonlocal inside, most
        for _ in range(200):
            with turnstile:
                inside += 1
                most = max(most, inside)
                time.sleep(0)
                inside -= 1

    threads = [started(go_through) for _ in range(8)]
    for thread in threads:
        thread.join(PATIENCE)
        assert not thread.is_alive()
    assert most == 1


def test_who_fails_inside_lets_the_next_in(turnstile: Turnstile) -> None:
    with pytest.raises(ValueError, match="broken"), turnstile:
        raise ValueError("broken")
    with turnstile:
        pass


class Ending(BaseException):
    """What a signal's handler raises."""


class Interrupted(Turnstile):
    """A turnstile at which whoever queues is interrupted."""

    def _wait(self, turn: threading.Lock) -> None:
        if self.is_let_in_first:
            super()._wait(turn)
        raise Ending

    is_let_in_first = False


@pytest.mark.parametrize("is_let_in_first", [False, True], ids=["before the turn came", "when it had come"])
def test_who_gives_up_waiting_keeps_nobody_out(is_let_in_first: bool) -> None:
    turnstile, ended = Interrupted(), threading.Event()
    turnstile.is_let_in_first = is_let_in_first

    def give_up() -> None:
        with pytest.raises(Ending), turnstile:
            pass
        ended.set()

    with turnstile:
        queue_up_thread = started(give_up)
        if not is_let_in_first:
            assert ended.wait(PATIENCE)
        else:
            while not turnstile._waiting:
                time.sleep(0.001)
    queue_up_thread.join(PATIENCE)
    with turnstile:
        pass
    assert ended.is_set()
