"""One daemon a database: the second one says so and ends; after a crash another one goes on at once."""

from __future__ import annotations

import signal
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from tests.daemon import SETTINGS, count, end, running, until
from tests.keepwarm import Keepwarm
from tests.letters import ME, weekly_exchange, write_maildir

if TYPE_CHECKING:
    from pathlib import Path

    from tests.servers.postgresql import PostgreSQL

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    if request.param == "sqlite":
        return "sqlite:///data/keepwarm.db"
    server: PostgreSQL = request.getfixturevalue("postgresql")
    return server.new_database()


def test_a_second_daemon_says_so_and_ends_and_takes_over_when_the_first_is_killed(tmp_path: Path, url: str) -> None:
    write_maildir(tmp_path / "mail", weekly_exchange("Mia <mia@kept.test>", NOW, weeks=2))
    settings = SETTINGS.replace("sqlite:///data/keepwarm.db", url)
    account = f'[[account]]\nname = "mail"\nkind = "maildir"\npath = "mail"\naddress = "{ME}"\npoll = "1s"\n'
    (tmp_path / "config.toml").write_text(settings + account)
    keepwarm = Keepwarm(tmp_path / "config.toml")
    with running(keepwarm) as first:
        until(lambda: "event=started" in first.logged, first)
        refused = keepwarm.run("run", status=1)
        assert "Another Keepwarm daemon" in refused.err
        assert "event=started" not in refused.err
        keepwarm.run("contacts")  # all other commands work beside it
        first.process.send_signal(signal.SIGKILL)
        first.process.wait()
    with running(keepwarm) as second:
        until(lambda: "event=started" in second.logged, second)
        until(lambda: len(keepwarm.json("contacts")) == 1, second)
        end(second)


def test_the_process_that_holds_an_sqlite_database_is_named(tmp_path: Path) -> None:
    write_maildir(tmp_path / "mail", [])
    account = f'[[account]]\nname = "mail"\nkind = "maildir"\npath = "mail"\naddress = "{ME}"\n'
    (tmp_path / "config.toml").write_text(SETTINGS + account)
    keepwarm = Keepwarm(tmp_path / "config.toml")
    with running(keepwarm) as first:
        until(lambda: count(tmp_path / "data" / "keepwarm.db", "account") == 1, first)
        assert f"(process {first.process.pid})" in keepwarm.run("run", status=1).err
        end(first)
