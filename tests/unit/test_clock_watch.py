"""The watch on the clock: jumps of the clock, and sleep of the machine, in either direction and once each."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from keepwarm.daemon.accounts import MaildirAccount
from keepwarm.daemon.clock_watch import ClockWatch
from keepwarm.daemon.schedule import LONGEST_WAIT, Schedule

if TYPE_CHECKING:
    from datetime import tzinfo


class Clocks:
    """The clock on the wall, and the one that never jumps."""

    def __init__(self, zone: tzinfo = UTC) -> None:
        self.wall = datetime(2026, 3, 28, 22, tzinfo=UTC)
        self.steady = 100.0
        self.watch = ClockWatch(lambda: self.wall.astimezone(zone), lambda: self.steady)

    def go(self, seconds: float, *, jump: float = 0.0) -> float:
        self.steady += seconds
        self.wall += timedelta(seconds=seconds + jump)
        return self.watch.jumped()


def test_time_that_only_passes_is_no_jump() -> None:
    clocks = Clocks()
    assert [clocks.go(60.0, jump=0.1) for _ in range(100)] == [0.0] * 100


@pytest.mark.parametrize("jump", [8 * 3600.0, -8 * 3600.0, 31.0, -31.0])
def test_a_jump_is_told_once(jump: float) -> None:
    clocks = Clocks()
    assert clocks.go(60.0, jump=jump) == pytest.approx(jump)
    assert clocks.go(60.0) == 0.0


def test_small_steps_add_up_to_a_jump() -> None:
    clocks = Clocks()
    assert [bool(clocks.go(1.0, jump=10.0)) for _ in range(6)] == [False, False, True, False, False, True]


def test_summer_time_is_no_jump() -> None:
    clocks = Clocks(ZoneInfo("Europe/Berlin"))
    assert [clocks.go(600.0) for _ in range(30)] == [0.0] * 30  # over the night in which it begins


def test_after_sleep_all_accounts_are_read_soon_those_that_failed_too() -> None:
    fields = {"kind": "maildir", "address": "me@kept.test", "path": "/mail", "poll": "1h"}
    accounts = [MaildirAccount.model_validate({**fields, "name": name}) for name in ("well", "failed", "put off")]
    schedule = Schedule(accounts, 0.0)
    well, failed, put_off = accounts
    schedule.done(well, 0.0, 0.0)
    schedule.failed(failed, 0.0, longest=LONGEST_WAIT)
    schedule.put_off(put_off, 0.0, 9000.0)
    assert schedule.due(1.0) == []
    schedule.awake(1.0)
    assert schedule.due(5.0) == []  # the network comes first
    assert {account.name for account in schedule.due(22.0)} == {"well", "failed", "put off"}
