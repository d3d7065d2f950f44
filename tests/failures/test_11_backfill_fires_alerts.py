"""Failure 11: a backfill fires alerts about what happened long ago. What was there before the connection is history."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from keepwarm.storage.histories import By
from tests.unit.history_samples import Story, engine, judged, on, only

if TYPE_CHECKING:
    from datetime import datetime


def silent_story(live_from: datetime) -> Story:
    """Tell of somebody who wrote every five days until day 175; ``gone_quiet`` opens on day 225."""
    return Story(live_from=live_from).talk(range(0, 180, 5))


@pytest.mark.parametrize(("connected", "historical"), [(100, False), (224, False), (226, True), (400, True)])
def test_what_opened_before_the_first_complete_read_is_historical(connected: int, historical: bool) -> None:
    finding = only(judged(silent_story(on(connected)), 500), "gone_quiet")
    assert finding.historical is historical


def test_a_stream_that_was_never_read_to_its_end_has_no_news() -> None:
    history = silent_story(on(0)).history()
    assert isinstance(history.live_since, dict)
    history.live_since.clear()
    assert all(finding.historical for finding in engine().judge(history, on(500)).findings)


def test_old_evidence_makes_no_finding_historical_that_opened_later() -> None:
    story = silent_story(on(200))
    finding = only(judged(story, 300), "gone_quiet")
    assert max(source.at for source in finding.evidence) < on(200) < finding.opened
    assert not finding.historical


def test_being_historical_changes_nothing_else() -> None:
    live, backfilled = (judged(silent_story(on(day)), 500) for day in (0, 400))
    assert live.ledger == backfilled.ledger
    assert [(one.id, one.opened, one.sentence) for one in live.findings] == [
        (one.id, one.opened, one.sentence) for one in backfilled.findings
    ]


def test_news_after_the_backfill_is_news() -> None:
    story = silent_story(on(300))
    story.meet(320, planned=310).cancelled(320, by=By.THEM)
    outcome = judged(story, 321)
    assert only(outcome, "gone_quiet").historical
    assert not only(outcome, "cancelled").historical
