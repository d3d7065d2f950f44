"""A user of a real CalDAV server, as the tests write to it; what is tested never does."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import requests

from tests.calendars import calendar
from tests.servers.processes import end, free_port, wait_until

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MEMORY = Path("/dev/shm")
"""Where files need not wait for a disk: these servers do that after each one, a thousand times over."""
MADE = (200, 201, 204)


class CalendarServer:
    """A child process that speaks HTTP on a free loopback port."""

    def __init__(self, name: str) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix=f"keepwarm-{name}-", dir=MEMORY if MEMORY.is_dir() else None))
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = self.folder / "log"

    def start(self, command: Sequence[str | Path]) -> None:
        """Start the server, and wait until it answers."""
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, cwd=self.folder)
        wait_until(self._answers, self._process, self.log)

    def fill(self, collection: str, texts: Mapping[str, str]) -> None:
        """Put many resources into a collection at once: one by one, a thousand take these servers minutes."""
        raise NotImplementedError

    def remove(self) -> None:
        """End the server, and remove what it stored."""
        end(self._process)
        shutil.rmtree(self.folder)

    def _answers(self) -> bool:
        try:
            return client().get(f"{self.url}/.well-known/caldav", timeout=5, allow_redirects=False).status_code > 0
        except requests.ConnectionError:
            return False


def client(user: str = "", password: str = "") -> requests.Session:
    session = requests.Session()
    session.trust_env = False  # no proxy, no netrc
    session.auth = (user, password) if user else None
    return session


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarUser:
    """A user with an empty home for calendars."""

    server: CalendarServer
    user: str
    password: str
    principal: str  # paths, ending with "/"
    home: str
    invalid_token: int  # the status with which the server refuses a token that it does not know
    _client: requests.Session = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_client", client(self.user, self.password))

    def url(self, path: str = "") -> str:
        """Give the address of a calendar or a resource, "work" or "work/a.ics"; of the home without ``path``."""
        return f"{self.server.url}{self.home}{path}"

    def make_calendar(self, name: str, title: str = "", components: Sequence[str] = ("VEVENT",)) -> None:
        """Make a calendar (RFC 4791, 5.3.1)."""
        held = "".join(f'<c:comp name="{component}"/>' for component in components)
        body = (
            '<c:mkcalendar xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav"><d:set><d:prop>'
            f"<d:displayname>{title or name}</d:displayname>"
            f"<c:supported-calendar-component-set>{held}</c:supported-calendar-component-set>"
            "</d:prop></d:set></c:mkcalendar>"
        )
        self._do("MKCALENDAR", f"{name}/", body.encode(), "application/xml")

    def put(self, path: str, *events: str) -> None:
        """Write a resource, "work/a.ics", of some VEVENTs."""
        self._do("PUT", path, calendar(*events).encode(), "text/calendar; charset=utf-8")

    def fill(self, name: str, events: Mapping[str, str]) -> None:
        """Write many resources of one event each, by their names in the calendar ``name``."""
        self.server.fill(f"{self.home}{name}", {resource: calendar(text) for resource, text in events.items()})

    def delete(self, path: str) -> None:
        """Delete a resource, or a whole calendar."""
        self._do("DELETE", path)

    def state(self, calendar: str) -> list[tuple[str, str]]:
        """Give the name and ETag of all that a calendar holds."""
        body = '<d:propfind xmlns:d="DAV:"><d:prop><d:getetag/></d:prop></d:propfind>'
        answer = self._client.request("PROPFIND", self.url(f"{calendar}/"), data=body, headers={"Depth": "1"})
        return [(answer.headers.get("ETag", ""), answer.text)]

    def _do(self, method: str, path: str, body: bytes | None = None, kind: str = "") -> None:
        headers = {"Content-Type": kind} if kind else {}
        answer = self._client.request(method, self.url(path), data=body, headers=headers, timeout=30)
        assert answer.status_code in MADE, f"{method} {path}: {answer.status_code} {answer.text[:2000]}"
