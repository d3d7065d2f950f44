"""The schedule: turns by poll interval, later after failures, sooner after hints."""

from __future__ import annotations

import pytest

from keepwarm.daemon.accounts import MaildirAccount
from keepwarm.daemon.schedule import LONGEST_WAIT, SHORTER_WAIT, Schedule


def account(name: str = "work", poll: str = "5m") -> MaildirAccount:
    fields = {"kind": "maildir", "name": name, "address": "me@kept.test", "path": "/mail", "poll": poll}
    return MaildirAccount.model_validate(fields)


@pytest.fixture
def work() -> MaildirAccount:
    return account()


def test_everything_is_due_at_first(work: MaildirAccount) -> None:
    other = account("other")
    assert Schedule([work, other], 100.0).due(100.0) == [work, other]


def test_a_turn_comes_after_the_poll_interval(work: MaildirAccount) -> None:
    schedule = Schedule([work], 0.0)
    schedule.done(work, 0.0, 1.0)
    assert schedule.due(1.0) == []
    assert 270 <= schedule.wait(1.0) <= 330
    assert schedule.due(331.0) == [work]


def test_a_hint_brings_the_turn_forward_and_only_that_one(work: MaildirAccount) -> None:
    other = account("other")
    schedule = Schedule([work, other], 0.0)
    for each in (work, other):
        schedule.done(each, 0.0, 0.0)
    schedule.hint("work", 10.0)
    schedule.hint("unknown", 10.0)
    assert schedule.due(10.0) == [work]


def test_a_hint_soon_after_a_pass_counts_at_once(work: MaildirAccount) -> None:
    schedule = Schedule([work], 0.0)
    schedule.done(work, 10.0, 12.0)
    schedule.hint("work", 12.0)
    assert schedule.due(12.0) == [work]


def test_hints_without_end_keep_an_account_busy_a_fifth_of_the_time(work: MaildirAccount) -> None:
    schedule, now, busy = Schedule([work], 0.0), 0.0, 0.0
    while now < 1000.0:
        schedule.done(work, now, now + 2.0)  # two seconds of reading
        now, busy = now + 2.0, busy + 2.0
        schedule.hint("work", now)
        now += schedule.wait(now)
    assert 0.19 < busy / now < 0.21


def test_the_rest_after_a_long_pass_is_short(work: MaildirAccount) -> None:
    schedule = Schedule([work], 0.0)
    schedule.done(work, 0.0, 7200.0)
    schedule.hint("work", 7201.0)
    assert schedule.due(7231.0) == [work]


def test_a_hint_never_puts_a_turn_off(work: MaildirAccount) -> None:
    schedule = Schedule([account(poll="1s")], 0.0)
    schedule.done(schedule.accounts[0], 0.0, 5.0)
    schedule.hint("work", 5.0)
    assert schedule.wait(5.0) <= 1.1


def test_an_account_that_cannot_be_read_is_tried_later_each_time_and_no_hint_changes_that(work: MaildirAccount) -> None:
    schedule = Schedule([work], 0.0)
    waits = []
    for _ in range(6):
        schedule.failed(work, 0.0)
        schedule.hint("work", 0.0)
        waits.append(schedule.wait(0.0))
    assert 540 <= waits[0] <= 660
    assert waits[0] < waits[1] < waits[2]
    assert all(LONGEST_WAIT * 0.9 <= wait <= LONGEST_WAIT * 1.1 for wait in waits[-2:])
    schedule.done(work, 0.0, 0.0)
    assert schedule.wait(0.0) <= 330


def test_the_longest_and_the_shortest_wait_are_kept(work: MaildirAccount) -> None:
    schedule = Schedule([work], 0.0)
    for _ in range(2000):
        schedule.failed(work, 0.0, longest=SHORTER_WAIT)
    assert schedule.wait(0.0) <= SHORTER_WAIT * 1.1
    schedule.failed(work, 0.0, at_least=9000.0)
    assert 8100 <= schedule.wait(0.0) <= 9900


def test_waits_are_not_all_the_same(work: MaildirAccount) -> None:
    schedule = Schedule([work], 0.0)
    waits = set()
    for _ in range(20):
        schedule.done(work, 0.0, 0.0)
        waits.add(schedule.wait(0.0))
    assert len(waits) > 1


