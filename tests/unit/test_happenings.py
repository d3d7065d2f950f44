"""What the feed tells of meetings: each happening once, in the contract's words."""

from __future__ import annotations

from keepwarm.rules.happenings import Happening, happenings
from keepwarm.rules.timeline import events
from keepwarm.storage.histories import By
from tests.unit.history_samples import Story, on


def told(story: Story) -> list[tuple[str, str]]:
    return [(one.change, one.by) for one in happenings(events(story.history()))]


def test_a_meeting_is_told_from_its_making_to_its_end() -> None:
    story = Story()
    story.meet(20, by=By.THEM).moved(18, by=By.THEM, to=21).accepted(19, by=By.OWNER)
    assert told(story) == [("created", "them"), ("rescheduled", "them"), ("accepted", "owner"), ("held", "unknown")]


def test_a_meeting_to_which_somebody_did_not_come_is_told_so_and_not_as_held() -> None:
    story = Story()
    meeting = story.meet(20).missed(by=By.THEM)
    last = happenings(events(story.history()))[-1]
    assert last == Happening(
        ref=meeting.revisions[-1].ref, at=on(20, 15), change="no_show", by="them", notice_hours=None
    )
    assert len(told(story)) == 2


def test_a_third_who_did_not_come_is_not_told() -> None:
    story = Story()
    story.meet(20, people=3).missed(by=By.OTHER)
    assert told(story) == [("created", "owner"), ("held", "unknown")]


def test_a_move_back_is_told_as_a_move_and_a_meeting_put_on_again_as_made() -> None:
    story = Story()
    story.meet(20).moved(15, by=By.THEM, to=25).moved_back(16, by=By.THEM)
    assert told(story)[1:3] == [("rescheduled", "them"), ("rescheduled", "them")]
    again = Story()
    again.meet(20).cancelled(15, by=By.THEM).put_on_again(16, by=By.OWNER)
    assert told(again)[1:3] == [("cancelled", "them"), ("created", "owner")]


def test_a_series_is_made_and_cancelled_once_with_the_notice_of_its_next_occurrence() -> None:
    story = Story()
    entry, *occurrences = story.meet_often(range(0, 70, 7), planned=-7, by=By.THEM)
    for one in occurrences[1:]:
        one.superseded(6, by=By.THEM, hour=14.0)
    entry.cancelled(6, by=By.THEM, hour=14.0)
    found = [one for one in happenings(events(story.history())) if one.change != "held"]
    assert [(one.change, one.notice_hours) for one in found] == [("created", 174.0), ("cancelled", 24.0)]


def test_a_series_that_carries_on_another_one_is_not_told_as_made_but_as_moved_if_it_was() -> None:
    for hour, expected in ((14.0, ["created"]), (15.0, ["created", "rescheduled"])):
        story = Story()
        _, *occurrences = story.meet_often(range(0, 70, 7), planned=-7, by=By.THEM)
        for one in occurrences[5:]:
            one.superseded(33, by=By.THEM, hour=8.0)
        story.meet_often(range(35, 70, 7), hour, planned=33, by=By.THEM, uid="weekly_R20240212T130000")
        assert [change for change, _ in told(story) if change != "held"] == expected
