"""Grants: what a provider gave at sign-in, kept in the system keyring, else in a file that is the user's alone.

A grant is a text (JSON) that only the provider's own sign-in understands. It is never put into the database, a log or
an error. Two processes may renew one at once: whoever does holds its lock, and reads it again first.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import resource
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from keepwarm.daemon.failure import Failure
from keepwarm.daemon.files import write_whole
from keepwarm.daemon.paths import data_folder
from keepwarm.daemon.secret import KEYRING_SERVICE, SecretError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_FOLDER = "grants"
_LONGEST = 256 * 1024  # bytes


@dataclass(frozen=True, slots=True)
class Grants:
    """The grant of one account; ``folder`` is where files go if there is no keyring."""

    account: str
    folder: Path

    @classmethod
    def of(cls, account: str) -> Grants:
        """Give the grant of an account of this user."""
        return cls(account, data_folder() / _FOLDER)

    def load(self) -> str:
        """Give the grant; "" if there is none. Raises SecretError if there may be one that cannot be read."""
        leave_no_core()
        try:
            held = self._file.read_bytes()[:_LONGEST].decode()
        except FileNotFoundError:
            return self._from_keyring()
        except (OSError, UnicodeDecodeError) as error:
            raise SecretError(f"{self._file} cannot be read", f"chmod 600 {self._file}, or sign in again.") from error
        return held

    def save(self, grant: str) -> None:
        """Keep a grant in place of the one before. Raises Failure if it can be kept nowhere."""
        if self._to_keyring(grant):
            self._file.unlink(missing_ok=True)
            return
        self._make_folder()
        write_whole(self._file, grant)

    def forget(self) -> bool:
        """Forget the grant; False if there was none. Raises SecretError."""
        had = bool(self.load())
        self._file.unlink(missing_ok=True)
        self._out_of_keyring()
        return had

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Keep all other processes from changing the grant meanwhile."""
        leave_no_core()
        self._make_folder()
        handle = os.open(self.folder / f"{self._name}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    @property
    def _name(self) -> str:
        return hashlib.sha256(self.account.encode()).hexdigest()[:16]

    @property
    def _file(self) -> Path:
        return self.folder / f"{self._name}.json"

    @property
    def _entry(self) -> str:
        return f"grant of {self.account}"

    def _make_folder(self) -> None:
        try:
            for folder in (self.folder.parent, self.folder):  # parents that mkdir makes by itself are open to others
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise Failure(f"{self.folder} cannot be made: {error.strerror}.", "Make it yours.") from error

    def _to_keyring(self, grant: str) -> bool:
        """Put it into the keyring; False if there is none that keeps it."""
        # Loads D-Bus clients: only those who sign in pay for it.
        import keyring  # noqa: PLC0415
        from keyring.errors import KeyringError  # noqa: PLC0415

        try:
            keyring.set_password(KEYRING_SERVICE, self._entry, grant)
            return keyring.get_password(KEYRING_SERVICE, self._entry) == grant
        except (KeyringError, RuntimeError):
            return False

    def _from_keyring(self) -> str:
        import keyring  # noqa: PLC0415
        from keyring.errors import InitError, KeyringError, KeyringLocked, NoKeyringError  # noqa: PLC0415

        try:
            return keyring.get_password(KEYRING_SERVICE, self._entry) or ""
        except (NoKeyringError, InitError):
            return ""
        except KeyringLocked:
            raise SecretError("the keyring is locked", "Unlock it: sign in to the desktop.") from None
        except KeyringError:
            raise SecretError("the keyring failed", "Put it right, or sign in again.") from None

    def _out_of_keyring(self) -> None:
        import keyring  # noqa: PLC0415
        from keyring.errors import KeyringError  # noqa: PLC0415

        with suppress(KeyringError, RuntimeError):
            keyring.delete_password(KEYRING_SERVICE, self._entry)


def leave_no_core() -> None:
    """Have no core dump made of this process, which is about to hold a grant.

    A limit of one byte keeps the kernel from handing a dump to a program, too; a limit of none would not.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_CORE)
    least = 1 if hard == resource.RLIM_INFINITY or hard >= 1 else 0
    if soft != least:
        resource.setrlimit(resource.RLIMIT_CORE, (least, hard))
