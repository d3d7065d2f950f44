"""Failure 47: the owner's own chasing resets the silence clock; their silence is measured on their messages alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from keepwarm.rules.facts.silence import their_silence_days
from keepwarm.storage.histories import By
from keepwarm.storage.observations import Answer
from tests.unit.history_samples import Story, engine, judged, on, only

if TYPE_CHECKING:
    from collections.abc import Callable

LAST = 175


def chase_by_mail(story: Story, day: int) -> None:
    story.you_write(day)


def chase_by_invitation(story: Story, day: int) -> None:
    story.meet(day + 3, planned=day, theirs=Answer.NONE)


def chase_by_moving(story: Story, day: int) -> None:
    story.meet(day + 9, planned=day - 1, theirs=Answer.NONE).moved(day, by=By.OWNER, to=day + 12)


def quiet() -> Story:
    return Story().talk(range(0, LAST + 1, 5))


@pytest.mark.parametrize("chase", [chase_by_mail, chase_by_invitation, chase_by_moving])
def test_their_silence_is_as_long_and_as_soon_told_as_without_the_owners_chasing(
    chase: Callable[[Story, int], None],
) -> None:
    story = quiet()
    for day in range(LAST + 3, 260, 6):
        chase(story, day)
    moment, _ = engine().moment(story.history(), on(260))
    assert their_silence_days(moment) == pytest.approx(260 - LAST)
    finding = only(judged(story, 260), "gone_quiet")
    assert finding.opened <= on(LAST + 50, 12)  # the seventh week at the latest
    assert finding.cleared is None
    assert "since 1 July 2024" in finding.sentence


def test_what_the_owner_writes_does_not_end_it_and_what_they_write_or_a_meeting_does() -> None:
    for ends, day in (("mail", 240), ("meeting", 240), ("", None)):
        story = quiet()
        story.you_write(235)
        if ends == "mail":
            story.they_write(240)
        elif ends == "meeting":
            story.meet(240, planned=239)
        cleared = only(judged(story, 250), "gone_quiet").cleared
        assert (cleared is not None) is (day is not None)


def test_chasing_leads_nobody_out_of_the_cold() -> None:
    story = quiet()
    for day in range(LAST + 3, 400, 6):
        story.you_write(day)
    after = [change for change in judged(story, 400).ledger if change.at > on(LAST + 60)]
    assert {change.band for change in after} <= {"cool", "cold"}
    assert after[-1].after < after[0].after - 20
