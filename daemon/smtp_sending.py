"""Sending a mail by SMTP (RFC 5321, 6409): implicit TLS (RFC 8314), STARTTLS (RFC 3207), a password (RFC 4954)."""

from __future__ import annotations

import base64
import re
import smtplib
import socket
import ssl
from contextlib import contextmanager, suppress
from threading import Timer
from typing import TYPE_CHECKING

from keepwarm.daemon.secret import SecretError, resolve
from keepwarm.daemon.sending import NotSent, Unsure
from keepwarm.outputs.safe_text import one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from keepwarm.daemon.settings import Smtp

_SECONDS = 60.0
"""For each step. All of them together get three times as long, however a server dawdles."""

_GOODBYE_SECONDS = 2.0
_HELLO = "[127.0.0.1]"  # the name of the owner's machine is nobody's business, and often no name at all
_LINE_OF_DOT = re.compile(rb"(?m)^\.")
_TAKEN, _GO_ON = 250, 354
_SIGNED_IN, _ASKED_FOR_MORE = 235, 334


def send(smtp: Smtp, sender: str, recipient: str, mail: bytes, about_to: Callable[[], None]) -> None:
    """Send a mail (RFC 5322, lines ended by CRLF) to one recipient.

    ``about_to`` is called once the server wants the text, before any of it is given: until then nothing can arrive.
    Raises NotSent, Unsure, and whatever ``about_to`` raises.
    """
    with _connected(smtp) as client:
        _step("sender", lambda: client.mail(sender, ["BODY=8BITMIME"] if client.has_extn("8bitmime") else []))
        _step("recipient", lambda: client.rcpt(recipient))
        _step("mail", lambda: client.docmd("DATA"), wanted=_GO_ON)
        about_to()
        try:
            client.send(_LINE_OF_DOT.sub(b"..", mail.rstrip(b"\r\n") + b"\r\n") + b".\r\n")
            code, said = client.getreply()
        except (OSError, smtplib.SMTPException) as error:
            raise Unsure(f"{smtp.host} took the mail and did not say that it had: {_reason(error)}.") from error
        if code != _TAKEN:
            raise NotSent(f"{smtp.host} refused the mail: {_said(code, said)}", "Ask whoever runs it why.")


def sign_in(smtp: Smtp) -> str:
    """Reach the server and sign in, to see whether that goes well; give what to tell of it. Raises NotSent."""
    with _connected(smtp):
        return f"{smtp.host}:{smtp.port} can be reached{' and lets you sign in' if smtp.user else ''}"


@contextmanager
def _connected(smtp: Smtp) -> Iterator[smtplib.SMTP]:
    password = _password(smtp)
    client = _opened(smtp)
    timer = Timer(3 * _SECONDS, _cut, (client,))
    timer.daemon = True
    timer.start()
    try:
        _prepare(client, smtp, password)
        yield client
        _say_goodbye(client)
    except smtplib.SMTPServerDisconnected as error:
        raise NotSent(f"{smtp.host} ended the connection: {_reason(error)}.", "It is tried again.") from error
    except ssl.SSLError as error:
        raise _no_tls(smtp, error) from error
    except (OSError, smtplib.SMTPException) as error:
        raise NotSent(f"{smtp.host} does not answer as it should: {_reason(error)}.", "It is tried again.") from error
    finally:
        timer.cancel()
        client.close()


def _say_goodbye(client: smtplib.SMTP) -> None:
    """End the session as one should; whatever was to be done is done, so nobody waits long for the answer."""
    with suppress(OSError, smtplib.SMTPException):
        if client.sock is not None:
            client.sock.settimeout(_GOODBYE_SECONDS)
        client.docmd("QUIT")


