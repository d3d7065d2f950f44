"""How Google's client library reaches the network: with a time-out, and an access token asked for when needed."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import httplib2

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

SECONDS = 60.0


class GoogleHttp:
    """What the library takes for an ``httplib2.Http``; ``token`` gives an access token, another one than its argument.

    ``once``: a request that may have arrived is never sent again. ``token`` may raise Later, SignInNeeded or Refused.
    """

    def __init__(self, token: Callable[[str], str], *, once: bool = False) -> None:
        self._token = token
        self._once = once
        self._http: Any = None

    def request(
        self, uri: str, method: str = "GET", body: Any = None, headers: Mapping[str, str] | None = None, **others: Any
    ) -> tuple[Any, bytes]:
        """Send a request; once more with another token if this one is refused, as then nothing was done."""
        token = self._token("")
        response, content = self._send(uri, method, body, headers, token, others)
        if response.status == 401:
            token = self._token(token)
            response, content = self._send(uri, method, body, headers, token, others)
        return response, content

    def close(self) -> None:
        """Let go of connections."""
        if self._http is not None:
            self._http.close()
            self._http = None

    def _send(
        self,
        uri: str,
        method: str,
        body: Any,
        headers: Mapping[str, str] | None,
        token: str,
        others: Mapping[str, Any],
    ) -> tuple[Any, bytes]:
        if self._once:
            self.close()
            others = {**others, "connection_type": _for_one_request(uri.startswith("https:"))}
        if self._http is None:
            # A batch is a POST that changes nothing: it may be followed and repeated as a GET may.
            self._http = httplib2.Http(timeout=SECONDS)
            self._http.follow_redirects = not self._once
        signed = {**(headers or {}), "authorization": f"Bearer {token}"}
        found: tuple[Any, bytes] = self._http.request(uri, method=method, body=body, headers=signed, **others)
        return found


@cache
def _for_one_request(encrypted: bool) -> type[Any]:
    """Make a kind of connection that sends one request.

    httplib2 sends a request again where the server closed the connection without an answer, whatever its ``RETRIES``
    says, and also one that changes something.
    """
    base: Any = httplib2.HTTPSConnectionWithTimeout if encrypted else httplib2.HTTPConnectionWithTimeout

    class ForOneRequest(base):  # type: ignore[misc]  # the library is untyped
        def request(self, *arguments: Any, **named: Any) -> None:
            if getattr(self, "_was_sent", False):
                raise ConnectionError("the server broke the connection off without an answer")
            self._was_sent = True
            super().request(*arguments, **named)

    return ForOneRequest
