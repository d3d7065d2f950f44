"""A turnstile: the threads of one process go through it one at a time, in the order in which they came."""

from __future__ import annotations

from collections import deque
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import TracebackType


class Turnstile:
    """A lock that is handed on to whoever has waited longest.

    With a plain lock, as with SQLite's own, a thread that writes one transaction after the other can keep the others
    waiting for as long as it likes: it is there again before they have woken up. It must not be taken twice by one
    thread.
    """

    def __init__(self) -> None:
        self._guard = Lock()
        self._is_taken = False
        self._waiting: deque[Lock] = deque()  # of each who waits the lock that is opened when it is their turn

    def __enter__(self) -> None:
        with self._guard:
            if not self._is_taken:
                self._is_taken = True
                return
            turn = Lock()
            turn.acquire()
            self._waiting.append(turn)
        try:
            self._wait(turn)
        except BaseException:
            self._give_up(turn)
            raise

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._hand_on()

    def _wait(self, turn: Lock) -> None:
        turn.acquire()

    def _hand_on(self) -> None:
        with self._guard:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._is_taken = False

    def _give_up(self, turn: Lock) -> None:
        """Leave the queue, as a signal has ended the waiting; the turn may have come at that very moment."""
        with self._guard:
            is_queued = turn in self._waiting
            if is_queued:
                self._waiting.remove(turn)
        if not is_queued:
            self._hand_on()
