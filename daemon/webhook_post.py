"""Posting one line to a webhook: no redirect is followed, and little of the answer is read."""

from __future__ import annotations

import logging
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from urllib3 import Timeout
from urllib3.exceptions import HTTPError, NameResolutionError, NewConnectionError

from keepwarm.connectors.contract import ConnectorError, Refused
from keepwarm.connectors.dialling import Dialler, Pools, PrivateAddress
from keepwarm.connectors.http import trusting
from keepwarm.connectors.http_faults import explained, place, wait_of
from keepwarm.connectors.loopback import is_loopback

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import timedelta
    from pathlib import Path

    from urllib3 import BaseHTTPResponse

_CONNECT_SECONDS, _READ_SECONDS = 10.0, 20.0
_WHOLE_SECONDS = 30.0  # the specification calls 15 to 30 usual
_READ_OF_ANSWER = 64 * 1024  # bytes; nothing is done with them, but a connection that was read empty is used again
_BUSY = frozenset({429, 502, 503, 504})

# urllib3 logs addresses.
logging.getLogger("urllib3").setLevel(logging.CRITICAL + 1)


@dataclass(frozen=True, slots=True)
class Taken:
    """The line has arrived."""


@dataclass(frozen=True, slots=True)
class Gone:
    """The receiver wants nothing any more (410)."""

    problem: str


@dataclass(frozen=True, slots=True)
class NotTaken:
    """The line was not taken, or nobody said so; ``after`` is what the receiver asks to wait."""

    problem: str
    what_to_do: str
    of_endpoint: bool  # it says nothing about this line: no other would be taken now either
    after: timedelta | None = None


class Post:
    """A client for one address, for one thread."""

    def __init__(
        self, url: str, *, private: bool, ca_file: Path | None = None, whole_seconds: float = _WHOLE_SECONDS
    ) -> None:
        self._url = url
        self._place = place(url)
        self._ca_file = ca_file
        self._whole_seconds = whole_seconds
        self._dialler = Dialler(private)
        parts = urlsplit(url)
        if is_loopback(parts.hostname or ""):  # whoever writes this machine itself means it
            self._dialler.home = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
        self._pools: Pools | None = None

    def send(self, body: bytes, headers: Mapping[str, str]) -> Taken | Gone | NotTaken:
        """Post one line; the outcome says what came of it, nothing is raised for that."""
        named = {"Content-Type": "application/json", "User-Agent": f"keepwarm/{version('keepwarm')}", **headers}
        try:
            with self._dialler.fuse.at_most(self._whole_seconds):
                answer = self._opened().request(
                    "POST",
                    self._url,
                    body=body,
                    headers=named,
                    redirect=False,
                    retries=False,
                    preload_content=False,
                    timeout=Timeout(connect=_CONNECT_SECONDS, read=_READ_SECONDS),
                )
                try:
                    return self._read(answer)
                finally:
                    answer.close()
        except ConnectorError as refused:
            return self._refused(refused)
        except (HTTPError, OSError, ValueError) as error:
            return self._failed(error)

    def close(self) -> None:
        """Let the connection go."""
        if self._pools is not None:
            self._pools.clear()
        self._pools = None

    def _opened(self) -> Pools:
        if self._pools is None:
            self._pools = Pools(self._dialler, num_pools=1, maxsize=1, ssl_context=trusting(self._ca_file))
        return self._pools

    def _read(self, answer: BaseHTTPResponse) -> Taken | Gone | NotTaken:
        status = answer.status
        if 200 <= status < 300:
            with suppress(HTTPError, OSError, ValueError):  # it was taken, whatever else is said
                answer.read(_READ_OF_ANSWER, decode_content=False)
            return Taken()
        if status == 410:
            return Gone(f"{self._place} wants nothing any more (HTTP 410).")
        after = wait_of(answer.headers) if "Retry-After" in answer.headers else None
        if 300 <= status < 400:
            problem = f"{self._place} sends on to another address (HTTP {status}), which is not followed."
            return NotTaken(problem, "Set url in [webhook] to the address that answers by itself.", True)
        busy = status in _BUSY
        problem = f"{self._place} {'is busy' if busy else 'did not take it'} (HTTP {status})."
        cure = "" if busy else "See what the receiver says of it; `keepwarm webhook retry` sends it again."
        return NotTaken(problem, cure, status == 429 or (busy and after is not None), after)

    def _refused(self, refused: ConnectorError) -> NotTaken:
        cure = getattr(refused, "what_to_do", "")
        if isinstance(refused, PrivateAddress):
            cure = "If it is meant to, set allow_private = true in [webhook]; else do not trust this address."
        return NotTaken(str(refused), cure, True)

    def _failed(self, error: Exception) -> NotTaken:
        if self._dialler.fuse.is_blown:
            error = TimeoutError()
        if isinstance(error, NewConnectionError) and not isinstance(error, NameResolutionError):
            return NotTaken(f"{self._place} cannot be reached.", "", True)
        told = explained(error, self._url)
        cure = "If the server is yours, set ca_file in [webhook] to its certificate (PEM)."
        return NotTaken(str(told), cure if isinstance(told, Refused) else "", True)
