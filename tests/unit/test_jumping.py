"""Rules sleep and time is jumped over; what is said is what it would be if every look was looked at by all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from keepwarm.rules.engine import Engine
from keepwarm.rules.play import DAILY, WEEKLY, Play
from keepwarm.rules.timeline import Looks
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
    assert jumped == stepped
