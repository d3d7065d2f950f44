"""Rules sleep, time is jumped over, histories are left unread: what is said is what stepping through all would say."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from keepwarm.rules.engine import Engine
from keepwarm.rules.play import Play
from keepwarm.rules.timeline import Looks
from keepwarm.rules.waiting import DAILY, WEEKLY
from keepwarm.rules.warmth import Bands
from tests.unit.history_samples import CATALOGUE, WORKING, Story, engine, last_day, on, stories, without_state

if TYPE_CHECKING:
    from datetime import datetime

    from keepwarm.rules.timeline import Event


class Stepping(Play):
    """Goes from look to look, and asks every rule at each, and at each event."""

    def wait_until(self, end: datetime) -> None:
        """Look at every look."""
        for look in Looks(WORKING.zone).between(self.last_event, self.last_event, end):
            self.findings.wake()
            monday = look.astimezone(WORKING.zone).weekday() == 0
            self.look(look, WEEKLY if monday else DAILY)

    def happen(self, event: Event) -> None:
        """Let nobody sleep."""
        self.findings.wake()
        super().happen(event)


@settings(max_examples=60, deadline=None)
@given(stories(), st.integers(0, 900))
def test_jumping_says_what_stepping_says(story: Story, later: int) -> None:
    history, now = story.history(), on(last_day(story) + later)
    jumped, stepped = engine().judge(history, now), Engine(CATALOGUE, WORKING, Bands(), Stepping).judge(history, now)
    assert without_state(jumped) == without_state(stepped)
    assert replace(jumped, waiting=None) == replace(stepped, waiting=None)


@settings(max_examples=60, deadline=None)
@given(stories(), st.integers(0, 200), st.lists(st.integers(1, 40), min_size=1, max_size=5))
def test_waiting_without_the_history_says_what_judging_says(story: Story, later: int, steps: list[int]) -> None:
    history, day = story.history(), last_day(story) + later
    judge = engine()
    outcome = judge.judge(history, on(day))
    ledger, waiting = outcome.ledger, outcome.waiting
    for step in steps:
        assert waiting is not None
        waited = judge.wait(json.loads(json.dumps(waiting)), on(day), on(day + step))
        if waited is None:
            break
        day += step
        whole = judge.judge(history, on(day))
        ledger, waiting = (*ledger, *waited.ledger), waited.waiting
        assert whole.ledger == ledger
        assert without_state(whole) == without_state(outcome)
        assert (whole.next_look, whole.ping_interval_days) == (waited.next_look, outcome.ping_interval_days)


def test_somebody_who_is_seldom_heard_waits_for_months_without_being_read() -> None:
    story = Story().talk(range(0, 400, 30))
    story.meet(520, planned=385)
    history, judge = story.history(), engine()
    outcome = judge.judge(history, on(500))
    assert outcome.waiting is not None
    waited = judge.wait(outcome.waiting, on(500), on(515))
    assert waited is not None
    assert len(waited.ledger) >= 2
    assert judge.wait(outcome.waiting, on(500), on(520, 23.0)) is None, "a meeting has ended by then"
