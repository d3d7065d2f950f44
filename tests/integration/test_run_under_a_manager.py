"""The daemon and the service manager: ready once it works, alive as long as its loop is, and told when it ends."""

from __future__ import annotations

import os
import signal
import socket
import time
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from keepwarm.daemon.service_manager import ServiceManager
from tests.daemon import PATIENCE, SETTINGS, count, end, running, until, write_secret
from tests.keepwarm import Keepwarm
from tests.letters import ME, weekly_exchange, write_maildir
from tests.manager import Manager, managing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BEATS = 3
WATCHDOG = 0.6  # seconds
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[Manager]:
    with managing(str(tmp_path / "notify"), watchdog=WATCHDOG) as one:
        yield one


def maildir(name: str = "mail") -> str:
    return f'[[account]]\nname = "{name}"\nkind = "maildir"\npath = "{name}"\naddress = "{ME}"\npoll = "1s"\n'


def configured(folder: Path, parts: str, manager: Manager) -> Keepwarm:
    (folder / "config.toml").write_text(SETTINGS + parts)
    write_secret(folder / "secret", "secret")
    write_maildir(folder / "mail", weekly_exchange("Mia <mia@kept.test>", NOW, weeks=2))
    return Keepwarm(folder / "config.toml", environment=manager.environment)


def test_it_is_ready_once_it_works_and_says_when_it_stops(tmp_path: Path, manager: Manager) -> None:
    keepwarm = configured(tmp_path, maildir(), manager)
    with running(keepwarm) as daemon:
        until(lambda: "READY=1" in manager.heard, daemon)
        assert "event=started" in daemon.logged
        end(daemon)
    heard = [line for line in manager.heard if line.startswith(("READY", "STOPPING", "EXTEND"))]
    assert heard == ["EXTEND_TIMEOUT_USEC=3600000000", "READY=1", "STOPPING=1"]


def test_a_manager_with_an_abstract_socket_is_told_too(tmp_path: Path) -> None:
    with managing(f"@keepwarm-test-{uuid4()}") as manager, running(configured(tmp_path, maildir(), manager)) as daemon:
        until(lambda: "READY=1" in manager.heard, daemon)
        end(daemon)
        assert manager.beats == 0  # none were asked for


@pytest.mark.parametrize("address", ["vsock:2:1", "/no/such/socket", "nonsense", "@nobody-listens-here"])
def test_a_manager_that_cannot_be_told_ends_nobody(tmp_path: Path, address: str, manager: Manager) -> None:
    keepwarm = replace(configured(tmp_path, maildir(), manager), environment={"NOTIFY_SOCKET": address})
    with running(keepwarm) as daemon:
        until(lambda: count(tmp_path / "data" / "keepwarm.db", "message") > 0, daemon)
        assert "level=error" not in end(daemon)


def test_beats_that_are_meant_for_another_process_are_not_given(
    monkeypatch: pytest.MonkeyPatch, manager: Manager
) -> None:
    for name, value in {**manager.environment, "WATCHDOG_PID": str(os.getpid() + 1)}.items():
        monkeypatch.setenv(name, value)
    ServiceManager().beat()
    assert manager.beats == 0
    monkeypatch.setenv("WATCHDOG_PID", str(os.getpid()))
    ServiceManager().beat()
    assert manager.beats == 1


def test_it_beats_while_an_account_hangs_and_says_which_cannot_be_read(tmp_path: Path, manager: Manager) -> None:
    with ExitStack() as stack:
        black_hole = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        black_hole.settimeout(PATIENCE)
        nobody = stack.enter_context(socket.socket())
        nobody.bind(("127.0.0.1", 0))  # and listens not: a connection is refused
        parts = "".join(
            f'[[account]]\nname = "{name}"\nkind = "imap"\naddress = "{ME}"\nhost = "127.0.0.1"\nport = {port}\n'
            'tls = "none"\npassword = { file = "secret" }\n'
            for name, port in (("hangs", black_hole.getsockname()[1]), ("refuses", nobody.getsockname()[1]))
        )
        with running(configured(tmp_path, parts + maildir(), manager)) as daemon:
            stack.enter_context(black_hole.accept()[0])
            before = manager.beats
            until(lambda: manager.beats >= before + BEATS, daemon)
            until(lambda: manager.status == "Accounts: 3; cannot be read: refuses.", daemon)
            end(daemon)


def test_it_does_not_beat_while_its_loop_hangs(tmp_path: Path, manager: Manager) -> None:
    keepwarm = configured(tmp_path, maildir(), manager)
    settings = keepwarm.config.read_text()
    with running(keepwarm) as daemon:
        until(lambda: manager.beats >= BEATS, daemon)
        keepwarm.config.unlink()
        os.mkfifo(keepwarm.config)  # whoever reads the settings waits until somebody has written them
        daemon.process.send_signal(signal.SIGHUP)
        until(lambda: "RELOADING=1" in manager.heard, daemon)
        hung, later = manager.beats, time.monotonic() + 5 * WATCHDOG  # many beats would have come
        until(lambda: time.monotonic() > later, daemon)
        assert manager.beats == hung
        with keepwarm.config.open("w") as waited_for:
            keepwarm.config.unlink()
            keepwarm.config.write_text(settings)
            waited_for.write(settings)
        until(lambda: manager.beats >= hung + BEATS, daemon)
        end(daemon)
