"""SIGHUP: the daemon takes over other settings; what cannot be worked by is told once, and those before stay."""

from __future__ import annotations

import os
import signal
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from tests.daemon import SETTINGS, Daemon, count, end, running, until
from tests.keepwarm import Keepwarm
from tests.letters import ME, Note, weekly_exchange, write_maildir

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
RULE = """\
[[rule]]
id = "mine"
family = "care"
labels = ["*"]
when = ['messages_in_180d >= 0']
sentence = "{name} is there."
advice = "Nothing."
warmth = 0
cooldown = "14d"
"""


def account(name: str) -> str:
    return f'[[account]]\nname = "{name}"\nkind = "maildir"\npath = "{name}"\naddress = "{ME}"\npoll = "1s"\n'


@pytest.fixture
def keepwarm(tmp_path: Path) -> Keepwarm:
    for number, name in enumerate(("first", "second")):
        write_maildir(tmp_path / name, weekly_exchange(f"Mia <mia{number}@kept.test>", NOW, weeks=2))
    (tmp_path / "config.toml").write_text(SETTINGS + account("first"))
    return Keepwarm(tmp_path / "config.toml")


def hang_up(daemon: Daemon, event: str) -> None:
    """Have it look at its settings, and wait until it says so once more."""
    before = daemon.logged.count(event)
    daemon.process.send_signal(signal.SIGHUP)
    until(lambda: daemon.logged.count(event) > before, daemon)


def test_other_settings_are_taken_over_by_the_same_process_and_wrong_ones_are_not(keepwarm: Keepwarm) -> None:
    folder, database = keepwarm.config.parent, keepwarm.config.parent / "data" / "keepwarm.db"
    with running(keepwarm) as daemon:
        until(lambda: count(database, "message") == 4, daemon)
        for wrong in ("[[account]\n", SETTINGS, SETTINGS.replace("keepwarm.db", "no/\\u0000") + account("first")):
            keepwarm.config.write_text(wrong)
            hang_up(daemon, "the settings are not taken over")
        write_maildir(folder / "first", [Note(at=NOW, author="Jo <jo@kept.test>")])
        until(lambda: count(database, "message") == 5, daemon)  # by those before
        (folder / "mine.toml").write_text(RULE)
        rules = '[rules]\nfiles = ["mine.toml"]\n[report]\nat = "fri 17:00"\n'
        keepwarm.config.write_text(SETTINGS + account("second") + rules)
        hang_up(daemon, "event=started")
        until(lambda: count(database, "message") == 9, daemon)
        write_maildir(folder / "first", [Note(at=NOW, author="Al <al@kept.test>")])
        until(lambda: "mine" in {row["rule"] for row in keepwarm.json("signals", "--all")}, daemon)
        logged = end(daemon)
    assert count(database, "message") == 9  # of an account that is not in the settings nothing is read
    assert logged.count("the settings are not taken over") == 3
    assert logged.count("event=stopped") == 2


def test_a_rule_file_with_a_mistake_is_not_taken_over(keepwarm: Keepwarm) -> None:
    with running(keepwarm) as daemon:
        until(lambda: "event=started" in daemon.logged, daemon)
        keepwarm.config.with_name("mine.toml").write_text(RULE.replace("messages_in_180d", "nonsense"))
        keepwarm.config.write_text(SETTINGS + account("first") + '[rules]\nfiles = ["mine.toml"]\n')
        hang_up(daemon, "the settings are not taken over")
        assert "nonsense" in daemon.logged
        end(daemon)


def test_a_terminal_that_is_closed_ends_it(keepwarm: Keepwarm) -> None:
    controller, terminal = os.openpty()
    with os.fdopen(terminal, "w") as opened:
        process = keepwarm.start("run", log=opened)
    try:
        said = b""
        while b"started" not in said:
            said += os.read(controller, 4096)
        os.close(controller)
        process.send_signal(signal.SIGHUP)
        assert process.wait(60) == 0
    finally:
        process.kill()
        process.wait()
