"""The feed by HTTP: at once, as soon as there is more, or as a stream that goes on."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse

from keepwarm.daemon.web.answers import JSON, kept_answer, wanted
from keepwarm.daemon.web.news import CrowdedError
from keepwarm.daemon.web.parameters import LARGEST_WHOLE, Parameters
from keepwarm.daemon.web.problem import Problem
from keepwarm.daemon.web.visitor import visitor_of
from keepwarm.outputs.feed import line
from keepwarm.storage import feed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request

    from keepwarm.daemon.web.site import Site
    from keepwarm.daemon.web.visitor import Visitor

LONGEST_WAIT = 60
"""Seconds."""

MOST_LINES = 1000
"""In one answer."""

LINES = "application/jsonl"
STREAM = "text/event-stream"
_USUAL_LINES = 400
_HEARTBEAT = 15.0  # seconds
_SEQ = re.compile(r"[0-9]{1,18}\Z")
_COMES_BACK = 2000  # milliseconds, for a client whose connection was cut


@dataclass(frozen=True, slots=True)
class _Piece:
    """Some lines, each with its ``seq``."""

    lines: tuple[tuple[int, str], ...]
    last: int  # the ``seq`` of the last of them; of what came before if there are none
    more: bool

    @property
    def texts(self) -> list[str]:
        """The lines alone."""
        return [text for _, text in self.lines]


class FeedRoute:
    """The endpoint."""

    def __init__(self, site: Site) -> None:
        self._site = site

    async def answer(self, request: Request) -> Response:
        """Give what comes after a line."""
        asked = Parameters(request)
        since = asked.whole("since", 0, LARGEST_WHOLE) or 0
        limit = asked.whole("limit", 1, MOST_LINES) or _USUAL_LINES
        wait = asked.whole("wait", 0, LONGEST_WAIT) or 0
        asked.done()
        came_to = _came_to(request)
        kind = wanted(request, (JSON, LINES, STREAM))
        if kind == STREAM and came_to is not None:
            since = came_to
        piece = await run_in_threadpool(self._piece, since, limit)
        if kind == STREAM:
            return self._stream(request, piece, limit)
        if wait and not piece.lines:
            await self._news(since, wait)
            piece = await run_in_threadpool(self._piece, since, limit)
        if kind == LINES:
            return kept_answer(request, "".join(f"{one}\n" for one in piece.texts), LINES)
        more = "true" if piece.more else "false"
        text = f'{{"entries":[{",".join(piece.texts)}],"next":{piece.last},"more":{more}}}'
        return kept_answer(request, text, JSON)

    def _piece(self, since: int, limit: int) -> _Piece:
        """Read the lines after one, so many at most. Raises Problem."""
        with self._site.database.reading() as connection:
            newest = feed.last(connection)
            if since > newest:
                why = f"The feed ends at {newest}: {since} is of another database, or of one that was restored."
                raise Problem(409, why, "Begin again at 0, and drop doubles by id.")
            found = list(islice(feed.entries(connection, since), limit))
        last = found[-1].seq if found else since
        return _Piece(tuple((entry.seq, line(entry)) for entry in found), last, last < newest)

    async def _news(self, seen: int, seconds: float) -> None:
        try:
            await self._site.news.wait(seen, seconds)
        except CrowdedError:
            raise Problem(503, "Too many wait for the feed.", "Ask again later.", {"Retry-After": "10"}) from None

    def _stream(self, request: Request, piece: _Piece, limit: int) -> Response:
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        if request.method == "HEAD":
            return Response(media_type=STREAM, headers=headers)
        events = self._events(piece, limit, visitor_of(request))
        return StreamingResponse(events, media_type=STREAM, headers=headers)

    async def _events(self, piece: _Piece, limit: int, visitor: Visitor) -> AsyncIterator[str]:
        """Give line after line as they come, and something each few seconds, so that a dead connection is noticed."""
        yield f"retry: {_COMES_BACK}\n\n"
        while not self._site.news.is_closed and visitor.is_welcome():
            if piece.lines:
                yield "".join(f"id: {seq}\ndata: {text}\n\n" for seq, text in piece.lines)
            else:
                began = time.monotonic()
                try:
                    await self._site.news.wait(piece.last, _HEARTBEAT)
                except CrowdedError:
                    return
                if time.monotonic() - began >= _HEARTBEAT:
                    yield ": still here\n\n"
            piece = await run_in_threadpool(self._piece, piece.last, limit)


def _came_to(request: Request) -> int | None:
    """Give how far a client came with a stream that it takes up again. Raises Problem."""
    came_to = request.headers.get("last-event-id")
    if came_to is None:
        return None
    if not _SEQ.match(came_to):
        raise Problem(400, "Last-Event-ID is the seq of a line.")
    return int(came_to)
