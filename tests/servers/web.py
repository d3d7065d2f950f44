"""A small web server of the tests' own: pages that change, redirect, dawdle, are packed, or never end.

It is a thread, so that a test can change what it gives and look at what it was asked.
"""

from __future__ import annotations

import gzip
import hashlib
import ssl
import subprocess
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

from tests.servers.processes import find_binary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that came."""

    method: str
    path: str
    headers: Mapping[str, str]  # names in lower case
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What is given at a path; with ``validators`` also ETag and Last-Modified, and 304 to whoever has it."""

    body: bytes = b""
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    packed: bool = False  # gzip
    chunked: bool = False
    validators: bool = False
    pieces: tuple[bytes, ...] = ()  # instead of the body, without a length, until the client leaves
    pause: float = 0.0  # seconds before each piece


@dataclass(slots=True)
class Web:
    """A running server on 127.0.0.1; ``pages`` is by path, the query left out."""

    pages: dict[str, Page | Callable[[Asked], Page]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    tls: ssl.SSLContext | None = None
    _server: ThreadingHTTPServer = field(init=False)

    def __post_init__(self) -> None:
        web = self

        class Handler(_Handler):
            site = web

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        if self.tls is not None:
            # Shaken hands with in the thread of the connection: a client that refuses must not stop the others.
            self._server.socket = self.tls.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"{'https' if self.tls else 'http'}://{host}:{self.port}{path}"

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    site: Web

    def handle(self) -> None:
        try:
            super().handle()
        except OSError:
            return  # the client has left, which many tests want

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the base class calls it so
        """Say nothing."""

    def __getattr__(self, name: str) -> Callable[[], None]:
        """Answer whatever method is asked for; the base class looks for ``do_`` and its name."""
        if name.startswith("do_"):
            return self._answer
        raise AttributeError(name)

    def _answer(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        headers = {name.lower(): value for name, value in self.headers.items()}
        asked = Asked(self.command, self.path, headers, self.rfile.read(length))
        self.site.asked.append(asked)
        found = self.site.pages.get(self.path.partition("?")[0], Page(status=404))
        page = found(asked) if callable(found) else found
        etag = f'"{hashlib.sha256(page.body).hexdigest()[:16]}"'
        if page.validators and asked.headers.get("if-none-match") == etag:
            page = Page(status=304)
        validators = [("ETag", etag), ("Last-Modified", "Sun, 01 Mar 2026 00:00:00 GMT")]
        self._give(page, validators if page.validators else [])

    def _give(self, page: Page, more: Iterable[tuple[str, str]]) -> None:
        body = gzip.compress(page.body) if page.packed else page.body
        self.send_response(page.status)
        for name, value in (*page.headers, *more):
            self.send_header(name, value)
        if page.packed:
            self.send_header("Content-Encoding", "gzip")
        if page.pieces:
            self.send_header("Connection", "close")
        elif page.chunked:
            self.send_header("Transfer-Encoding", "chunked")
        else:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "HEAD" or page.status == 304:
            return
        for piece in page.pieces:
            time.sleep(page.pause)
            self.wfile.write(piece)
        if page.chunked:
            middle = len(body) // 2
            for chunk in (*filter(None, (body[:middle], body[middle:])), b""):
                self.wfile.write(b"%x\r\n%b\r\n" % (len(chunk), chunk))
        elif not page.pieces:
            self.wfile.write(body)


def certificate(folder: Path, host: str = "127.0.0.1") -> tuple[ssl.SSLContext, Path]:
    """Make a certificate that is its own authority; give the server's context, and the PEM to trust."""
    kind = "IP" if host[0].isdigit() else "DNS"
    key, file = folder / "server.key", folder / "server.pem"
    command = [str(find_binary("openssl", "openssl")), "req", "-x509", "-newkey", "ec"]
    command += ["-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "30", "-subj", f"/CN={host}"]
    command += ["-addext", f"subjectAltName={kind}:{host}", "-keyout", str(key), "-out", str(file)]
    subprocess.run(command, check=True, capture_output=True)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(file, key)
    return context, file
