"""Requests to Microsoft Graph v1.0: one at a time, whole, with what an answer means said in the contract's errors.

A mailbox serves few requests at once (``MailboxConcurrency``), and counts a try before Retry-After has passed against
whoever makes it; so after "not now" nothing is sent until then, whatever folder it is about.
"""

from __future__ import annotations

import json
import re
import time
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from threading import Lock
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode, urlsplit

from keepwarm.connectors.contract import CursorLost, Later, Refused, SignInNeeded
from keepwarm.connectors.http import Http
from keepwarm.connectors.http_auth import HttpAuth
from keepwarm.connectors.http_faults import Throttled, place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from keepwarm.connectors.http import Reply

    Token = Callable[[bool], str]

Json = dict[str, Any]

IMMUTABLE = 'IdType="ImmutableId"'
MAX_ANSWER = 64 * 1024 * 1024  # bytes
MAX_PAGES = 20_000
MAX_EMPTY_PAGES = 500  # in a row: legal, and after a large deletion many
TURNING = timedelta(hours=1)
"""How long a stream is left alone whose pages go round in circles even when it is read from the start."""
REFUSED_LINK = timedelta(hours=1)
"""How long one is left alone whose link is refused for a reason that is neither the link's nor the sign-in's."""

_LOST = frozenset({"syncstatenotfound", "syncstateinvalid", "resyncrequired", "fullsyncrequired", "syncstatetooold"})
_NO_MAILBOX = frozenset({"mailboxnotenabledforrestapi", "mailboxnotsupportedforrestapi", "mailboxnothostedinexchange"})
_CODE = re.compile(r"[A-Za-z_.]{1,60}", re.ASCII)


_TURNS: dict[tuple[str, str], Lock] = {}
"""By endpoint and account, whose request it is: the report may be sent while the mailbox is read."""


class NotThereError(Exception):
    """What was asked for does not exist, or no longer."""


class NotAllowedError(Exception):
    """The sign-in does not reach what was asked for."""


class Turning(Later):
    """The server's pages go round in circles: what is behind them cannot be read in this way."""

    def __init__(self) -> None:
        super().__init__("The server's pages go round in circles.", TURNING)


@dataclass(frozen=True, slots=True)
class Page:
    """One page; ``link`` leads on from it: to the next page, from the last one to what changes later ("" for none)."""

    items: list[Json]
    link: str
    is_last: bool


