"""Listening: HTTP by uvicorn, without patience for whoever keeps a connection and does not use it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import anyio.to_thread
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from keepwarm.daemon.web.peers import user_of
from keepwarm.daemon.web.problem import Problem

if TYPE_CHECKING:
    import asyncio
    import socket
    from collections.abc import Callable

    from starlette.types import ASGIApp


LONGEST_HEAD = 16 * 1024
"""Bytes of a request's line and headers together."""

_MOST_CONNECTIONS = 64
_MOST_THREADS = 4  # each may hold a connection to the database, with its cache
_HEAD_WITHIN = 10.0  # seconds from a connection's first byte, or its beginning, to the end of a request's headers
_TAKEN_WITHIN = 30.0  # seconds in which a client takes more of an answer
_IDLE = 15  # seconds between two requests of a connection
_FAREWELL = 1  # seconds for answers that are under way when it ends
_UNSAID = 100  # a level beyond all of uvicorn's: what is to be told is told by the guard


class _Protocol(H11Protocol):
    """One connection."""

    owner = os.getuid() if hasattr(os, "getuid") else None
    _deadline: asyncio.TimerHandle | None = None
    _stuck: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if self._is_of_another_user():
            self._refuse(Problem(403, "This page belongs to another user of this machine."))
        else:
            self._deadline = self.loop.call_later(_HEAD_WITHIN, transport.abort)

    def connection_lost(self, exc: Exception | None) -> None:
        for timer in (self._deadline, self._stuck):
            if timer is not None:
                timer.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self.transport.is_closing():
            return
        super().data_received(data)
        is_between = self.cycle is None or self.cycle.response_complete
        if not is_between and self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
        elif is_between and self._deadline is None:
            self._deadline = self.loop.call_later(_HEAD_WITHIN, self.transport.abort)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._stuck = self.loop.call_later(_TAKEN_WITHIN, self.transport.abort)

    def resume_writing(self) -> None:
        if self._stuck is not None:
            self._stuck.cancel()
        super().resume_writing()

    def send_400_response(self, msg: str) -> None:
        self._refuse(Problem(400, msg))

    def _is_of_another_user(self) -> bool:
        if self.owner is None or self.client is None or self.server is None:
            return False
        user = user_of(self.client, (self.server[0], self.server[1] or 0))
        return user is not None and user != self.owner

    def _refuse(self, problem: Problem) -> None:
        """Say why, and end the connection."""
        answer = problem.response()
        head = [f"HTTP/1.1 {problem.status} {problem.title}", "connection: close"]
        head += [f"{name}: {value}" for name, value in answer.headers.items()]
        self.transport.write("\r\n".join((*head, "", "")).encode("ascii") + bytes(answer.body))
        self.transport.close()


class Server(uvicorn.Server):
    """Serves an application until ``over`` is set; no clock wakes it meanwhile."""

    def __init__(self, app: ASGIApp, over: asyncio.Event, farewell: Callable[[], None]) -> None:
        """``farewell`` is called at the end, before what is under way is waited for."""
        super().__init__(
            uvicorn.Config(
                app,
                http=_Protocol,
                ws="none",
                loop="asyncio",
                lifespan="off",
                log_config=None,
                log_level=_UNSAID,
                access_log=False,
                proxy_headers=False,
                server_header=False,
                date_header=False,
                limit_concurrency=_MOST_CONNECTIONS,
                timeout_keep_alive=_IDLE,
                timeout_graceful_shutdown=_FAREWELL,
                h11_max_incomplete_event_size=LONGEST_HEAD,
            )
        )
        self._over = over
        self._farewell = farewell

    async def main_loop(self) -> None:
        """Wait for the end."""
        anyio.to_thread.current_default_thread_limiter().total_tokens = _MOST_THREADS
        await self._over.wait()
        self._farewell()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End; a connection that does not take its answer is not waited for."""
        await super().shutdown(sockets)
        for connection in list(self.server_state.connections):
            connection.transport.abort()
