"""The daemon as a child process, and its configuration: started, waited for, ended."""

from __future__ import annotations

import signal
import sqlite3
import time
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.keepwarm import Keepwarm
from tests.letters import ME

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.servers.dovecot import MailAccount

PATIENCE = 60.0  # seconds
STOPS_WITHIN = 5.0  # seconds

SETTINGS = f"""\
[owner]
timezone = "UTC"
addresses = ["{ME}"]
[database]
url = "sqlite:///data/keepwarm.db"
[web]
listen = "127.0.0.1:0"
"""


@dataclass(frozen=True, slots=True)
class Daemon:
    """A daemon that was started, and the file in which it logs."""

    process: subprocess.Popen[str]
    log: Path

    @property
    def logged(self) -> str:
        """What it has logged so far."""
        return self.log.read_text(encoding="utf-8")


@contextmanager
def running(keepwarm: Keepwarm, command: str = "run") -> Iterator[Daemon]:
    """Run the daemon, or another command; it is killed in the end, if it still runs."""
    log = keepwarm.config.with_name("daemon.log")
    with log.open("w") as opened:
        process = keepwarm.start(command, log=opened)
    try:
        yield Daemon(process, log)
    finally:
        process.kill()
        process.wait()


def until(holds: Callable[[], bool], daemon: Daemon) -> None:
    """Wait until something holds, while the daemon runs."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert daemon.process.poll() is None, daemon.logged
        assert time.monotonic() < deadline, f"it did not come about: {daemon.logged}"
        time.sleep(0.1)


def end(daemon: Daemon) -> str:
    """Tell the daemon to stop; it must do so in time and with status 0. Gives what it logged."""
    daemon.process.send_signal(signal.SIGTERM)
    asked = time.monotonic()
    daemon.process.wait(PATIENCE)
    assert time.monotonic() - asked < STOPS_WITHIN
    assert daemon.process.returncode == 0, daemon.logged
    assert "event=stopped" in daemon.logged
    return daemon.logged


def count(database: Path, table: str) -> int:
    """Count the rows of a table, from outside; 0 if there is no database yet."""
    if not database.exists():
        return 0
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=10)) as connection:
        try:
            return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
        except sqlite3.OperationalError:  # it has no tables yet
            return 0


def write_secret(file: Path, password: str) -> None:
    """Write a password where only its owner can read it."""
    file.write_text(password)
    file.chmod(0o600)


def account_of(mail: MailAccount, *, name: str = "work", poll: str, port: int = 0, password: str = "") -> str:
    """Give the configuration of a mailbox on a real server; its password is in the file ``secret``, unless given."""
    server = mail.server
    secret = password or '{ file = "secret" }'
    return (
        f'[[account]]\nname = "{name}"\nkind = "imap"\npoll = "{poll}"\naddress = "{ME}"\nhost = "{server.host}"\n'
        f'port = {port or server.tls_port}\nca_file = "{server.ca_file}"\nuser = "{mail.user}"\n'
        f"password = {secret}\n"
    )


def imap_account(folder: Path, mail: MailAccount, *, poll: str, port: int = 0) -> Keepwarm:
    """Give the command, with a configuration in ``folder`` that reads one mailbox on a real server."""
    config = folder / "config.toml"
    config.write_text(SETTINGS + account_of(mail, poll=poll, port=port))
    write_secret(folder / "secret", mail.password)
    return Keepwarm(config)
