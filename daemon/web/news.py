"""News: whoever waits for the feed is woken when something may have been added to it."""

from __future__ import annotations

import asyncio


class News:
    """For the event loop's thread, but for ``tell`` and ``close``, which any thread may call."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._waiting: set[asyncio.Future[None]] = set()
        self.is_closed = False

    async def wait(self, seconds: float) -> None:
        """Wait for news, but no longer than that."""
        self._loop = asyncio.get_running_loop()
        if self.is_closed:
            return
        turn: asyncio.Future[None] = self._loop.create_future()
        self._waiting.add(turn)
        try:
            await asyncio.wait([turn], timeout=seconds)
        finally:
            self._waiting.discard(turn)

    def tell(self) -> None:
        """Wake all."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._wake)

    def close(self) -> None:
        """Wake all for the last time: nobody waits any more."""
        self.is_closed = True
        self.tell()

    def _wake(self) -> None:
        for turn in self._waiting:
            if not turn.done():
                turn.set_result(None)
