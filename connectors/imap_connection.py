"""A connection to an IMAP server: TLS, signing in, and what each failure means for the owner.

No sentence made here holds the password, even where a server repeats it.
"""

from __future__ import annotations

import imaplib
import socket
import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from imapclient import IMAPClient, SocketTimeout

from keepwarm.connectors.contract import Busy, ConnectorError, Later, Refused
from keepwarm.connectors.fuse import Fuse
from keepwarm.connectors.imap_sign_in import BUSY, passes, sign_in, told
from keepwarm.connectors.loopback import is_loopback

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date
    from pathlib import Path

    from keepwarm.connectors.imap_sign_in import Auth
    from keepwarm.connectors.own_mail import OwnMail


@dataclass(frozen=True, slots=True, kw_only=True)
class ImapSettings:
    """What the configuration says about one mailbox."""

    host: str
    port: int
    tls: Literal["implicit", "starttls", "none"] = "implicit"  # "none" for loopback hosts only
    ca_file: Path | None = None  # PEM, instead of the system's authorities
    user: str
    password: Callable[[], str]  # or an access token, as ``auth`` says; asked at each sign-in, and never kept
    auth: Auth = "any"
    include: tuple[str, ...] = ("*",)  # globs over folder names
    exclude: tuple[str, ...] = ()
    since: date | None = None  # mail that the server stored before is left out
    own_mail: OwnMail | None = None  # whose text is read for promises; None: no text is read
    connect_seconds: float = 20.0
    answer_seconds: float = 60.0  # without a byte
    # Whole commands, however they dribble; a batch is half a megabyte, which a slow line takes some time for.
    command_seconds: float = 5 * 60.0
    fetch_seconds: float = 30 * 60.0
    # A folder that is watched: IDLE is renewed so often (servers hang up after 30 minutes, RFC 2177) ...
    idle_seconds: float = 25 * 60.0
    # ... and earlier if nothing at all was heard: is anybody there? Routers forget silent connections.
    silence_seconds: float = 5 * 60.0
    noop_seconds: float = 60.0  # how often a server without IDLE is asked

    @property
    def server(self) -> str:
        """Name the server in sentences."""
        return f"{self.host}:{self.port}"


class FusedClient(IMAPClient):  # type: ignore[misc]  # imapclient has no types
    """imapclient's client, with a fuse that reaches its connection before the server's first word."""

    def __init__(self, settings: ImapSettings, context: ssl.SSLContext, fuse: Fuse) -> None:
        self.fuse = fuse
        self._make: Callable[[], imaplib.IMAP4] = lambda: _Connection(settings, context, fuse)
        super().__init__(
            settings.host,
            settings.port,
            ssl=settings.tls == "implicit",
            ssl_context=context,
            timeout=SocketTimeout(connect=settings.connect_seconds, read=settings.answer_seconds),
        )

    def _create_IMAP4(self) -> imaplib.IMAP4:  # noqa: N802 - imapclient's name for it
        return self._make()


class _Connection(imaplib.IMAP4):
    def __init__(self, settings: ImapSettings, context: ssl.SSLContext, fuse: Fuse) -> None:
        self._tls = context if settings.tls == "implicit" else None
        # With STARTTLS the socket becomes another one; before it is connected there is none.
        fuse.current = lambda: getattr(self, "sock", None)
        super().__init__(settings.host, settings.port, settings.connect_seconds)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        sock = socket.create_connection((self.host, self.port), timeout)
        return sock if self._tls is None else self._tls.wrap_socket(sock, server_hostname=self.host)


def connect(settings: ImapSettings) -> FusedClient:
    """Connect and sign in.

    Raises Later, SignInNeeded or Refused, each of the whole account: the next folder would fare no better, and each
    try is one more that the server counts.
    """
    try:
        return _connected(settings)
    except ConnectorError as error:
        error.of_account = True
        raise


def _connected(settings: ImapSettings) -> FusedClient:
    if settings.tls == "none" and not is_loopback(settings.host):
        raise Refused(
            f"{settings.server} would be asked for mail without encryption.",
            'Set tls = "implicit" (usually port 993) or tls = "starttls" (usually port 143).',
        )
    context, fuse = _tls_context(settings), Fuse(lambda: None)
    with fuse.at_most(settings.command_seconds):
        try:
            client = FusedClient(settings, context, fuse)
        except (OSError, imaplib.IMAP4.error) as error:
            raise explained(error, settings, fuse) from error
        try:
            _secure_and_sign_in(client, context, settings)
        except BaseException:
            shut(client)
            raise
    return client


def shut(client: IMAPClient) -> None:
    """Drop a connection, whatever state it is in."""
    try:
        client.shutdown()
    except OSError:
        return  # it is gone, which is what was wanted


def explained(error: OSError | imaplib.IMAP4.error, settings: ImapSettings, fuse: Fuse | None = None) -> ConnectorError:
    """Say what a broken connection means."""
    server = settings.server
    if fuse and fuse.is_blown:
        return Later(f"{server} takes too long over its answers; the connection was cut.")
    match error:
        case ssl.SSLCertVerificationError():
            return Refused(
                f"The certificate of {server} is not trusted: {error.verify_message}.",
                "If the server is yours, set ca_file to its certificate (PEM); else ask who runs it.",
            )
        case ssl.SSLError() if settings.tls == "starttls":
            return Later(f"{server} offers STARTTLS, and then does not keep to it: {told(error.reason or error)}.")
        case ssl.SSLError() if error.reason == "WRONG_VERSION_NUMBER":
            return Refused(
                f"{server} does not speak TLS from the start.",
                'Set tls = "starttls", or the port for TLS (993).',
            )
        case TimeoutError():
            return Later(f"{server} did not answer in time.")
        case imaplib.IMAP4.error():
            return Later(f"{server} broke off: {told(error)}")
        case _:
            return Later(f"{server} cannot be reached: {error.strerror or error}.")


def refusal(what: str, text: str, settings: ImapSettings, what_to_do: str) -> ConnectorError:
    """Say what it means that a server answered a command with ``text``: Later if it passes, else Refused."""
    sentence = f"{settings.server} {what}: {told(text)}"
    return Busy(sentence, BUSY) if passes(text) else Refused(sentence, what_to_do)


def _secure_and_sign_in(client: FusedClient, context: ssl.SSLContext, settings: ImapSettings) -> None:
    # imapclient would have each line formatted for a log that nobody may keep: it holds other people's mail.
    client._imap.debug = 0
    try:
        if settings.tls == "starttls":
            _start_tls(client, context, settings)
        if client._imap.state == "NONAUTH":  # else the server knows who it is (PREAUTH)
            sign_in(client, settings)
    except (OSError, imaplib.IMAP4.error) as error:
        raise explained(error, settings, client.fuse) from error


def _start_tls(client: IMAPClient, context: ssl.SSLContext, settings: ImapSettings) -> None:
    """Encrypt the connection.

    Raises Refused if that is not offered, or no longer possible (PREAUTH): somebody in between may have taken it out.
    """
    if client._imap.state != "NONAUTH" or not client.has_capability("STARTTLS"):
        raise Refused(f"{settings.server} does not offer STARTTLS.", 'Set tls = "implicit" (usually port 993).')
    client.starttls(context)


def _tls_context(settings: ImapSettings) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=settings.ca_file)
    except OSError as error:  # ssl.SSLError is one
        why = "holds no certificate" if isinstance(error, ssl.SSLError) else "cannot be read"
        raise Refused(
            f"The file of authorities for {settings.server}, {settings.ca_file}, {why}.",
            "Set ca_file to a readable file with certificates (PEM), or leave it out.",
        ) from error