def _opened(smtp: Smtp) -> smtplib.SMTP:
    try:
        if smtp.tls == "implicit":
            return smtplib.SMTP_SSL(smtp.host, smtp.port, _HELLO, timeout=_SECONDS, context=_context(smtp))
        return smtplib.SMTP(smtp.host, smtp.port, _HELLO, timeout=_SECONDS)
    except ssl.SSLError as error:
        raise _no_tls(smtp, error) from error
    except (OSError, smtplib.SMTPException) as error:
        where = f"{smtp.host}:{smtp.port}"
        cure = "Check host and port in [report.smtp], and the network."
        raise NotSent(f"{where} cannot be reached: {_reason(error)}.", cure) from error


def _context(smtp: Smtp) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=smtp.ca_file)
    except (OSError, ssl.SSLError) as error:
        raise NotSent(f"ca_file {smtp.ca_file} cannot be used: {_reason(error)}.", "Name a PEM file.") from error


def _prepare(client: smtplib.SMTP, smtp: Smtp, password: str) -> None:
    client.ehlo_or_helo_if_needed()
    if smtp.tls == "starttls":
        if not client.has_extn("starttls"):
            cure = (
                'Set tls = "implicit" and its port in [report.smtp], or another server: nothing is sent in the clear.'
            )
            raise NotSent(f"{smtp.host}:{smtp.port} offers no STARTTLS.", cure)
        _step("STARTTLS", lambda: client.starttls(context=_context(smtp)), wanted=220)
        client.ehlo()
    if smtp.user:
        _authenticate(client, smtp, password)


def _authenticate(client: smtplib.SMTP, smtp: Smtp, password: str) -> None:
    # Not the library's login(): it takes ASCII only, and tries one way after the other, each a wrong password.
    offered = str(client.esmtp_features.get("auth", "")).upper().split()
    if "PLAIN" in offered:
        code, said = client.docmd("AUTH", f"PLAIN {_coded(f'{chr(0)}{smtp.user}{chr(0)}{password}')}")
    elif "LOGIN" in offered:
        code, said = client.docmd("AUTH", f"LOGIN {_coded(smtp.user)}")
        if code == _ASKED_FOR_MORE:
            code, said = client.docmd(_coded(password))
    else:
        cure = "Use another server, or leave user out of [report.smtp] if it needs none."
        raise NotSent(f"{smtp.host} offers no way to sign in with a password.", cure)
    if code != _SIGNED_IN:
        cure = "Check user and password in [report.smtp]; many providers want a password for applications."
        raise NotSent(f"{smtp.host} refused the sign-in of {smtp.user}: {_said(code, said)}", cure)


def _password(smtp: Smtp) -> str:
    if not (smtp.user and smtp.password):
        return ""
    try:
        return resolve(smtp.password)
    except SecretError as error:
        raise NotSent(f"The password for {smtp.host}: {error}.", error.what_to_do) from error


def _step(what: str, ask: Callable[[], tuple[int, bytes]], wanted: int = _TAKEN) -> None:
    code, said = ask()
    if code != wanted and not (wanted == _TAKEN and code in (250, 251)):
        raise NotSent(f"The server refused the {what}: {_said(code, said)}", "Check report.to and [report.smtp].")


def _coded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _said(code: int, said: bytes) -> str:
    return one_line(f"{code} {said.decode(errors='replace')}", 200)


def _reason(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "it did not answer in time"
    if isinstance(error, OSError) and error.strerror:
        return one_line(error.strerror, 160)
    return one_line(str(error), 160) or type(error).__name__


def _no_tls(smtp: Smtp, error: ssl.SSLError) -> NotSent:
    why = getattr(error, "verify_message", "") or error.reason or "the handshake failed"
    cure = "Check host, port and tls in [report.smtp]; for a server with a certificate of its own set ca_file."
    return NotSent(f"{smtp.host}:{smtp.port} could not be trusted: {one_line(str(why), 160)}.", cure)


def _cut(client: smtplib.SMTP) -> None:
    if client.sock is not None:
        with suppress(OSError):
            socket.socket.shutdown(client.sock, socket.SHUT_RDWR)
