"""Child processes for tests: a folder that an unprivileged server may enter, a free port, a clean end."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

READY_SECONDS = 30.0
END_SECONDS = 20.0


class MissingServerError(Exception):
    """A server's binary is not on this machine; the message names the Debian package."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Whom a server's files belong to, and which name its configuration gives."""

    name: str
    uid: int
    gid: int


def unprivileged() -> Identity:
    """Give ``nobody`` if the tests run as root (servers refuse to be root), else the user of the tests."""
    entry = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
    return Identity(entry.pw_name, entry.pw_uid, entry.pw_gid)


def open_folder(prefix: str) -> Path:
    """Make a temporary folder that other users may enter (pytest's own are closed to them)."""
    folder = Path(tempfile.mkdtemp(prefix=prefix))
    folder.chmod(0o755)
    return folder


def give(path: Path, owner: Identity) -> None:
    """Give ``path`` and all below it to ``owner``; nothing to do for an ordinary user."""
    if os.geteuid() != 0:
        return
    for each in (path, *path.rglob("*")):
        os.chown(each, owner.uid, owner.gid)


def free_port() -> int:
    """Find a loopback port that nobody listens on at this moment."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def find_binary(name: str, package: str, *places: str) -> Path:
    """Find a server's binary on the path or in one of ``places``; raises MissingServerError."""
    path = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin", *places))
    found = shutil.which(name, path=path)
    if found is None:
        raise MissingServerError(f"{name} is not installed (Debian package {package})")
    return Path(found)


def wait_until(ready: Callable[[], bool], process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until ``ready()``; raises RuntimeError with the server's log if it ends or takes too long."""
    deadline = time.monotonic() + READY_SECONDS
    while not ready():
        if process.poll() is not None or time.monotonic() > deadline:
            end(process)
            told = log.read_text(errors="replace") if log.exists() else "no log"
            raise RuntimeError(f"the server did not come up:\n{told[-4000:]}")
        time.sleep(0.02)


def greets(port: int, banner: bytes) -> bool:
    """Say whether a server on ``port`` greets with ``banner``: an open port alone proves nothing."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
            return connection.recv(256).startswith(banner)
    except OSError:
        return False


def end(process: subprocess.Popen[bytes], by: signal.Signals = signal.SIGTERM) -> None:
    """End a child process, politely first."""
    if process.poll() is None:
        process.send_signal(by)
    try:
        process.wait(END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
