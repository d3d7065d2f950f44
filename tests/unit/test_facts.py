"""Facts: what they count, over which time, and that none of them fails on too little."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keepwarm.rules.facts import FACTS, Value
from keepwarm.storage.histories import By
from tests.unit.history_samples import Story, engine, last_day, on, stories

ENGINE = engine()


def facts(story: Story, day: int, hour: float = 12.0) -> dict[str, Value | None]:
    moment, _ = ENGINE.moment(story.history(), on(day, hour))
    return {name: fact.compute(moment) for name, fact in FACTS.items()}


@settings(max_examples=40, deadline=None)
@given(stories(), st.integers(-10, 200))
def test_every_fact_is_of_its_type_or_absent_and_cites_what_has_happened(story: Story, later: int) -> None:
    history, now = story.history(), on(last_day(story) + later)
    moment, _ = ENGINE.moment(history, now)
    happened = {message.ref for message in history.messages if message.at <= now}
    happened |= {other.ref for other in history.others if other.at <= now}
    happened |= {revision.ref for one in history.meetings for revision in one.revisions if revision.at <= now}
    for fact in FACTS.values():
        value = fact.compute(moment)
        assert value is None or type(value) is fact.type, fact.name
        assert {source.ref for source in fact.cite(moment)} <= happened, fact.name
        assert fact.meaning.endswith((".", "?")), fact.name


def test_nothing_can_be_said_before_anything_happened() -> None:
    known = {name: value for name, value in facts(Story(), 0).items() if value}
    assert known == {"your_usual_reply_hours": 16.0}


def test_moves_are_told_apart_by_who_made_them_and_forgotten_after_sixty_days() -> None:
    story = Story()
    story.meet(20).moved(18, by=By.THEM, to=24).moved(22, by=By.OWNER, to=31).moved(30, by=By.THEM, to=34)
    now = facts(story, 31)
    assert (now["moved_by_them_60d"], now["moved_by_you_60d"]) == (2, 1)
    assert now["moved_away_days_60d"] == 7.0
    assert facts(story, 79)["moved_by_them_60d"] == 1
    assert facts(story, 91)["moved_by_them_60d"] == 0


def test_a_meeting_that_was_moved_and_then_took_place_was_held_after_the_move() -> None:
    story = Story()
    story.meet(20).moved(18, by=By.THEM, to=24)
    story.meet(22)
    assert (facts(story, 23)["held_after_move_60d"], facts(story, 23)["held_60d"]) == (0, 1)
    assert (facts(story, 25)["held_after_move_60d"], facts(story, 25)["held_60d"]) == (1, 2)


@pytest.mark.parametrize(("hour", "late"), [(13.9, 0), (14.1, 1)])
def test_a_cancellation_is_late_from_a_day_before(hour: float, late: int) -> None:
    story = Story()
    story.meet(20).cancelled(19, by=By.THEM, hour=hour)
    now = facts(story, 19, 20.0)
    assert (now["cancelled_by_them_60d"], now["late_cancelled_by_them_60d"]) == (1, late)


def test_the_notice_of_a_cancellation_is_that_of_the_meeting_as_it_was_moved() -> None:
    story = Story()
    story.meet(20).moved(10, by=By.OWNER, to=40).cancelled(20, by=By.THEM)
    assert facts(story, 21)["late_cancelled_by_them_60d"] == 0


def test_beginnings_are_told_from_answers() -> None:
    story = Story()
    mine = story.you_write(80)
    story.they_write(81, answers=mine)
    story.they_write(82)
    story.you_write(83, parent=999)
    story.meet(95, planned=84, by=By.THEM)
    now = facts(story, 85)
    assert (now["begun_by_them_30d"], now["begun_90d"], now["begun_by_you_share_90d"]) == (2, 2, 0.5)


def test_what_is_usual_is_told_only_after_ninety_days_and_without_the_last_thirty() -> None:
    story = Story().talk(range(0, 120, 10))
    assert facts(story, 89)["heard_days_usual"] is None
    usual = facts(story, 119)["heard_days_usual"]
    assert isinstance(usual, float)
    assert usual == pytest.approx(3.0, abs=0.15)


def test_reply_times_are_medians_of_five_and_of_what_was_before() -> None:
    story = Story()
    for day, hours in zip(range(0, 13 * 7, 7), [1] * 8 + [2, 8, 3, 3, 7], strict=True):
        story.they_write(day, 9.5 + hours, answers=story.you_write(day, 9.5))
    now = facts(story, 90)
    assert (now["their_reply_hours"], now["their_reply_hours_before"]) == (3.0, 1.0)
    assert now["their_slow_replies"] == 5
    assert facts(story, 0)["their_reply_hours"] is None
    assert facts(story, 56 + 91)["their_reply_hours"] is None  # the first of the five is older than 90 days


def test_the_owners_usual_time_is_what_nine_in_ten_answers_took_and_two_days_at_least() -> None:
    quick, slow = Story().talk(range(0, 70, 7)), Story()
    for day in range(0, 70, 7):
        slow.you_write(day + 4, 10.0, answers=slow.they_write(day, 10.0))
    assert facts(quick, 80)["your_usual_reply_hours"] == 16.0
    assert facts(slow, 80)["your_usual_reply_hours"] == 36.0


def test_the_ping_interval_is_learnt_from_the_pair_or_set_by_the_owner() -> None:
    assert facts(Story().talk(range(0, 42, 7)), 43)["ping_interval_days"] is None
    assert facts(Story().talk(range(0, 400, 20)), 401)["ping_interval_days"] == 30
    assert facts(Story().talk(range(0, 400, 1)), 401)["ping_interval_days"] == 14
    assert facts(Story().talk(range(0, 1500, 150)), 1400)["ping_interval_days"] is None
    assert facts(Story(interval=45), 10)["ping_interval_days"] == 45


def test_waiting_is_measured_in_the_owners_working_time() -> None:
    story = Story()
    story.they_write(4, 17.0)
    story.you_write(11, 17.0, direct=False)
    now = facts(story, 7, 10.0)
    assert (now["owed_hours"], now["owed_since"]) == (2.0, "2024-01-12")
