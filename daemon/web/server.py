"""The server: the site in a thread of the daemon's own."""

from __future__ import annotations

import asyncio
import secrets
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

import structlog

from keepwarm.daemon.failure import Failure
from keepwarm.daemon.web.sockets import bound, origin_of
from keepwarm.daemon.web.whereabouts import Served, Whereabouts
from keepwarm.storage import feed

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable
    from datetime import datetime

    from keepwarm.daemon.web.news import News
    from keepwarm.daemon.workshop import Workshop

log = structlog.get_logger()

_TRIES_EACH = 60.0  # seconds, while the port is taken for long


class WebServer(threading.Thread):
    """Serves the page and the API. The daemon goes on without it, whatever becomes of it."""

    def __init__(self, workshop: Workshop, clock: Callable[[], datetime]) -> None:
        super().__init__(name="web", daemon=True)
        self._workshop = workshop
        self._clock = clock
        self._ends = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._over: asyncio.Event | None = None
        self._news: News | None = None

    def tell(self) -> None:
        """Say that the feed may have grown; for other threads."""
        if self._news is not None:
            self._news.tell()

    def end(self) -> None:
        """Have it end; for other threads."""
        self._ends.set()
        if self._loop is not None and self._over is not None:
            with suppress(RuntimeError):  # it has ended
                self._loop.call_soon_threadsafe(self._over.set)

    def run(self) -> None:
        """Serve until the end, as soon as the port is free."""
        try:
            listening = self._bound()
            if listening is not None:
                with listening:
                    self._serve(listening)
        except Failure as error:
            log.warning("the page is not served", why=str(error), cure=error.what_to_do)
        except BaseException:
            # The boundary: a fault of ours, or of a library; mail is read, and judged, without it.
            log.exception("unexpected failure", web="the page is not served")

    def _bound(self) -> socket.socket | None:
        """Take the port, which is tried again while it is taken; None if it is to end before."""
        listen, tries = self._workshop.configuration.web.listen, 0
        while not self._ends.is_set():
            try:
                return bound(listen)
            except OSError as error:
                if not tries:
                    why = f"{listen.host}:{listen.port} cannot be listened on: {error.strerror}"
                    cure = "Stop what listens there, or set another port as listen in [web]; it is tried again."
                    log.warning("the page is not served", why=why, cure=cure)
                self._ends.wait(min(_TRIES_EACH, float(2**tries)))  # a daemon that ends has let go of it soon
                tries = min(tries + 1, 10)
        return None

    def _serve(self, listening: socket.socket) -> None:
        """Serve on a socket. Raises Failure."""
        from keepwarm.daemon.web.app import application  # noqa: PLC0415 - starlette: for the daemon alone
        from keepwarm.daemon.web.listening import Server  # noqa: PLC0415
        from keepwarm.daemon.web.news import News  # noqa: PLC0415
        from keepwarm.daemon.web.site import Site  # noqa: PLC0415

        configuration = self._workshop.configuration
        where = Whereabouts.of(configuration)
        served = Served(origin=origin_of(configuration.web.listen, listening), instance=secrets.token_hex(16))
        site = Site(
            workshop=self._workshop.beside(),
            clock=self._clock,
            seal=where.seal,
            news=News(self._newest),
            origin=served.origin,
            instance=served.instance,
        )

        async def serve() -> None:
            self._loop, self._over, self._news = asyncio.get_running_loop(), asyncio.Event(), site.news
            if self._ends.is_set():
                return
            where.tell(served)
            log.info("the page is served", at=served.origin, open="keepwarm open")
            await Server(application(site), self._over, site.news.close).serve([listening])

        site.seal.program_token()  # the secret is there before anybody asks
        try:
            asyncio.run(serve())
        finally:
            where.forget(served)

    def _newest(self) -> int:
        with self._workshop.database.reading() as connection:
            return feed.last(connection)
