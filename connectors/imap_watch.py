"""A folder that is watched on a connection of its own: by IDLE (RFC 2177), or by NOOP where a server has no IDLE.

A connection can be dead for hours without anybody noticing (a router forgot it, the machine slept): so a server that
says nothing for a while is asked for a sign of life, and is let go of if it gives none.
"""

from __future__ import annotations

import imaplib
import re
import select
import ssl
import time
from typing import TYPE_CHECKING, Any, NoReturn

from keepwarm.connectors.imap_connection import explained, shut
from keepwarm.connectors.imap_session import ImapSession
from keepwarm.connectors.imap_values import number

if TYPE_CHECKING:
    import socket

    from keepwarm.connectors.imap_connection import FusedClient, ImapSettings
    from keepwarm.connectors.imap_listing import FolderState

_COUNT = re.compile(rb"\* (\d{1,10}) (EXISTS|EXPUNGE)\b", re.IGNORECASE)
_LONGEST_LINE = 64 * 1024
_AT_ONCE = 16 * 1024  # bytes; a TLS record holds no more


class FolderWatch:
    """Watches one folder, from the first ``wait`` on.

    The connection is taken over from imaplib, which can only block. Literals are read as if they were lines: at the
    worst they look like news, and a hint too many does no harm.
    """

    def __init__(self, settings: ImapSettings, folder: str) -> None:
        self._settings = settings
        self._folder = folder
        self._client: FusedClient | None = None
        self._known: FolderState | None = None  # when it was opened last
        self._exists = 0
        self._has_news = False
        self._can_idle = False
        self._heard = b""  # of a line that is not whole yet
        self._tags = 0
        self._awaited = b""  # how the answer begins that must come before the alarm; b"" if none is due
        # By a clock that never jumps:
        self._alarm = 0.0  # when something is to be done
        self._begun = 0.0  # when IDLE was asked for last

    def wait(self, seconds: float, bell: int) -> bool:
        """Wait for a new message, for ``seconds``, or until the file ``bell`` can be read; True if there is one.

        What comes between two calls is not lost, nor what came while a lost connection was made again. Raises Later,
        SignInNeeded or Refused; the next call connects anew.
        """
        until = time.monotonic() + seconds
        if self._client is None:
            self._open()
        while not self._has_news:
            now = time.monotonic()
            if now >= self._alarm:
                self._act()
            elif now >= until or not self._listen(min(until, self._alarm) - now, bell):
                return False
        self._has_news = False
        return True

    def close(self) -> None:
        """Let go of the connection, without a goodbye that somebody might have to wait for."""
        self._heard = b""
        if self._client is not None:
            shut(self._client)
            self._client = None

    def _open(self) -> None:
        session = ImapSession(self._settings)
        try:
            state = session.examine(self._folder)
            self._can_idle = session.can("IDLE")
            self._client = session.hand_over()
        except BaseException:
            session.close()
            raise
        self._exists = state.exists
        # Of what came while nobody watched, only this tells.
        self._has_news = self._has_news or self._known not in (None, state)
        self._known = state
        self._sock().setblocking(False)
        imap = self._client._imap
        for said in imap.untagged_responses.get("EXISTS", ()):  # since it was opened
            self._count(number(said) or 0, b"EXISTS")
        already = _already_read(imap)
        self._begin()
        self._take_lines(already)

    def _begin(self) -> None:
        """Have the server tell what is new; if it cannot, let some time pass."""
        if not self._can_idle:
            self._rest()
            return
        self._begun = time.monotonic()
        self._ask(b"IDLE", b"+")

    def _rest(self) -> None:
        """Let the server speak, until it is time to ask."""
        now = time.monotonic()
        self._awaited = b""
        self._alarm = now + self._settings.noop_seconds
        if self._can_idle:
            self._alarm = min(now + self._settings.silence_seconds, self._begun + self._settings.idle_seconds)

    def _act(self) -> None:
        """Do what the alarm was set for. Raises Later if an answer did not come in time."""
        if self._awaited:
            self._lose(TimeoutError())
        if self._can_idle:
            self._send(b"DONE")
            self._await(self._tag)
        else:
            self._ask(b"NOOP")

    def _ask(self, command: bytes, answer: bytes = b"") -> None:
        self._tags += 1
        self._send(self._tag + command)
        self._await(answer or self._tag)

    def _await(self, answer: bytes) -> None:
        self._awaited = answer
        self._alarm = time.monotonic() + self._settings.answer_seconds

    @property
    def _tag(self) -> bytes:
        return b"W%d " % self._tags

    def _listen(self, seconds: float, bell: int) -> bool:
        """Hear what comes within ``seconds``; False if it was the bell."""
        sock = self._sock()
        if not (isinstance(sock, ssl.SSLSocket) and sock.pending()):
            poll = select.poll()
            poll.register(bell, select.POLLIN)
            poll.register(sock, select.POLLIN)
            ready = dict(poll.poll(max(1.0, seconds * 1000)))
            if bell in ready or not ready:
                return not ready
        try:
            received = sock.recv(_AT_ONCE)
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return True
        except OSError as error:
            self._lose(error)
        if not received:
            self._lose(imaplib.IMAP4.abort("the connection was ended"))
        self._take_lines(received)
        return True

    def _take_lines(self, received: bytes) -> None:
        *lines, self._heard = (self._heard + received).split(b"\n")
        for line in lines:
            self._take(line)
        if len(self._heard) > _LONGEST_LINE:
            self._lose(imaplib.IMAP4.abort("a line without an end"))

    def _take(self, line: bytes) -> None:
        if count := _COUNT.match(line):
            self._count(int(count[1]), count[2].upper())
        elif line[:5].upper() == b"* BYE":
            self._lose(imaplib.IMAP4.abort(line[5:].decode("utf-8", "replace")))
        if line.startswith(self._tag):
            self._take_result(line.split(b" ", 2)[1].strip().upper())
        elif self._can_idle and (not self._awaited or line.startswith(self._awaited)):
            self._rest()  # any word is a sign of life

    def _take_result(self, result: bytes) -> None:
        was_asked = self._awaited == self._tag
        if not was_asked and time.monotonic() - self._begun < self._settings.noop_seconds:
            self._can_idle = False  # it refuses, or ends at once, what it offers
        elif result != b"OK":
            self._lose(imaplib.IMAP4.abort("it does not answer as it should"))
        if self._can_idle:
            self._begin()
        else:
            self._rest()

    def _count(self, said: int, what: bytes) -> None:
        if what == b"EXPUNGE":
            self._exists = max(0, self._exists - 1)
            return
        self._has_news = self._has_news or said > self._exists
        self._exists = said

    def _send(self, line: bytes) -> None:
        sock = self._sock()
        try:
            sock.settimeout(self._settings.answer_seconds)
            sock.sendall(line + b"\r\n")
            sock.setblocking(False)
        except OSError as error:
            self._lose(error)

    def _sock(self) -> socket.socket:
        assert self._client is not None  # noqa: S101 - wait() has opened it
        sock: socket.socket = self._client._imap.sock
        return sock

    def _lose(self, error: OSError | imaplib.IMAP4.error) -> NoReturn:
        """Let go of a connection that is no good. Raises what that means."""
        self.close()
        raise explained(error, self._settings) from error


def _already_read(imap: Any) -> bytes:
    """Give what imaplib took in beyond the last answer, if anything; the socket does not block."""
    if hasattr(imap, "_readbuf"):  # from Python 3.14 on
        return b"".join(imap._readbuf)
    try:
        return bytes(imap.file.peek())
    except ssl.SSLWantReadError:
        return b""
