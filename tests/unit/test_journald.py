"""The systemd journal: each entry with its fields and priority, whole, and without anything forged or secret."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CODE = """
import sys
import structlog
from keepwarm.daemon.logs import configure
from keepwarm.daemon.session import Verbosity
address, more = sys.argv[1:]
configure(Verbosity.NORMAL, foreground=True, journal=address)
log = structlog.get_logger()
exec(more)
"""


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(tmp_path / "journal"))
        listener.setblocking(False)
        yield listener


def log(folder: Path, more: str, address: str = "") -> str:
    """Log in a process whose stderr is said to be a stream of the journal; give what it wrote there."""
    file = folder / "stderr"
    with file.open("w") as stderr:
        found = os.fstat(stderr.fileno())
        subprocess.run(
            [sys.executable, "-c", CODE, address or str(folder / "journal"), more],
            stderr=stderr,
            env={**os.environ, "JOURNAL_STREAM": f"{found.st_dev}:{found.st_ino}"},
            check=True,
        )
    return file.read_text()


def entries(journal: socket.socket) -> list[dict[str, str]]:
    """Read as the journal does: by line, or by length."""
    found = []
    while True:
        try:
            data = journal.recv(1 << 20)
        except BlockingIOError:
            return found
        fields = {}
        while data:
            line, _, data = data.partition(b"\n")
            name, is_short, value = line.partition(b"=")
            if not is_short:
                size = int.from_bytes(data[:8], "little")
                value, end, data = data[8 : 8 + size], data[8 + size : 9 + size], data[9 + size :]
                assert end == b"\n"
            assert name.decode() not in fields
            fields[name.decode()] = value.decode()
        found.append(fields)


def test_an_entry_has_its_fields_and_its_priority(tmp_path: Path, journal: socket.socket) -> None:
    more = 'log.info("read", account="work", messages=3)\nlog.warning("cannot be read", account="work")\nlog.error("x")'
    assert log(tmp_path, more) == ""
    read, warning, error = entries(journal)
    assert read == {
        "MESSAGE": "read: account=work messages=3",
        "PRIORITY": "6",
        "SYSLOG_IDENTIFIER": "keepwarm",
        "KEEPWARM_ACCOUNT": "work",
        "KEEPWARM_MESSAGES": "3",
    }
    assert (warning["PRIORITY"], error["PRIORITY"]) == ("4", "3")


def test_nothing_from_a_mailbox_forges_a_field_and_nothing_secret_is_told(
    tmp_path: Path, journal: socket.socket
) -> None:
    hostile = "a\\nPRIORITY=0\\n_UID=0\\x1b[2J"
    log(tmp_path, f'log.warning("read", subject="{hostile}", password="hunter2", names=["{hostile}"])')
    (told,) = entries(journal)
    assert told["PRIORITY"] == "4"
    assert told["KEEPWARM_SUBJECT"] == "a PRIORITY=0 _UID=0"
    assert told.keys() == {
        *("MESSAGE", "PRIORITY", "SYSLOG_IDENTIFIER"),
        *("KEEPWARM_SUBJECT", "KEEPWARM_PASSWORD", "KEEPWARM_NAMES"),
    }
    assert "hunter2" not in str(told)
    assert "\x1b" not in str(told)


def test_a_traceback_is_one_entry_of_several_lines(tmp_path: Path, journal: socket.socket) -> None:
    log(tmp_path, 'try:\n    raise ValueError("x\\nPRIORITY=0")\nexcept ValueError:\n    log.exception("failed")')
    (told,) = entries(journal)
    assert told["MESSAGE"].startswith("failed\nTraceback")
    assert told["PRIORITY"] == "3"


def test_without_the_journals_socket_stderr_has_lines_with_their_priority(tmp_path: Path) -> None:
    said = log(tmp_path, 'log.warning("cannot be read", account="work")', str(tmp_path / "nobody"))
    assert said == "<4>cannot be read: account=work\n"


def test_a_stream_that_is_not_stderr_is_none_of_its_business(tmp_path: Path, journal: socket.socket) -> None:
    done = subprocess.run(
        [sys.executable, "-c", CODE, str(tmp_path / "journal"), 'log.warning("told")'],
        stderr=subprocess.PIPE,
        env={**os.environ, "JOURNAL_STREAM": "1:1"},
        encoding="utf-8",
        check=True,
    )
    assert "event=told" in done.stderr
    assert entries(journal) == []
