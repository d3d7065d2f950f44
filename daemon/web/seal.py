"""The seal: one secret in a file of the owner's, by which whoever can read it is known as the owner.

Nothing is kept of who was let in: a link, a session and the token of a program are each made of the secret, and told
from a forgery by it. So they outlive a restart, and a new secret ends them all.
"""

from __future__ import annotations

import hmac
import os
import secrets
import stat
import time
from base64 import urlsafe_b64encode
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from threading import Lock
from typing import TYPE_CHECKING

from keepwarm.daemon.failure import Failure

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LINK_SECONDS = 60
SESSION_SECONDS = 30 * 24 * 3600
_SECRET_BYTES = 32
_LONGEST_TOKEN = 300
_WHO = "Run it as the user whose Keepwarm this is."
_NEW = "Make a new one: keepwarm open --renew"


@dataclass(slots=True)
class Seal:
    """The secret in a file, which is made if it is not there. Any thread may use it."""

    path: Path
    _used: dict[str, float] = field(default_factory=dict)  # links that were used, until when they would be good
    _lock: Lock = field(default_factory=Lock)

    def link_token(self, instance: str, now: float | None = None) -> str:
        """Make a token for one visit to a daemon, good for a minute."""
        return self._make("link", f"{int((now or time.time()) + LINK_SECONDS)}.{secrets.token_hex(8)}", instance)

    def use_link(self, token: str, instance: str) -> bool:
        """Tell whether a token is good, and take it: it is good once."""
        if not self._is_good("link", token, instance):
            return False
        now = time.time()
        with self._lock:
            self._used = {one: until for one, until in self._used.items() if until > now}
            if token in self._used:
                return False
            self._used[token] = now + LINK_SECONDS
        return True

    def session_token(self) -> str:
        """Make what a browser keeps as its cookie."""
        return self._make("session", f"{int(time.time() + SESSION_SECONDS)}.{secrets.token_hex(8)}")

    def is_session(self, token: str) -> bool:
        """Tell whether a browser was let in."""
        return self._is_good("session", token)

    def csrf_token(self, session: str) -> str:
        """Give what the forms of a session bring."""
        return self._mac("csrf", session)

    def program_token(self) -> str:
        """Give the token of programs."""
        return self._mac("program", "")

    def is_program(self, token: str) -> bool:
        """Tell whether a program has the token."""
        return hmac.compare_digest(token.encode(), self.program_token().encode())

    def proof(self, instance: str, question: str) -> str:
        """Give what only who has the secret can answer to a question."""
        return self._mac("proof", f"{instance}.{question}")

    def renew(self) -> None:
        """Make a new secret: every link, session and token ends."""
        self._put(os.replace)

    def _make(self, kind: str, text: str, more: str = "") -> str:
        return f"{text}.{self._mac(kind, f'{text}.{more}')}"

    def _is_good(self, kind: str, token: str, more: str = "") -> bool:
        if len(token) > _LONGEST_TOKEN or not token.isascii():
            return False
        text, _, mac = token.rpartition(".")
        if not hmac.compare_digest(mac, self._mac(kind, f"{text}.{more}")):
            return False
        return time.time() < float(text.partition(".")[0])

    def _mac(self, kind: str, text: str) -> str:
        digest = hmac.digest(self._secret(), f"{kind}\0{text}".encode(), sha256)
        return urlsafe_b64encode(digest).rstrip(b"=").decode()

    def _secret(self) -> bytes:
        """Read it. Raises Failure, also for one that others can read or have made: it is none any more."""
        try:
            with self.path.open("rb") as file:
                about, found = os.fstat(file.fileno()), file.read(_SECRET_BYTES + 1)
        except FileNotFoundError:
            self._put(os.link)
            return self._secret()
        except OSError as error:
            raise Failure(f"{self.path} cannot be read: {error.strerror}.", _WHO) from error
        if hasattr(os, "getuid") and about.st_uid != os.getuid():
            raise Failure(f"{self.path} belongs to another user.", _WHO)
        if os.name == "posix" and stat.S_IMODE(about.st_mode) & 0o077:
            raise Failure(f"{self.path} can be read by other users.", _NEW)
        if len(found) != _SECRET_BYTES:
            raise Failure(f"{self.path} is damaged.", _NEW)
        return found

    def _put(self, place: Callable[[Path, Path], None]) -> None:
        """Write a new secret under another name, and put it in its place. Raises Failure."""
        beside = self.path.with_name(f".{self.path.name}.{secrets.token_hex(4)}")
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with os.fdopen(os.open(beside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
                file.write(secrets.token_bytes(_SECRET_BYTES))
            with suppress(FileExistsError):  # another process was faster: its secret is as good
                place(beside, self.path)
            beside.unlink(missing_ok=True)
        except OSError as error:
            raise Failure(f"{self.path} cannot be written: {error.strerror}.", "Make its folder writable.") from error
