"""Google, as far as Keepwarm asks it: sign-in, Gmail, Calendar and batches, on a free loopback port.

It behaves as Google documents: pages, histories and sync tokens that expire, quota errors, deleted events of which only
ids are left. Google's own client library talks to it over HTTP. A thread, so that a test can change what it holds.
"""

from __future__ import annotations

import base64
import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote, urlsplit

from tests.servers.google_answers import Answer, NotThere, error
from tests.servers.google_batch import batched
from tests.servers.google_calendar import GoogleCalendars
from tests.servers.google_mail import GoogleMail
from tests.servers.google_meet import GoogleMeet
from tests.servers.google_tokens import GoogleTokens

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

UNITS = {"profile": 1, "list": 5, "get": 20, "history": 2}
"""Quota units of Gmail's methods (Google's table of May 2026)."""


@dataclass(slots=True)
class Fault:
    """An answer that is given instead, to requests whose path and query hold ``within``."""

    within: str
    answer: Answer
    times: int = 1


@dataclass(slots=True)
class Asked:
    """A request that came, by itself or in a batch."""

    method: str
    path: str
    query: Mapping[str, list[str]]
    in_batch: bool


@dataclass(slots=True)
class Google:
    """A running server; all that it holds is one user's."""

    tokens: GoogleTokens = field(default_factory=GoogleTokens)
    mail: GoogleMail = field(default_factory=GoogleMail)
    calendars: GoogleCalendars = field(default_factory=GoogleCalendars)
    meet: GoogleMeet = field(default_factory=GoogleMeet)
    faults: list[Fault] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    requests: int = 0  # over the wire: a batch is one
    units: int = 0
    open_doors: bool = False  # True: any bearer token is taken
    breaks_off: str = ""  # connections with a request for this path end without an answer, once it is done
    answers_left_out: int = 0  # of the next batch, at its end
    at_once: int = 100  # requests of a batch that are not "too many concurrent requests"
    _server: ThreadingHTTPServer = field(init=False)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def __post_init__(self) -> None:
        google = self

        class Handler(_Handler):
            site = google

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def __enter__(self) -> Google:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def client_file(self, path: Path) -> Path:
        """Write the file that Google's console gives for a desktop client."""
        client = {
            "client_id": self.tokens.client_id,
            "project_id": "mine",
            "auth_uri": f"{self.url}/auth",
            "token_uri": f"{self.url}/token",
            "client_secret": self.tokens.client_secret,
            "redirect_uris": ["http://localhost"],
        }
        path.write_text(json.dumps({"installed": client}))
        return path

    def fail(
        self, within: str, status: int, reason: str = "", *, times: int = 1, retry_after: str = "", quota: bool = False
    ) -> None:
        """Give an error to the next requests whose path holds ``within``; ``quota`` in Google's words for it."""
        message = "Quota exceeded for quota metric 'Queries'" if quota else "As the test wants it."
        headers = {"Retry-After": retry_after} if retry_after else {}
        self.faults.append(Fault(within, error(status, reason or "backendError", message, headers), times))

    def count(self, within: str) -> int:
        """Count the requests whose path holds this, those in batches included."""
        return sum(within in one.path for one in self.asked)

    def answer(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes, *, in_batch: bool = False
    ) -> Answer:
        """Answer a request; ``headers`` are in lower case."""
        parts = urlsplit(target)
        query = parse_qs(parts.query, keep_blank_values=True)
        with self._lock:
            self.asked.append(Asked(method, parts.path, query, in_batch))
            if parts.path in ("/auth", "/token"):
                return self._fault(target) or self.tokens.answer(parts.path, query, headers, body)
            if not (self.open_doors or self.tokens.opens(headers.get("authorization", ""))):
                return error(401, "authError", "Invalid Credentials")
            if parts.path.startswith("/batch/"):
                return self._fault(target) or batched(self, headers, body)
            return self._fault(target) or self._api(method, parts.path, query, body)

    def _fault(self, target: str) -> Answer | None:
        for fault in self.faults:
            if fault.within in target and fault.times > 0:
                fault.times -= 1
                return fault.answer
        return None

    def _send(self, body: bytes) -> Answer:
        if not any(scope.endswith("gmail.send") for scope in self.tokens.scopes):
            return error(403, "insufficientPermissions", "Request had insufficient authentication scopes.")
        self.mail.sent.append(base64.urlsafe_b64decode(json.loads(body)["raw"]))
        return Answer(200, {"id": f"sent-{len(self.mail.sent)}", "threadId": "t", "labelIds": ["SENT"]})

    def _api(self, method: str, path: str, query: Mapping[str, list[str]], body: bytes) -> Answer:
        one = {name: values[0] for name, values in query.items()}
        if (method, path) == ("POST", "/gmail/v1/users/me/messages/send"):
            return self._send(body)
        if method != "GET":
            return error(403, "forbidden", "This test suite's user lets nothing be written.")
        try:
            match [unquote(step) for step in path.strip("/").split("/")]:
                case ["gmail", "v1", "users", "me", *rest]:
                    return self._gmail(rest, one, query)
                case ["calendar", "v3", "users", "me", "calendarList"]:
                    return self.calendars.list(one)
                case ["calendar", "v3", "users", "me", "calendarList", "primary"]:
                    return Answer(200, {"kind": "calendar#calendarListEntry", "id": self.mail.address, "primary": True})
                case ["calendar", "v3", "calendars", calendar, "events"]:
                    return self.calendars.events(calendar, one)
                case ["v2", "conferenceRecords"]:
                    return self.meet.list(one)
                case ["v2", "conferenceRecords", record, "participants"]:
                    return self.meet.participants(record, one)
                case ["calendar", "v3", "calendars", calendar, "events", event]:
                    return self.calendars.event(calendar, event)
        except NotThere:
            pass
        return error(404, "notFound", "Requested entity was not found.")

    def _gmail(self, rest: list[str], one: dict[str, str], query: Mapping[str, list[str]]) -> Answer:
        bodies = any(scope.endswith("gmail.readonly") for scope in self.tokens.scopes)
        match rest:
            case ["profile"]:
                self.units += UNITS["profile"]
                return self.mail.profile()
            case ["messages"]:
                self.units += UNITS["list"]
                if "q" in one and not bodies:
                    return error(403, "forbidden", "Metadata scope does not support 'q' parameter")
                return self.mail.list(one)
            case ["messages", number]:
                self.units += UNITS["get"]
                if one.get("format") != "metadata" and not bodies:
                    return error(403, "forbidden", "Metadata scope doesn't allow format FULL")
                return self.mail.get(number, one.get("format", "full"), query.get("metadataHeaders", []))
            case ["history"]:
                self.units += UNITS["history"]
                return self.mail.list_history(one, query.get("historyTypes", []))
        raise NotThere


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    site: Google

    def handle(self) -> None:
        try:
            super().handle()
        except OSError:
            return  # the client has left

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the base class calls it so
        """Say nothing."""

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def _answer(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(int(headers.get("content-length") or 0))
        self.site.requests += 1
        answer = self.site.answer(self.command, self.path, headers, body)
        if self.site.breaks_off and self.site.breaks_off in self.path:
            self.close_connection = True
            return
        content = answer.content()
        if "Date" in answer.headers:
            self.send_response_only(answer.status)
        else:
            self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if "Content-Type" not in answer.headers:
            self.send_header("Content-Type", "application/json; charset=UTF-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
