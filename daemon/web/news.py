"""News: whoever waits for the feed is woken when something was added to it."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool

from keepwarm.storage.database import DatabaseError

if TYPE_CHECKING:
    from collections.abc import Callable

_LOOKS_EACH = 1.0  # seconds: another process may have added to it
_MOST = 32  # clients


class CrowdedError(Exception):
    """So many wait that nobody else may."""


class News:
    """One for all who wait: they do not each ask the database. For the event loop's thread, but for ``tell``."""

    def __init__(self, newest: Callable[[], int]) -> None:
        """``newest`` asks the database for the last line of the feed; it is called in a thread of the pool."""
        self._newest = newest
        self._loop: asyncio.AbstractEventLoop | None = None
        self._waiting: dict[asyncio.Future[None], int] = {}  # with the last line that each has seen
        self._told = asyncio.Event()
        self._watch: asyncio.Task[None] | None = None
        self.is_closed = False

    async def wait(self, seen: int, seconds: float) -> None:
        """Wait until the feed goes beyond ``seen``, or all is over, but no longer than that. Raises CrowdedError."""
        if self.is_closed:
            return
        if len(self._waiting) >= _MOST:
            raise CrowdedError
        self._loop = asyncio.get_running_loop()
        turn: asyncio.Future[None] = self._loop.create_future()
        self._waiting[turn] = seen
        self._told.set()
        if self._watch is None or self._watch.done():
            self._watch = asyncio.create_task(self._watching())
        try:
            await asyncio.wait([turn], timeout=seconds)
        finally:
            del self._waiting[turn]

    def tell(self) -> None:
        """Say that something may have been added; any thread may say so."""
        loop = self._loop
        if loop is not None:
            with suppress(RuntimeError):  # it has ended
                loop.call_soon_threadsafe(self._told.set)

    def close(self) -> None:
        """Wake all for the last time."""
        self.is_closed = True
        self._wake(lambda _seen: True)
        self._told.set()

    async def _watching(self) -> None:
        """Look whenever there may be news, as long as somebody waits."""
        while self._waiting and not self.is_closed:
            self._told.clear()
            with suppress(DatabaseError):  # it passes, or the daemon ends of it
                newest = await run_in_threadpool(self._newest)
                self._wake(lambda seen, newest=newest: seen < newest)  # type: ignore[misc]
            with suppress(TimeoutError):
                async with asyncio.timeout(_LOOKS_EACH):
                    await self._told.wait()

    def _wake(self, whom: Callable[[int], bool]) -> None:
        for turn, seen in self._waiting.items():
            if whom(seen) and not turn.done():
                turn.set_result(None)