@dataclass(slots=True)
class GraphClient:
    """Asks one user's Graph; ``token`` gives the access token, with True one that is not the one it gave before.

    ``endpoint`` is the address of v1.0, ``account`` names the account to the user.
    """

    endpoint: str
    token: Token = field(repr=False)
    account: str
    ca_file: Path | None = None
    _auth: HttpAuth = field(init=False)
    _http: Http = field(init=False)
    _not_before: float = field(default=0.0, init=False)  # by the monotonic clock

    def __post_init__(self) -> None:
        self._auth = HttpAuth("", lambda: self.token(False), "bearer")
        self._http = Http(ca_file=self.ca_file, auth=self._auth)

    def address(self, path: str, **query: str) -> str:
        """Write the address of a path below v1.0; a leading underscore of a name stands for "$"."""
        named = {name.replace("_", "$", 1): value for name, value in query.items()}
        return f"{self.endpoint.rstrip('/')}{path}" + (f"?{urlencode(named, quote_via=quote)}" if named else "")

    def get(self, url: str, *prefer: str) -> Json:
        """Get one answer.

        Raises NotThereError and NotAllowedError, and the contract's errors.
        """
        reply = self._asked(url, prefer)
        answer = _read(reply)
        if reply.status == 200 and answer is not None:
            return answer
        raise self._explained(reply, _code(answer))

    def post(self, url: str, body: bytes, kind: str) -> str:
        """Have something done, and give the id by which Microsoft's support finds the request.

        It is asked for once only, as nobody can tell whether a request that broke off was done. Raises NotThereError
        and NotAllowedError, and the contract's errors.
        """
        reply = self._authorized("POST", url, {"Accept": "application/json", "Content-Type": kind}, body)
        if 200 <= reply.status < 300:
            return reply.headers.get("request-id", "")
        raise self._explained(reply, _code(_read(reply)))

    def pages(self, url: str, *prefer: str, from_start: bool) -> Iterator[Page]:
        """Follow the pages of a list, or of a delta query: ``from_start``, or from the link of an earlier one.

        Raises NotAllowedError, Turning, and the contract's errors; NotThereError for the first address of all only.
        """
        guard, is_link = _Guard(), not from_start
        for _ in range(MAX_PAGES):
            answer = self._followed(url, prefer) if is_link else self.get(url, *prefer)
            items, following = answer.get("value"), answer.get("@odata.nextLink")
            if not isinstance(items, list):
                raise Later(f"{place(url)} gave an answer without what was asked for.")
            link = following or answer.get("@odata.deltaLink") or ""
            found = [item for item in items if isinstance(item, dict)]
            if following and guard.turns(url, str(following), found):
                break
            yield Page(found, str(link), is_last=not following)
            if not following:
                return
            url, is_link = str(following), True
        raise Turning

    def is_own(self, url: str) -> bool:
        """Say whether an address is of the configured service: the token goes nowhere else."""
        try:
            return _origin(url) == _origin(self.endpoint)
        except ValueError:
            return False

    def close(self) -> None:
        """Let go of the connection, and of the token."""
        self._http.close()
        self._auth.forget()

    def _followed(self, url: str, prefer: tuple[str, ...]) -> Json:
        """Get what a link leads to: the server wrote it, so what is wrong with it only a new beginning mends."""
        reply = self._asked(url, prefer)
        answer = _read(reply)
        if reply.status == 200 and answer is not None:
            return answer
        code = _code(answer)
        fault = self._explained(reply, code)
        if code.lower() in _NO_MAILBOX or not isinstance(fault, Refused | NotThereError):
            raise fault
        if reply.status in (400, 404):
            raise CursorLost(f"{place(url)} does not know where this was to go on ({reply.status}).")
        raise Later(f"{place(url)} refuses to go on here ({reply.status}{code and f', {code}'}).", REFUSED_LINK)

    def _asked(self, url: str, prefer: tuple[str, ...]) -> Reply:
        return self._authorized("GET", url, {"Accept": "application/json", "Prefer": ", ".join((IMMUTABLE, *prefer))})

    def _authorized(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None = None) -> Reply:
        """Send a request; once more with another token, if the one in hand is over: then nothing was done."""
        if not self.is_own(url):
            raise CursorLost("The address to go on from leads to another service than the one that is configured.")
        reply = self._sent(method, url, headers, body)
        if reply.status == 401:
            self.token(True)
            reply = self._sent(method, url, headers, body)
        return reply

    def _sent(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> Reply:
        left = self._not_before - time.monotonic()
        if left > 0:
            raise Throttled(f"{place(url)} could not answer, and is left alone for a while.", timedelta(seconds=left))
        self._auth.forget()  # what gives the token knows how long it lasts
        try:
            with _TURNS.setdefault((self.endpoint, self.account), Lock()):
                return self._http.send(method, url, headers=headers, body=body, limit=MAX_ANSWER)
        except Throttled as throttled:
            self._not_before = time.monotonic() + throttled.after.total_seconds()
            raise

    def _explained(self, reply: Reply, code: str) -> Exception:
        where, login = place(self.endpoint), f"Run `keepwarm login {self.account}`."
        if reply.status == 410 or code.lower() in _LOST:
            return CursorLost("The server no longer knows how far this was read.")
        if reply.status == 401 and "insufficient_claims" in reply.headers.get("WWW-Authenticate", ""):
            return SignInNeeded("Your organisation asks for a new sign-in now (conditional access).", login)
        if reply.status == 401:
            return SignInNeeded(f"{where} does not accept the sign-in.", login)
        if code.lower() in _NO_MAILBOX:
            return Refused(
                "This account has no mailbox in Exchange Online.",
                "Ask your administrator for one, or read the mailbox by IMAP.",
            )
        if reply.status == 403:
            return NotAllowedError(code)
        if reply.status == 404:
            return NotThereError(code)
        if reply.status == 200:
            return Later(f"{where} gave an answer that cannot be read.")
        return Refused(f"{where} refuses what was asked ({reply.status}{code and f', {code}'}).")


@dataclass(slots=True)
class _Guard:
    """Notices pages without end: an address that comes again, the same page under another address, only empty ones."""

    _addresses: set[bytes] = field(default_factory=set)
    _contents: set[bytes] = field(default_factory=set)
    _empty: int = 0

    def turns(self, url: str, following: str, items: list[Json]) -> bool:
        """Take a page that is not the last; True if the server goes round in circles."""
        self._addresses.add(_digest(url))
        self._empty = 0 if items else self._empty + 1
        content = _digest(json.dumps(items, sort_keys=True))
        again = _digest(following) in self._addresses or (bool(items) and content in self._contents)
        self._contents.add(content)
        return again or self._empty > MAX_EMPTY_PAGES


def _origin(url: str) -> tuple[str, str, int]:
    """Give scheme, host and port; whoever is named before the host is no part of it. Raises ValueError."""
    parts = urlsplit(url)
    return parts.scheme, parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)


def _digest(text: str) -> bytes:
    return sha256(text.encode("utf-8", "surrogatepass")).digest()[:16]


def _read(reply: Reply) -> Json | None:
    try:
        answer = json.loads(reply.body)
    except (ValueError, RecursionError):
        return None
    return answer if isinstance(answer, dict) else None


def _code(answer: Json | None) -> str:
    """Give the code of an error; nothing else of it is repeated."""
    told = (answer or {}).get("error")
    code = told.get("code") if isinstance(told, dict) else ""
    return code if isinstance(code, str) and _CODE.fullmatch(code) else ""
