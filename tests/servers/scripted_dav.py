"""A CalDAV server in the test's own hands: what real servers do only on their bad days, or never, or no more."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType

NAMESPACES = 'xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav" xmlns:s="http://calendarserver.org/ns/"'
CALENDAR = "<d:resourcetype><d:collection/><c:calendar/></d:resourcetype>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: str

    @property
    def what(self) -> str:
        """Name it: "GET /work/a.ics", "REPORT sync-collection", "PROPFIND 1"."""
        if self.method == "REPORT":
            found = re.search(r"<[a-z]:([a-z-]+)", self.body)
            return f"REPORT {found[1] if found else ''}"
        return f"PROPFIND {self.headers['Depth']}" if self.method == "PROPFIND" else f"{self.method} {self.path}"


@dataclass(frozen=True, slots=True)
class Told:
    """An answer."""

    status: int = 207
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


def told(*responses: str, token: str = "") -> Told:
    """Answer with a multistatus."""
    end = f"<d:sync-token>{escape(token)}</d:sync-token>" if token else ""
    return Told(207, f"<d:multistatus {NAMESPACES}>{''.join(responses)}{end}</d:multistatus>")


def response(href: str, properties: str = "", status: int = 200) -> str:
    """Write a response element: properties, or the status of the whole resource."""
    if not properties:
        return f"<d:response><d:href>{href}</d:href><d:status>HTTP/1.1 {status} x</d:status></d:response>"
    return (
        f"<d:response><d:href>{href}</d:href><d:propstat><d:prop>{properties}</d:prop>"
        f"<d:status>HTTP/1.1 {status} x</d:status></d:propstat></d:response>"
    )


def missed(status: int, condition: str) -> Told:
    """Refuse, with the precondition that was not met."""
    return Told(status, f"<d:error {NAMESPACES}><{condition}/></d:error>")


@dataclass(slots=True)
class OneCalendar:
    """A server with one calendar at /work/. ``instead`` overrides the answer to what ``Asked.what`` names."""

    resources: dict[str, str] = field(default_factory=dict)  # text by name
    mark: str = ""  # getctag; "" for none
    instead: dict[str, Callable[[Asked], Told]] = field(default_factory=dict)
    lists: str = ""  # further properties of the calendar

    def __call__(self, asked: Asked) -> Told:
        override = self.instead.get(asked.what)
        if override is not None:
            return override(asked)
        match asked.what:
            case "PROPFIND 0":
                return told(self._itself())
            case "PROPFIND 1":
                return told(self._itself(), *(response(f"/work/{name}", self._etag(name)) for name in self.resources))
            case "REPORT calendar-multiget":
                return told(*map(self.whole, re.findall(r"<d:href>([^<]+)</d:href>", asked.body)))
            case _ if asked.method == "GET":
                text = self.resources.get(asked.path.removeprefix("/work/"))
                return Told(404) if text is None else Told(200, text)
        return Told(405)

    def whole(self, href: str) -> str:
        """Write the response for one resource, with its content."""
        name = href.removeprefix("/work/")
        if name not in self.resources:
            return response(href, status=404)
        data = f"<c:calendar-data>{escape(self.resources[name])}</c:calendar-data>"
        return response(href, self._etag(name) + data)

    def _itself(self) -> str:
        mark = f"<s:getctag>{self.mark}</s:getctag>" if self.mark else ""
        return response("/work/", CALENDAR + mark + self.lists)

    def _etag(self, name: str) -> str:
        return f'<d:getetag>"{hash(self.resources[name])}"</d:getetag>'


class ScriptedDav:
    """The running server; a context manager. ``heard`` has all requests."""

    def __init__(self, answer: Callable[[Asked], Told]) -> None:
        self.heard: list[Asked] = []
        heard = self.heard

        class Talk(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def reply(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
                asked = Asked(method=self.command, path=self.path, headers=dict(self.headers.items()), body=body)
                heard.append(asked)
                said = answer(asked)
                content = said.body.encode()
                self.send_response(said.status)
                for name, value in {"Content-Type": "application/xml; charset=utf-8", **said.headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_PROPFIND = do_REPORT = do_GET = do_OPTIONS = reply  # noqa: N815 - the base class looks for these names

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Talk)
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})

    def what(self) -> list[str]:
        """Name all that was asked, and forget it."""
        names = [asked.what for asked in self.heard]
        self.heard.clear()
        return names

    def __enter__(self) -> ScriptedDav:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
