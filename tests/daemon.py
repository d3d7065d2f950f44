"""The daemon as a child process, and its configuration: started, waited for, ended."""

from __future__ import annotations

import signal
import sqlite3
import time
from contextlib import closing, contextmanager
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
"""


@contextmanager
def running(keepwarm: Keepwarm) -> Iterator[subprocess.Popen[str]]:
    """Run the daemon; it is killed in the end, if it still runs."""
    daemon = keepwarm.start("run")
    try:
        yield daemon
    finally:
        daemon.kill()
        daemon.communicate()


def until(holds: Callable[[], bool], daemon: subprocess.Popen[str]) -> None:
    """Wait until something holds, while the daemon runs."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert daemon.poll() is None, daemon.stderr and daemon.stderr.read()
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.1)


def end(daemon: subprocess.Popen[str]) -> str:
    """Tell the daemon to stop; it must do so in time and with status 0. Gives what it logged."""
    daemon.send_signal(signal.SIGTERM)
    asked = time.monotonic()
    _, logged = daemon.communicate(timeout=PATIENCE)
    assert time.monotonic() - asked < STOPS_WITHIN
    assert daemon.returncode == 0, logged
    assert "event=stopped" in logged
    return logged


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
