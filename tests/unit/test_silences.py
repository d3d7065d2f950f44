"""A silence that came: sixty counted days without a word from somebody with a rhythm, known afterwards."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings

from keepwarm.rules.silences import SILENCE_DAYS, heard
from keepwarm.storage.histories import By
from tests.unit.history_samples import WORKING, Story, engine, last_day, on, stories

if TYPE_CHECKING:
    from keepwarm.rules.silences import Heard


def looked_back(story: Story, day: int) -> Heard:
    return heard(story.history(), WORKING, on(day))


def test_a_silence_begins_with_the_last_word_and_comes_on_its_sixtieth_day() -> None:
    (silence,) = looked_back(Story().talk(range(0, 100, 5)), 200).silences
    assert (silence.began, silence.came, silence.ended) == (on(95), on(95) + timedelta(days=60), None)


def test_it_has_not_come_before_its_sixtieth_day() -> None:
    story = Story().talk(range(0, 100, 5))
    assert looked_back(story, 154).silences == ()
    assert len(looked_back(story, 156).silences) == 1


def test_it_ends_when_they_write_or_meet_whatever_the_owner_does() -> None:
    written, met = Story().talk(range(0, 100, 5)), Story().talk(range(0, 100, 5))
    for story in (written, met):
        story.you_write(120)
    written.they_write(170)
    met.meet(171, planned=168)
    assert [silence.ended for silence in looked_back(written, 200).silences] == [on(170)]
    assert [silence.ended for silence in looked_back(met, 200).silences] == [on(171, 15.0)]


def test_a_pause_of_somebody_without_a_rhythm_is_none() -> None:
    assert looked_back(Story().talk(range(0, 400, 50)), 600).silences == ()
    assert not looked_back(Story().talk([0, 5]), 600).had_rhythm


def test_days_away_are_no_silence_even_if_they_became_known_late() -> None:
    story = Story().talk(range(0, 100, 5))
    story.away(By.THEM, 100, 30, known=150)
    assert looked_back(story, 184).silences == ()
    (silence,) = looked_back(story, 186).silences
    assert silence.came == pytest.approx(on(185), abs=timedelta(minutes=2))


def test_the_pace_is_that_of_their_last_word() -> None:
    record = looked_back(Story().talk(range(0, 100, 5)), 200)
    pace = record.pace_at(on(150))
    assert pace is not None
    assert 9 < pace < 15
    assert record.pace_at(on(-1)) is None
    assert record.days_between(on(45), on(60)) == 3


@settings(max_examples=40, deadline=None)
@given(stories())
def test_silences_are_apart_and_hold_no_word_of_theirs(story: Story) -> None:
    until = last_day(story) + 100
    record = looked_back(story, until)
    moment, _ = engine().moment(story.history(), on(until))
    assert list(record.times) == moment.heard_days.items
    for silence in record.silences:
        assert silence.began + timedelta(days=SILENCE_DAYS) <= silence.came <= (silence.ended or on(until))
        assert record.days_between(silence.began, silence.ended or on(until)) == (silence.ended is not None)
