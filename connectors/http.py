"""HTTP for connectors that read calendars: bounded, hardened, and silent about addresses.

No proxy is used, whatever the environment says: a proxy resolves names itself, so that nobody here could see where a
feed leads; and the service has another environment than the terminal. Nor are a netrc file or cookies.
"""

from __future__ import annotations

import logging
import ssl
from dataclasses import dataclass, field
from functools import cache
from http.client import HTTPException
from importlib.metadata import version
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urldefrag, urljoin, urlsplit

from requests import PreparedRequest, Request, Response
from requests.adapters import HTTPAdapter
from requests.exceptions import RequestException
from requests.hooks import dispatch_hook
from urllib3.exceptions import HTTPError

from keepwarm.connectors.contract import Refused
from keepwarm.connectors.dialling import Dialler, Pools
from keepwarm.connectors.http_faults import explained, fault_of, place
from keepwarm.connectors.loopback import is_loopback
from keepwarm.storage.organisations import registrable_domain

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from urllib.parse import SplitResult

    from requests.auth import AuthBase
    from urllib3 import HTTPResponse

MAX_REDIRECTS = 5
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_CODINGS = frozenset({"", "identity", "gzip", "x-gzip", "deflate"})
_PIECE = 16 * 1024  # bytes; small, as a piece of a bomb unpacks to a thousand times its size
_OF_A_BODY = frozenset({"content-type", "content-length", "content-encoding"})
_OF_A_USER = frozenset({"authorization", "cookie", "proxy-authorization"})

# urllib3 logs addresses, headers that it cannot parse even as a warning.
logging.getLogger("urllib3").setLevel(logging.CRITICAL + 1)


class TooLarge(Refused):
    """An answer held more than was asked to be read."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer that was read to its end; ``url`` is where it came from, after redirects."""

    status: int
    headers: Mapping[str, str] = field(repr=False)  # names in any case
    body: bytes = field(repr=False)  # decoded
    url: str = field(repr=False)


class Http:
    """A client for one account, for one thread at a time.

    ``ca_file`` (PEM) stands instead of the system's authorities. With ``private`` False no address is talked to that
    is not public; but a first address whose host is itself written as loopback says so by itself.
    """

    def __init__(
        self,
        *,
        ca_file: Path | None = None,
        auth: AuthBase | None = None,
        private: bool = True,
        connect_seconds: float = 20.0,
        read_seconds: float = 60.0,
        whole_seconds: float = 300.0,
    ) -> None:
        self._ca_file = ca_file
        self._auth = auth
        self._timeout = (connect_seconds, read_seconds)
        self._whole_seconds = whole_seconds
        self._dialler = Dialler(private)
        self._adapter: _Adapter | None = None

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        limit: int,
    ) -> Reply:
        """Send a request, follow redirects, and read the answer to its end: at most ``limit`` decoded bytes.

        Raises Later if the server cannot answer now, and Refused if it cannot be talked to, or says too much.
        What says something about the request itself (2xx, 304, 4xx, 501, 507) is given.
        """
        request = Request(method, url, headers=dict(headers or {}), data=body, auth=cast("Any", self._auth))
        start = _split(url)
        self._dialler.home = _origin(url) if start is not None and is_loopback(start.hostname or "") else None
        with self._dialler.fuse.at_most(self._whole_seconds):
            for _ in range(MAX_REDIRECTS + 1):
                reply = self._once(request, limit)
                target = _target(reply)
                if target is None:
                    return reply
                request = _redirected(request, reply.status, reply.url, target)
        raise Refused(f"{place(url)} sends on from address to address.", "Check the address of this account.")

    def close(self) -> None:
        """Let all connections go; the client may be used again."""
        if self._adapter is not None:
            self._adapter.close()
        self._adapter = None

    def _once(self, request: Request, limit: int) -> Reply:
        adapter = self._opened()
        adapter.limit = limit
        try:
            prepared = _prepared(request)
            response = adapter.send(prepared, stream=True, timeout=self._timeout)
            # Digest asks again by itself: it hangs on this hook.
            response = _hooked(prepared, response, stream=True, timeout=self._timeout)
        except (RequestException, HTTPError, HTTPException, OSError, ValueError) as error:
            fault = explained(TimeoutError() if self._dialler.fuse.is_blown else error, str(request.url))
            # Not as its cause: the error's own text holds the address.
            raise fault from None
        if self._dialler.fuse.is_blown:  # cut off: an answer without a length looks whole all the same
            raise explained(TimeoutError(), str(request.url))
        later = fault_of(response.status_code, response.headers, str(request.url))
        if later is not None:
            raise later
        return Reply(response.status_code, response.headers, response.content, str(request.url))

    def _opened(self) -> _Adapter:
        if self._adapter is None:
            self._adapter = _Adapter(trusting(self._ca_file), self._dialler)
        return self._adapter


