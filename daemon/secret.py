"""A secret: the configuration says where it comes from; it is fetched when it is used, and kept nowhere."""

from __future__ import annotations

import io
import os
import shlex
import stat
import subprocess
import sys
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path

from keepwarm.outputs.safe_text import one_line

KEYRING_SERVICE = "keepwarm"
COMMAND_SECONDS = 30.0
_LONGEST = 64 * 1024  # bytes of a file or credential; tokens of some providers take a few KiB


class SecretSource(StrEnum):
    """Where a secret can come from; the value is the key in the configuration."""

    COMMAND = "command"
    ENV = "env"
    FILE = "file"
    KEYRING = "keyring"
    CREDENTIAL = "credential"


@dataclass(frozen=True, slots=True)
class Secret:
    """A source, and the name there: a command line, a variable, a path, a keyring entry, a credential's name.

    The name is kept out of ``repr``: a command line may hold more than it should.
    """

    source: SecretSource
    name: str = field(repr=False)

    def filed_under(self, entry: str) -> Secret:
        """Give the same secret; one from the keyring is looked up as ``entry`` (an account's name)."""
        return replace(self, name=entry) if self.source is SecretSource.KEYRING else self


class SecretError(Exception):
    """A secret could not be had: ``why`` is one sentence, ``what_to_do`` the cure."""

    def __init__(self, why: str, what_to_do: str) -> None:
        super().__init__(why)
        self.what_to_do = what_to_do


def resolve(secret: Secret, *, command_seconds: float = COMMAND_SECONDS) -> str:
    """Fetch the secret: the first line of what its source holds.

    Raises SecretError.
    """
    match secret.source:
        case SecretSource.COMMAND:
            return _from_command(secret.name, command_seconds)
        case SecretSource.ENV:
            return _from_environment(secret.name)
        case SecretSource.FILE:
            return _from_file(Path(secret.name))
        case SecretSource.KEYRING:
            return _from_keyring(secret.name)
        case SecretSource.CREDENTIAL:
            return _from_credential(secret.name)


def keyring_command(entry: str) -> str:
    """Give the command line that puts a secret into the system keyring under ``entry``."""
    return shlex.join([sys.executable, "-m", "keyring", "set", KEYRING_SERVICE, entry])


def _from_command(command: str, seconds: float) -> str:
    # Through the shell, as msmtp's passwordeval and mbsync's PassCmd do it: "~", "$HOME" and pipes mean what
    # the user thinks they mean. The line is the user's own; nothing from elsewhere is ever put into it.
    try:
        done = subprocess.run(  # noqa: S603 - the user's own configuration names the command
            ["/bin/sh", "-c", command],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        # The exception's own text has the command line: "from None" keeps it out of tracebacks.
        raise SecretError(
            f"the password command gave no answer in {seconds:g} seconds",
            "Run it by hand: does it wait for a passphrase? Unlock the store first, or start its agent.",
        ) from None
    if done.returncode != 0:
        said = one_line(done.stderr.decode(errors="replace").strip().rpartition("\n")[2])
        raise SecretError(
            f"the password command ended with status {done.returncode}" + (f": {said}" if said else ""),
            "Run it by hand, and put right what it says.",
        )
    return _first_line(done.stdout, "what the password command prints", "Run it by hand: it must print the password.")


def _from_environment(name: str) -> str:
    value = os.environ.get(name, "")
    if not value:
        raise SecretError(
            f"the environment variable {name} is not set",
            f"Set {name}, also for the service, or name another source.",
        )
    return value


def _from_file(path: Path) -> str:
    with _opened(path, f"Write the password into {path}, then: chmod 600 {path}") as opened:
        mode = os.fstat(opened.fileno()).st_mode
        if not stat.S_ISREG(mode):
            raise SecretError(f"{path} is no regular file", "Name a plain text file that holds the password.")
        if stat.S_IMODE(mode) & 0o077:
            raise SecretError(f"{path} can be read by other users", f"Make it yours alone: chmod 600 {path}")
        content = opened.read(_LONGEST)
    return _first_line(content, str(path), "Write the password into its first line.")


def _from_credential(name: str) -> str:
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    cure = f"Run as a systemd service with LoadCredential={name}:PATH (or LoadCredentialEncrypted=) in its unit."
    if not folder:
        raise SecretError(f"there is no systemd credential {name}: $CREDENTIALS_DIRECTORY is not set", cure)
    with _opened(Path(folder, name), cure) as opened:
        content = opened.read(_LONGEST)
    return _first_line(content, f"the systemd credential {name}", cure)


def _from_keyring(entry: str) -> str:
    # Loads D-Bus clients and an event loop; only those who use a keyring pay for it.
    import keyring  # noqa: PLC0415
    from keyring.errors import InitError, KeyringError, KeyringLocked, NoKeyringError  # noqa: PLC0415

    elsewhere = "use another source: { command = ... }, { file = ... } or { credential = ... }"
    try:
        value = keyring.get_password(KEYRING_SERVICE, entry)
    except NoKeyringError:
        raise SecretError(
            "this system has no keyring", f"Install one (GNOME Keyring, KWallet), or {elsewhere}."
        ) from None
    except InitError:
        raise SecretError(
            "the keyring cannot be started: there is no desktop session", f"Run inside one, or {elsewhere}."
        ) from None
    except KeyringLocked:
        raise SecretError("the keyring is locked", f"Unlock it (sign in to the desktop), or {elsewhere}.") from None
    except KeyringError as error:
        raise SecretError(f"the keyring failed: {one_line(str(error))}", f"Put it right, or {elsewhere}.") from None
    if not value:
        raise SecretError(f'the keyring has no password for "{entry}"', f"Put it there: {keyring_command(entry)}")
    return value


def _opened(path: Path, cure: str) -> io.FileIO:
    try:
        return io.FileIO(path, opener=_without_waiting)
    except OSError as error:
        raise SecretError(f"{path} cannot be read: {error.strerror}", cure) from None


def _without_waiting(path: str, flags: int) -> int:
    """Open as ``open`` does, but never wait for the writer of a named pipe."""
    return os.open(path, flags | os.O_NONBLOCK)


def _first_line(content: bytes, of: str, what_to_do: str) -> str:
    """Give the first line, without its line end; blanks inside and at its ends may belong to the secret."""
    line = content.split(b"\n", 1)[0].removesuffix(b"\r")
    if not line:
        raise SecretError(f"{of} has an empty first line", what_to_do)
    try:
        return line.decode()
    except UnicodeDecodeError:
        raise SecretError(f"{of} is no text in UTF-8", what_to_do) from None