def test_an_account_that_is_being_read_has_no_other_turn(work: MaildirAccount) -> None:
    other = account("other")
    schedule = Schedule([work, other], 0.0)
    schedule.begun(work, 0.0)
    assert schedule.due(10_000.0) == [other]
    assert not schedule.is_idle
    schedule.begun(other, 0.0)
    assert schedule.wait(10_000.0) == LONGEST_WAIT  # nothing but news is to be waited for
    schedule.done(work, 0.0, 1.0)
    schedule.failed(other, 1.0)
    assert schedule.is_idle


def test_a_hint_that_comes_while_the_account_is_read_is_kept_until_that_is_over(work: MaildirAccount) -> None:
    schedule = Schedule([work], 0.0)
    schedule.begun(work, 0.0)
    schedule.hint("work", 1.0)
    assert schedule.due(1.0) == []
    schedule.done(work, 0.0, 2.0)
    assert schedule.due(2.0) == [work]
    schedule.begun(work, 0.0)  # that pass was the hint's: the next turn is the usual one
    schedule.done(work, 2.0, 3.0)
    assert schedule.due(3.0) == []


def test_a_hint_does_not_help_an_account_that_failed_meanwhile(work: MaildirAccount) -> None:
    schedule = Schedule([work], 0.0)
    schedule.begun(work, 0.0)
    schedule.hint("work", 1.0)
    schedule.failed(work, 2.0)
    assert schedule.due(2.0) == []


def test_an_account_that_is_put_off_has_its_turn_then_whatever_is_hinted(work: MaildirAccount) -> None:
    schedule = Schedule([work], 0.0)
    schedule.begun(work, 0.0)
    schedule.hint("work", 1.0)
    schedule.put_off(work, 2.0, 3600.0)
    schedule.hint("work", 3.0)
    assert schedule.wait(2.0) == 3600.0
    assert schedule.due(3602.0) == [work]
    schedule.begun(work, 0.0)
    schedule.done(work, 3602.0, 3602.0)
    schedule.hint("work", 3603.0)
    assert schedule.due(3603.0) == [work]


def test_what_a_server_asked_for_is_never_cut_short(work: MaildirAccount) -> None:
    schedule = Schedule([work], 0.0)
    for _ in range(50):
        schedule.failed(work, 0.0, at_least=9000.0, longest=SHORTER_WAIT)
        assert schedule.wait(0.0) >= 9000.0


def test_history_that_is_left_is_gone_on_with_at_once_and_nothing_else_is_looked_at(work: MaildirAccount) -> None:
    schedule, now = Schedule([work], 0.0), 0.0
    assert schedule.begun(work, now) is False
    looks = 0
    for _ in range(60):  # an hour
        now += 60.0
        schedule.go_on(work, now)
        assert schedule.due(now) == [work]
        assert not schedule.is_idle
        looks += not schedule.begun(work, now)
    assert looks == 12  # one in each interval, as ever
    schedule.done(work, now, now + 60.0)
    assert schedule.is_idle
    assert 270 <= schedule.wait(now + 60.0) <= 330


@pytest.mark.parametrize("is_on", [True, False])
def test_a_hint_while_history_is_read_has_all_looked_at_next(work: MaildirAccount, *, is_on: bool) -> None:
    schedule = Schedule([work], 0.0)
    schedule.begun(work, 0.0)
    if is_on:
        schedule.hint("work", 30.0)
    schedule.go_on(work, 60.0)
    if not is_on:
        schedule.hint("work", 60.5)
    assert schedule.begun(work, 61.0) is False
    schedule.go_on(work, 121.0)
    assert schedule.begun(work, 121.0) is True


def test_an_account_that_fails_in_its_history_is_read_whole_later(work: MaildirAccount) -> None:
    schedule = Schedule([work], 0.0)
    schedule.begun(work, 0.0)
    schedule.go_on(work, 60.0)
    schedule.begun(work, 60.0)
    schedule.failed(work, 61.0)
    assert schedule.is_idle
    assert schedule.due(100.0) == []
    assert schedule.begun(work, 1000.0) is False