class _Adapter(HTTPAdapter):
    """Sends one request; the answer is read at once, so that nobody reads more of it than ``limit``."""

    def __init__(self, context: ssl.SSLContext, dialler: Dialler) -> None:
        self._context = context
        self._dialler = dialler
        self.limit = 0
        super().__init__()

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **settings: Any) -> None:
        self.poolmanager = Pools(
            self._dialler, num_pools=connections, maxsize=maxsize, block=block, ssl_context=self._context, **settings
        )

    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:
        """Leave verification to the context: requests would add authorities of its own."""
        del url, verify, cert
        conn.cert_reqs = "CERT_REQUIRED"

    def send(self, request: PreparedRequest, *args: Any, **settings: Any) -> Response:
        response = super().send(request, *args, **settings)
        try:
            response._content = _read(response, self.limit, str(request.url))
        finally:
            response.close()
        return response


def _read(response: Response, limit: int, url: str) -> bytes:
    if response.headers.get("Content-Encoding", "").strip().lower() not in _CODINGS:
        raise Refused(f"{place(url)} sent an answer packed in a way that nobody asked for.")
    too_much = TooLarge(
        f"{place(url)} sent more than {limit / 2**20:.0f} MB.",
        "Choose a smaller calendar, or a feed that does not reach as far back.",
    )
    raw: HTTPResponse = response.raw
    body = bytearray()
    for piece in raw.stream(_PIECE, decode_content=True):
        body += piece
        if len(body) > limit:
            raise too_much
    return bytes(body)


def _hooked(prepared: PreparedRequest, response: Response, **settings: Any) -> Response:
    found: Response = dispatch_hook("response", prepared.hooks, response, **settings)  # type: ignore[no-untyped-call]
    return found


def _prepared(request: Request) -> PreparedRequest:
    prepared = request.prepare()
    prepared.headers.setdefault("User-Agent", _name())
    prepared.headers.setdefault("Accept-Encoding", "gzip, deflate")
    return prepared


@cache
def _name() -> str:
    return f"keepwarm/{version('keepwarm')}"


def _target(reply: Reply) -> str | None:
    """Give the address that a redirect leads to; None if it is no redirect. Raises Refused."""
    location = reply.headers.get("Location")
    if reply.status not in _REDIRECTS:
        return None
    refused = Refused(f"{place(reply.url)} sends on to an address that is none.", "Check the address of this account.")
    if not location:
        raise refused
    try:
        # Header fields come as Latin-1; what is not ASCII in an address is UTF-8.
        found = urldefrag(urljoin(reply.url, location.encode("latin-1").decode("utf-8", "replace"))).url
    except ValueError:
        raise refused from None
    target = _split(found)
    if target is None or target.scheme not in ("http", "https") or not target.hostname:
        raise refused
    if target.scheme == "http" and not (urlsplit(reply.url).scheme == "http" and is_loopback(target.hostname)):
        raise Refused(
            f"{place(reply.url)} sends on to {place(found)}, without encryption.",
            "Ask who runs the server, or take an https:// address that answers by itself.",
        )
    return found


def _redirected(request: Request, status: int, before: str, url: str) -> Request:
    """Make the next request; only 303 makes it another one (RFC 9110, 15.4: 301 and 302 merely allow it)."""
    method, body, dropped = request.method, request.data, frozenset[str]()
    if status == 303 and method != "HEAD":
        method, body, dropped = "GET", None, _OF_A_BODY
    auth = request.auth
    if not is_of_same_owner(before, url):
        auth, dropped = None, dropped | _OF_A_USER
    headers = {name: value for name, value in request.headers.items() if name.lower() not in dropped}
    return Request(method, url, headers=headers, data=body, auth=auth)


def is_of_same_owner(before: str, after: str) -> bool:
    """Tell whether credentials may go along: to the same server, or by https within one registrable domain."""
    if _origin(before) == _origin(after):
        return True
    first, second = urlsplit(before), urlsplit(after)
    domains = [_domain(host.hostname or "") for host in (first, second)]
    return second.scheme == "https" and domains[0] is not None and domains[0] == domains[1]


def _domain(host: str) -> str | None:
    try:
        ip_address(host)
    except ValueError:
        return registrable_domain(host)
    return None


def _split(url: str) -> SplitResult | None:
    """Take an address apart; None if it is none."""
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 -- it is read only now, and may be no number
    except ValueError:
        return None
    return parts


def _origin(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    return parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)


def trusting(ca_file: Path | None) -> ssl.SSLContext:
    """Give TLS that trusts these authorities (PEM), or the system's. Raises Refused."""
    try:
        return ssl.create_default_context(cafile=ca_file)
    except OSError as error:  # ssl.SSLError is one
        why = "holds no certificate" if isinstance(error, ssl.SSLError) else "cannot be read"
        raise Refused(
            f"The file of authorities, {ca_file}, {why}.",
            "Set ca_file to a readable file with certificates (PEM), or leave it out.",
        ) from error
