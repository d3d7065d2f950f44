"""Forms that a browser posts: read whole within bounds, believed only with the session's token, and then handled."""

from __future__ import annotations

import asyncio
import hmac
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from starlette.concurrency import run_in_threadpool

from keepwarm.daemon.web.problem import Problem
from keepwarm.daemon.web.visitor import visitor_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from starlette.requests import Request
    from starlette.responses import Response

LARGEST_FORM = 64 * 1024
"""Bytes."""

_MOST_FIELDS = 50
_PATIENCE = 10.0  # seconds in which a body must have come
_FORM = "application/x-www-form-urlencoded"


def posted(handle: Callable[[Request, Mapping[str, str]], Response]) -> Callable[[Request], Awaitable[Response]]:
    """Make an endpoint of a function of a request and its form's fields, which runs in a thread of the pool.

    The function sees only forms that bring ``visitor_of(request).csrf``, as the field "csrf" or the header
    X-CSRF-Token; of a field that comes twice it sees the last. It may raise Problem.
    """

    async def endpoint(request: Request) -> Response:
        form = _fields(request, await _body(request))
        csrf = visitor_of(request).csrf
        given = request.headers.get("x-csrf-token") or form.get("csrf", "")
        if not csrf or not hmac.compare_digest(given.encode(), csrf.encode()):
            raise Problem(403, "The form is not of this session.", "Load the page anew, and send it again.")
        return await run_in_threadpool(handle, request, form)

    return endpoint


async def _body(request: Request) -> bytes:
    body = b""
    try:
        async with asyncio.timeout(_PATIENCE):
            async for chunk in request.stream():
                body += chunk
                if len(body) > LARGEST_FORM:
                    raise Problem(413, f"A form has at most {LARGEST_FORM} bytes.")
    except TimeoutError:
        raise Problem(408, "The form took too long to come.", "Send it again.") from None
    return body


def _fields(request: Request, body: bytes) -> dict[str, str]:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
        raise Problem(415, f"A form is sent as {_FORM}.")
    try:
        fields = parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=_MOST_FIELDS, errors="strict")
    except ValueError:
        raise Problem(400, "The form cannot be read.") from None
    return dict(fields)
