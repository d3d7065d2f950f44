"""Auto-replies: until when their author is away, as far as it was known at each step."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from keepwarm.storage.auto_replies import AutoReply, absences_of
from keepwarm.storage.histories import By

DAY = timedelta(days=1)
START = datetime(2025, 7, 1, 9, tzinfo=UTC)
Told = list[tuple[str, float, float, float]]


def told(*replies: tuple[float, float | None, float | None]) -> Told:
    """Give (ref, known, start, end) in days, from (sent, back as it says, next written by hand) in days."""
    found = absences_of(
        (
            AutoReply(
                f"m_{number}",
                START + at * DAY,
                None if until is None else START + until * DAY,
                None if wrote is None else START + wrote * DAY,
            )
            for number, (at, until, wrote) in enumerate(replies)
        ),
        By.THEM,
    )
    return [(one.ref, *((moment - START) / DAY for moment in (one.at, one.start, one.end))) for one in found]


def test_who_answers_automatically_is_away_for_fourteen_days_if_nothing_else_is_known() -> None:
    assert told((0, None, None)) == [("m_0", 0, 0, 14)]


def test_they_are_back_when_they_write_by_hand_and_until_then_it_was_not_known() -> None:
    assert told((0, None, 5)) == [("m_0", 0, 0, 14), ("m_0", 5, 0, 5)]
    assert told((0, None, 20)) == [("m_0", 0, 0, 14)]


def test_each_further_one_says_that_they_still_are() -> None:
    assert told((0, None, 15), (10, None, 15)) == [("m_0", 0, 0, 14), ("m_0", 10, 0, 24), ("m_0", 15, 0, 15)]


def test_a_day_that_it_names_is_believed() -> None:
    assert told((0, 30, None)) == [("m_0", 0, 0, 30)]
    assert told((0, 3, None)) == [("m_0", 0, 0, 3)]
    assert told((0, 30, None), (10, 20, None)) == [("m_0", 0, 0, 30), ("m_0", 10, 0, 20)]
    assert told((0, -3, None)) == [("m_0", 0, 0, 14)]


def test_who_leaves_again_after_writing_is_away_anew() -> None:
    away = told((0, None, 2), (3, None, 4))
    assert away == [("m_0", 0, 0, 14), ("m_0", 2, 0, 2), ("m_1", 3, 3, 17), ("m_1", 4, 3, 4)]


def test_hundreds_of_answers_a_day_are_one_absence() -> None:
    assert told(*((number / 300, None, None) for number in range(300))) == [("m_0", 0, 0, 14)]


def test_a_machine_that_is_never_switched_off_does_not_freeze_a_pair_for_ever() -> None:
    months = told(*((day, None, None) for day in range(0, 400, 7)))
    assert months[-1][-1] == 42
    named = told(*((day, day + 30, None) for day in range(0, 400, 7)))
    assert named[-1][-1] == 120
    by_hand = told(*((day, None, day + 3) for day in range(0, 400, 7)))
    assert by_hand[-1][-1] <= 42


def test_after_a_pause_it_is_another_row() -> None:
    assert told(*((day, None, None) for day in (0, 10, 20, 30, 40, 60)))[-1] == ("m_5", 60, 60, 74)


def test_two_in_the_same_second_end_together() -> None:
    assert told((0, None, 2), (0, None, 2))[-1] == ("m_0", 2, 0, 2)
