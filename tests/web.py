"""The site, served in this process on a port of its own; and bare HTTP, as no well-mannered client speaks it."""

from __future__ import annotations

import json
import socket
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from keepwarm.daemon.configuration import load
from keepwarm.daemon.web.knocking import served
from keepwarm.daemon.web.server import WebServer
from keepwarm.daemon.web.whereabouts import Served, Whereabouts
from keepwarm.daemon.workshop import Workshop
from tests.daemon import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime
    from pathlib import Path

    from keepwarm.daemon.web.seal import Seal


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]  # names in lower case
    body: bytes

    @property
    def json(self) -> Any:
        """The body, which must be JSON."""
        return json.loads(self.body)

    @property
    def said(self) -> str:
        """The sentence of a problem."""
        assert self.headers["content-type"] == "application/problem+json", self
        assert self.json["status"] == self.status
        return str(self.json["detail"])


@dataclass(frozen=True, slots=True)
class Website:
    """A site that is served."""

    served: Served
    seal: Seal
    workshop: Workshop
    server: WebServer
    headers: Mapping[str, str] = field(default_factory=dict)  # what a program sends that has the token

    @property
    def host(self) -> str:
        """Name and port, as a browser sends them."""
        return urlsplit(self.served.origin).netloc

    @property
    def address(self) -> tuple[str, int]:
        """Where it listens."""
        parts = urlsplit(self.served.origin)
        assert parts.hostname
        return parts.hostname, parts.port or 80

    def ask(
        self,
        target: str,
        *,
        method: str = "GET",
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        anonymous: bool = False,
    ) -> Answer:
        """Ask for something, as a program with the token unless ``anonymous``."""
        connection = HTTPConnection(*self.address, timeout=PATIENCE)
        sent = {**({} if anonymous else self.headers), **(headers or {})}
        try:
            connection.request(method, target, body=body, headers=sent)
            answer = connection.getresponse()
            return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
        finally:
            connection.close()

    def visit(self) -> dict[str, str]:
        """Come in as a browser does; gives the headers that it sends from then on."""
        answer = self.ask(f"/open?token={self.seal.link_token(self.served.instance)}", anonymous=True)
        assert answer.status == 303, answer
        return {"Cookie": answer.headers["set-cookie"].partition(";")[0]}

    @contextmanager
    def wire(self) -> Iterator[socket.socket]:
        """Open a bare connection."""
        with socket.create_connection(self.address, timeout=PATIENCE) as connection:
            yield connection


def sent(connection: socket.socket, data: bytes) -> bytes:
    """Send something, and give all that comes until the server ends the connection."""
    with suppress(ConnectionError):  # it has heard enough
        connection.sendall(data)
    return rest(connection)


def rest(connection: socket.socket) -> bytes:
    """Give all that comes until the server ends the connection."""
    found = b""
    try:
        while chunk := connection.recv(65_536):
            found += chunk
    except ConnectionResetError:
        pass
    return found


@contextmanager
def website(config: Path, now: datetime) -> Iterator[Website]:
    """Serve the site of a configuration, which says on which address it listens; it must end in time."""
    configuration = load(config)
    workshop = Workshop(configuration)
    server = WebServer(workshop, lambda: now)
    server.start()
    try:
        yield _come(workshop, server)
    finally:
        server.end()
        server.join(PATIENCE)
        assert not server.is_alive()
        workshop.close()


def _come(workshop: Workshop, server: WebServer) -> Website:
    where = Whereabouts.of(workshop.configuration)
    deadline = time.monotonic() + PATIENCE
    while (found := served(workshop.configuration)) is None:
        assert server.is_alive()
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return Website(found, where.seal, workshop, server, {"Authorization": f"Bearer {where.seal.program_token()}"})
