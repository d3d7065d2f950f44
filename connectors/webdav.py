"""WebDAV (RFC 4918): the requests that only read. PROPFIND, REPORT, GET: nothing here can write."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

from keepwarm.connectors.contract import Later, SignInNeeded
from keepwarm.connectors.multistatus import (
    CALDAV,
    CALENDAR_SERVER,
    DAV,
    BrokenAnswerError,
    Multistatus,
    conditions,
    multistatus,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from keepwarm.connectors.http import Http, Reply
    from keepwarm.connectors.http_auth import HttpAuth

_DECLARED = f'xmlns:d="{DAV[1:-1]}" xmlns:c="{CALDAV[1:-1]}" xmlns:s="{CALENDAR_SERVER[1:-1]}"'
_XML = "application/xml; charset=utf-8"
MAX_DOCUMENT = 64 * 1024 * 1024  # bytes of a multistatus
_BROKEN = timedelta(minutes=15)


class StatusError(Exception):
    """The server answered with an error that the caller may know what to do about."""

    def __init__(self, status: int, missed: frozenset[str] = frozenset()) -> None:
        super().__init__(f"status {status}")
        self.status = status
        self.missed = missed  # preconditions that were not met: "{DAV:}valid-sync-token"


@dataclass(frozen=True, slots=True)
class WebDav:
    """One server, signed in to."""

    http: Http
    auth: HttpAuth

    def propfind(self, url: str, names: Iterable[str], depth: int) -> tuple[Multistatus, str]:
        """Ask for properties ("d:resourcetype") of ``url``, and of what lies in it with depth 1.

        Gives the address that answered, too: there may have been a redirect. Raises StatusError, Later, SignInNeeded or
        Refused.
        """
        body = _document("d:propfind", _wanted(names))
        reply = self._send("PROPFIND", url, body, depth)
        return self._document_of(reply), reply.url

    def sync_collection(self, url: str, token: str) -> Multistatus:
        """Ask what changed since ``token`` ("": everything), by RFC 6578. Raises as ``propfind``.

        It never sets a limit: a server that cuts an answer to one may give the newest token with it, and the rest
        would be lost in silence.
        """
        asked = f"<d:sync-token>{escape(token)}</d:sync-token><d:sync-level>1</d:sync-level>{_wanted(['d:getetag'])}"
        return self._document_of(self._send("REPORT", url, _document("d:sync-collection", asked), 0))

    def calendar_multiget(self, url: str, hrefs: Iterable[str]) -> Multistatus:
        """Ask for the contents of resources of a calendar (RFC 4791, 7.9). Raises as ``propfind``."""
        named = "".join(f"<d:href>{escape(href)}</d:href>" for href in hrefs)
        body = _document("c:calendar-multiget", _wanted(["d:getetag", "c:calendar-data"]) + named)
        reply = self._send("REPORT", url, body, 1)
        if reply.status != 207:
            raise StatusError(reply.status)
        return multistatus(reply.body, reply.url)

    def get(self, url: str, limit: int) -> bytes:
        """Get the content of one resource, of at most ``limit`` bytes. Raises as ``propfind``."""
        return self._checked("GET", url, {"Accept": "text/calendar"}, None, limit).body

    def _send(self, method: str, url: str, body: bytes, depth: int) -> Reply:
        headers = {"Content-Type": _XML, "Depth": str(depth), "Accept": "application/xml, text/xml"}
        return self._checked(method, url, headers, body, MAX_DOCUMENT)

    def _checked(self, method: str, url: str, headers: dict[str, str], body: bytes | None, limit: int) -> Reply:
        reply = self.http.send(method, url, headers=headers, body=body, limit=limit)
        if reply.status == 401 and self.auth.learn(reply.headers.get("WWW-Authenticate", "")):
            reply = self.http.send(method, url, headers=headers, body=body, limit=limit)
        if reply.status == 401:
            self.auth.forget()
            raise self._not_signed_in(reply)
        if reply.status // 100 != 2:
            raise StatusError(reply.status, conditions(reply.body))
        return reply

    def _document_of(self, reply: Reply) -> Multistatus:
        if reply.status != 207:
            raise StatusError(reply.status)
        try:
            return multistatus(reply.body, reply.url)
        except BrokenAnswerError as error:
            raise Later(
                f"{server_of(reply.url)} gave an answer that cannot be read: {error}.", _BROKEN, asked=False
            ) from None

    def _not_signed_in(self, reply: Reply) -> SignInNeeded:
        secret = "token" if self.auth.scheme == "bearer" else "password"
        return SignInNeeded(
            f"{server_of(reply.url)} refused the {secret} of {self.auth.user}.",
            "Check user and password; where the provider asks for a second factor, make an application password.",
        )


def server_of(url: str) -> str:
    """Name a server in sentences: never more of an address than that, the rest may be secret."""
    parts = urlsplit(url)
    return f"{parts.hostname}:{parts.port}" if parts.port else parts.hostname or "the server"


def _document(root: str, content: str) -> bytes:
    return f'<?xml version="1.0" encoding="utf-8"?>\n<{root} {_DECLARED}>{content}</{root}>'.encode()


def _wanted(names: Iterable[str]) -> str:
    return f"<d:prop>{''.join(f'<{name}/>' for name in names)}</d:prop>"
