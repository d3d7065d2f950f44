"""A real SMTP server (aiosmtpd) on a free loopback port, in a thread: what it takes is kept, or put into a Maildir."""

from __future__ import annotations

import asyncio
import itertools
import threading
from dataclasses import dataclass, field
from email import message_from_bytes
from email.policy import default
from typing import TYPE_CHECKING, Any

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

if TYPE_CHECKING:
    import ssl
    from email.message import EmailMessage
    from pathlib import Path

    from aiosmtpd.smtp import Envelope, Session

USER, PASSWORD = "me@keepwarm.test", 'näive "pass\\word"'


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A mail that was taken."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes
    tls: bool
    signed_in: bool

    @property
    def mail(self) -> EmailMessage:
        """Give it read."""
        read: Any = message_from_bytes(self.raw, policy=default)
        return read  # type: ignore[no-any-return]


@dataclass(slots=True, kw_only=True)
class MailServer:
    """A running server. ``answer`` is what it says to a mail: "250 OK" takes it."""

    tls: str = "none"  # none, starttls, implicit
    context: ssl.SSLContext | None = None
    needs_sign_in: bool = False
    only_login: bool = False
    maildir: Path | None = None
    answer: str = "250 OK"
    pause: float = 0.0  # seconds between having a mail and saying so
    taken: list[Taken] = field(default_factory=list)
    _loop: asyncio.AbstractEventLoop = field(init=False)
    _server: asyncio.Server = field(init=False)
    _thread: threading.Thread = field(init=False)
    _numbers: itertools.count[int] = field(default_factory=itertools.count)

    def __post_init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        implicit = self.context if self.tls == "implicit" else None
        self._server = self._loop.run_until_complete(self._loop.create_server(self._smtp, "127.0.0.1", 0, ssl=implicit))
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def _smtp(self) -> SMTP:
        return SMTP(
            self,
            hostname="127.0.0.1",
            loop=self._loop,
            tls_context=self.context if self.tls == "starttls" else None,
            require_starttls=self.tls == "starttls",
            authenticator=self._authenticate,
            auth_required=self.needs_sign_in,
            auth_require_tls=self.tls == "starttls",
            auth_exclude_mechanism=["PLAIN"] if self.only_login else [],
        )

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self._server.sockets[0].getsockname()[1])

    def stop(self) -> None:
        """End it."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._server.close()
        self._loop.close()

    def __enter__(self) -> MailServer:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - its name
        """Take a mail."""
        if self.answer.startswith("250"):
            self._take(server, session, envelope)
        if self.pause:
            await asyncio.sleep(self.pause)
        return self.answer

    def _take(self, server: SMTP, session: Session, envelope: Envelope) -> None:
        raw = bytes(envelope.content or b"")
        secure = session.ssl is not None or self.tls == "implicit"
        signed_in = bool(session.authenticated)
        sender, recipients = str(envelope.mail_from), tuple(map(str, envelope.rcpt_tos))
        self.taken.append(Taken(sender=sender, recipients=recipients, raw=raw, tls=secure, signed_in=signed_in))
        if self.maildir is not None:
            for name in ("cur", "new", "tmp"):
                (self.maildir / name).mkdir(parents=True, exist_ok=True)
            (self.maildir / "new" / f"{next(self._numbers)}.smtp").write_bytes(raw)

    def _authenticate(self, _server: SMTP, _session: Session, _envelope: Envelope, _how: str, data: Any) -> AuthResult:
        expected = LoginPassword(USER.encode(), PASSWORD.encode())
        return AuthResult(success=data == expected, handled=False)
