"""A Microsoft Graph of the tests' own: v1.0 over real HTTP on loopback, behaving as Microsoft documents it.

What it serves is in ``graph_mail`` and ``graph_calendar``; who may ask is in ``graph_identity``. Delta tokens are made
of the state alone, so two first readings of the same state get the same links.
"""

from __future__ import annotations

import base64
import json
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

TOKEN = "token-of-the-tests"
READ_BASIC = frozenset({"Mail.ReadBasic", "Calendars.ReadBasic"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request that came."""

    method: str
    path: str  # below /v1.0, decoded
    query: Mapping[str, str]
    headers: Mapping[str, str]  # names in lower case
    scopes: frozenset[str]
    base: str  # "http://127.0.0.1:PORT/v1.0"
    body: bytes = b""

    @property
    def prefers(self) -> str:
        return self.headers.get("prefer", "")

    @property
    def page(self) -> int:
        """How many items a page may hold."""
        for part in self.prefers.split(","):
            name, _, number = part.strip().partition("=")
            if name == "odata.maxpagesize":
                return int(number)
        return int(self.query.get("$top", 10))

    @property
    def immutable(self) -> bool:
        return 'IdType="ImmutableId"' in self.prefers


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An answer."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


def error(status: int, code: str, message: str = "It went wrong.", **headers: str) -> Told:
    """Refuse, as Graph does."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Told(status=status, body={"error": {"code": code, "message": message}}, headers=named)


GONE = error(410, "syncStateNotFound", "The sync state generation is not found; continue with a full sync.")


class RefusedError(Exception):
    """A request that is answered with an error."""

    def __init__(self, told: Told) -> None:
        super().__init__(told.status)
        self.told = told


def packed(state: Mapping[str, Any]) -> str:
    """Write a token."""
    return base64.urlsafe_b64encode(json.dumps(state, sort_keys=True).encode()).decode().rstrip("=")


def unpacked(token: str) -> dict[str, Any]:
    """Read a token. Raises RefusedError for one that was never given."""
    try:
        read: dict[str, Any] = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    except ValueError:
        raise RefusedError(error(400, "SyncStateInvalid", "The sync state is invalid.")) from None
    return read


def selected(item: Mapping[str, Any], select: Iterable[str], known: Iterable[str]) -> dict[str, Any]:
    """Keep what $select names, and the id. Raises RefusedError for a property that there is none of."""
    wanted = list(select)
    if unknown := set(wanted) - set(known) - {"id"}:
        raise RefusedError(error(400, "RequestBroken", f"Could not find a property named '{min(unknown)}'."))
    return {name: value for name, value in item.items() if name in {*wanted, "id"} or name.startswith("@")}


def paged(items: Sequence[Any], asked: Asked) -> Told:
    """Answer with a page of a list: ten items unless more are asked for, and where the next ones are."""
    start = int(asked.query.get("$skip", 0))
    body: dict[str, Any] = {"value": items[start : start + asked.page]}
    if start + asked.page < len(items):
        kept = "&".join(f"{name}={quote(value)}" for name, value in asked.query.items() if name != "$skip")
        body["@odata.nextLink"] = f"{asked.base}{quote(asked.path)}?{kept}&$skip={start + asked.page}"
    return Told(body=body)


@dataclass(slots=True)
class Log:
    """What changed, in order: the last change of each item counts."""

    state: int = 0
    forgotten: int = 0  # tokens of states before this one are no longer known
    last: dict[str, int] = field(default_factory=dict)
    order: dict[str, int] = field(default_factory=dict)  # when each item came

    def note(self, key: str, *, silently: bool = False) -> None:
        """Note a change; ``silently``: delta does not tell of it."""
        self.state += 1
        self.order.setdefault(key, self.state)
        if not silently:
            self.last[key] = self.state

    def forget(self) -> None:
        """Forget all tokens that were given."""
        self.state += 1
        self.forgotten = self.state

    def changed(self, since: int, until: int) -> list[tuple[int, str]]:
        return sorted((at, key) for key, at in self.last.items() if since < at <= until)


@dataclass(slots=True)
class Graph:
    """The running server. ``parts`` answer by the path's beginning; ``next`` is given before anything else."""

    parts: list[Callable[[Asked], Told | None]] = field(default_factory=list)
    next: deque[Told] = field(default_factory=deque)
    broken: dict[str, Told] = field(default_factory=dict)  # what is answered, by globs over paths
    asked: list[Asked] = field(default_factory=list)
    scopes_of: dict[str, frozenset[str]] = field(default_factory=lambda: {TOKEN: READ_BASIC})
    was_concurrent: bool = False
    takes: float = 0.0  # seconds for an answer
    bytes_sent: int = 0
    _server: ThreadingHTTPServer = field(init=False)
    _busy: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        graph = self

        class Handler(_Handler):
            site = graph

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.block_on_close = False
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1.0"

    def paths(self) -> list[str]:
        """Give the paths that were asked for, and forget them."""
        found = [asked.path for asked in self.asked]
        self.asked.clear()
        return found

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, asked: Asked) -> Told:
        """Answer one request; a mailbox takes one at a time."""
        if not self._busy.acquire(blocking=False):
            self.was_concurrent = True
            return error(429, "ApplicationThrottled", "Application is over its MailboxConcurrency limit.")
        try:
            self.asked.append(asked)
            time.sleep(self.takes)
            if self.next:
                return self.next.popleft()
            if not asked.scopes:
                return error(401, "InvalidAuthenticationToken", "Access token has expired or is not yet valid.")
            for glob, told in self.broken.items():
                if fnmatchcase(asked.path, glob):
                    return told
            found = (part(asked) for part in self.parts)
            return next((told for told in found if told is not None), error(404, "ResourceNotFound"))
        except RefusedError as refused:
            return refused.told
        finally:
            self._busy.release()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # header and body go in two pieces: the second would wait for the first
    site: Graph

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the base class calls it so
        """Say nothing."""

    def do_GET(self) -> None:
        self._reply()

    def do_POST(self) -> None:
        self._reply(self.rfile.read(int(self.headers.get("Content-Length") or 0)))

    def _reply(self, sent: bytes = b"") -> None:
        parts = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        told = self.site.answer(
            Asked(
                method=self.command,
                path=unquote(parts.path).removeprefix("/v1.0"),
                query=dict(parse_qsl(parts.query, keep_blank_values=True)),
                headers=headers,
                scopes=self.site.scopes_of.get(headers.get("authorization", "").removeprefix("Bearer "), frozenset()),
                base=self.site.url,
                body=sent,
            )
        )
        body = b"" if told.status == 202 else json.dumps(told.body).encode()
        self.site.bytes_sent += len(body)
        (self.send_response_only if "Date" in told.headers else self.send_response)(told.status)
        for name, value in {"Content-Type": "application/json", **told.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
