"""The built-in rules about what shrinks, is handed down, is begun by one side, or comes through somebody."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from keepwarm.storage.histories import By, HandoverFact, IntroductionFact
from tests.unit.history_samples import CATALOGUE, STREAM, Story, findings, judged, on, only

if TYPE_CHECKING:
    from collections.abc import Iterable

MINUTE = timedelta(minutes=1)
SHRINKING = ("shrinking", "shrinking_rarer", "shrinking_replies", "shrinking_to_group", "shrinking_meetings_to_group")


def fired(story: Story, rule: str, day: int) -> bool:
    return bool(findings(judged(story, day), rule))


def meetings(story: Story, days: Iterable[int], minutes: int = 60, *, by: By = By.THEM, people: int = 2) -> Story:
    """Let each of these meetings be called a day before, and held."""
    for day in days:
        story.meet(day, planned=day - 1, by=by, people=people, length=minutes * MINUTE)
    return story


# shrinking: shorter, rarer


def test_shrinking_tells_meetings_of_theirs_that_became_shorter() -> None:
    story = meetings(meetings(Story().talk([0]), range(10, 150, 14)), range(150, 206, 14), 30)
    finding = only(judged(story, 200), "shrinking")
    assert "lately 30 minutes at most, before that about 60 minutes; 3 of the last" in finding.sentence
    assert {source.ref for source in finding.evidence} == {f"meeting-{number:03}-0" for number in range(9, 13)}


def test_shrinking_leaves_a_long_first_meeting_what_the_owner_planned_and_a_few_short_ones_alone() -> None:
    kick_off = meetings(meetings(Story().talk([0]), [10], 90), range(17, 150, 7), 30)
    owners = meetings(meetings(Story().talk([0]), range(10, 150, 14)), range(150, 210, 14), 30, by=By.OWNER)
    a_few = meetings(meetings(Story().talk([0]), range(10, 150, 14)), [150, 164], 30)
    too_new = meetings(meetings(Story().talk([0]), [10, 24]), range(38, 140, 14), 30)
    replanned = Story().talk([0])
    meetings(replanned, range(10, 150, 14))
    for day in range(150, 206, 14):
        replanned.meet(day, planned=day - 7, by=By.THEM).resized(day - 2, by=By.OWNER, length=30 * MINUTE)
    for story in (kick_off, owners, a_few, too_new, replanned):
        assert not fired(story, "shrinking", 210)


def test_shrinking_rarer_tells_ever_wider_gaps_and_when_they_close_again() -> None:
    story = meetings(meetings(Story().talk([0]), range(10, 80, 7)), [100, 128, 156, 184])
    finding = only(judged(story, 186), "shrinking_rarer")
    assert "lately 27 days apart or more, before that about 7 days" in finding.sentence
    meetings(story, range(191, 220, 7))
    assert only(judged(story, 220), "shrinking_rarer").cleared is not None


def test_shrinking_rarer_leaves_an_end_a_season_a_holiday_and_the_owners_doing_alone() -> None:
    ended = meetings(Story().talk([0]), range(10, 150, 7))
    seasonal = Story().talk([0])
    for year in range(3):
        meetings(seasonal, range(365 * year + 10, 365 * year + 80, 7))
    holiday = meetings(meetings(Story().talk([0]), range(10, 80, 7)), [108, 143, 178, 213])
    for start in (80, 109, 144, 179):
        holiday.away(By.THEM, start, 27)
    owners = meetings(meetings(Story().talk([0]), range(10, 80, 7)), [100, 128, 156, 184])
    for day in (110, 120, 170, 176, 182):
        owners.meet(day, planned=day - 5).cancelled(day - 2, by=By.OWNER)
    for story, day in ((ended, 400), (seasonal, 900), (holiday, 215), (owners, 186)):
        assert not fired(story, "shrinking_rarer", day)


def turns(story: Story, days: Iterable[int], minutes: int = 60) -> Story:
    """Let the two take turns at calling meetings."""
    for number, day in enumerate(days):
        meetings(story, [day], minutes, by=By.OWNER if number % 2 else By.THEM)
    return story


def test_shrinking_is_told_where_both_call_the_meetings_and_both_call_them_shorter_and_rarer() -> None:
    story = turns(turns(Story().talk([0]), range(10, 180, 14)), range(195, 320, 30), 25)
    assert "2 of the last four they called so short" in only(judged(story, 320), "shrinking").sentence
    assert "they call meetings 52% as often as before" in only(judged(story, 320), "shrinking_rarer").sentence


def test_shrinking_is_not_theirs_where_the_owner_calls_shorter_ones_or_has_stopped_calling() -> None:
    shorter, stopped = turns(Story().talk([0]), range(10, 180, 14)), turns(Story().talk([0]), range(10, 180, 14))
    for number, day in enumerate(range(195, 310, 14)):
        meetings(shorter, [day], 25 if number % 2 else 60, by=By.OWNER if number % 2 else By.THEM)
    meetings(stopped, range(192, 340, 28))
    assert not fired(shorter, "shrinking", 320)
    assert not fired(stopped, "shrinking_rarer", 340)


# shrinking_replies


def replies(
    story: Story, days: Iterable[int], size: int | list[int], *, asked: int = 4_000, smallest: int = 3_000, **more: Any
) -> Story:
    """Let the owner ask, and Ana answer, with a mail of so many bytes; in between she sends a line of her own."""
    for number, day in enumerate(days):
        sizes = size if isinstance(size, list) else [size]
        story.they_write(day, 12, answers=story.you_write(day, 11, size=asked), size=sizes[number % len(sizes)], **more)
        story.they_write(day, 16, size=smallest)
    return story


LONG = [9_000, 5_000, 14_000, 8_000, 11_000, 7_000]


def test_shrinking_replies_tells_eight_short_answers_after_long_ones() -> None:
    story = replies(replies(Story(), range(0, 140, 7), LONG), range(140, 196, 7), 4_500)
    finding = only(judged(story, 197), "shrinking_replies")
    assert finding.strength == "weak"
    assert "about 4.5 kB, those before about 9.0 kB" in finding.sentence
    assert len(finding.evidence) == 8


def test_shrinking_replies_leaves_mails_alone_that_became_smaller_for_another_reason() -> None:
    past = range(0, 140, 7)
    cases = {
        "another signature": replies(replies(Story(), past, LONG), range(140, 196, 7), 4_500, smallest=1_000),
        "the owner writes less": replies(replies(Story(), past, LONG), range(140, 196, 7), 4_500, asked=1_500),
        "always": replies(Story(), range(0, 196, 7), 4_500),
        "a mixture": replies(replies(Story(), past, LONG), range(140, 196, 7), [4_500, 9_000, 4_500]),
        "too few": replies(replies(Story(), past, LONG), range(140, 168, 7), 4_500),
        "little past": replies(replies(Story(), range(77, 140, 7), LONG), range(140, 196, 7), 4_500),
    }
    assert [name for name, story in cases.items() if fired(story, "shrinking_replies", 200)] == []


def test_warming_fuller_tells_the_other_way_round_but_no_new_signature() -> None:
    short = [4_500, 5_000, 4_800, 5_500]
    fuller = replies(replies(Story(), range(0, 140, 7), short), range(140, 196, 7), 11_000)
    signature = replies(replies(Story(), range(0, 140, 7), short), range(140, 196, 7), 11_000, smallest=9_000)
    assert only(judged(fuller, 197), "warming_fuller").rule.family == "warming"
    assert not fired(signature, "warming_fuller", 197)


# a group in place of one to one


def test_shrinking_to_group_tells_mails_that_used_to_be_to_the_owner_alone() -> None:
    story = Story().talk(range(0, 140, 10))
    groups = [story.they_write(day, recipients=3) for day in range(140, 210, 10)]
    finding = only(judged(story, 205), "shrinking_to_group")
    assert {source.ref for source in finding.evidence} <= {one.ref for one in groups}
    story.talk(range(211, 260, 10))
    assert only(judged(story, 260), "shrinking_to_group").cleared is not None


def test_shrinking_to_group_leaves_a_group_thread_of_the_owners_and_who_always_copied_alone() -> None:
    owners, always, others = Story().talk(range(0, 140, 10)), Story(), Story().talk(range(0, 140, 10))
    for day in range(140, 240, 10):
        owners.they_write(day, 12, answers=owners.you_write(day, recipients=4), recipients=4)
        others.they_write(day, 12, parent=10_000 + day, recipients=4)  # in a thread that somebody else began
    for day in range(0, 240, 10):
        always.they_write(day, recipients=2)
    assert not any(fired(story, "shrinking_to_group", 240) for story in (owners, always, others))


def test_shrinking_meetings_to_group_tells_only_those_that_they_called() -> None:
    theirs = meetings(meetings(Story().talk([0]), range(10, 150, 14)), range(150, 206, 14), people=5)
    owners = meetings(meetings(Story().talk([0]), range(10, 150, 14)), range(150, 206, 14), people=5, by=By.OWNER)
    always = meetings(Story().talk([0]), range(10, 206, 14), people=5)
    assert fired(theirs, "shrinking_meetings_to_group", 200)
    assert not fired(owners, "shrinking_meetings_to_group", 210)
    assert not fired(always, "shrinking_meetings_to_group", 210)


# handed_down


def hand_over(story: Story, days: Iterable[float], colleague: str = "bob@acme.example") -> Story:
    for day in days:
        story.others.append(
            HandoverFact(
                ref=f"m_colleague-{day}",
                at=on(0, 13.0) + timedelta(days=day),
                colleague=colleague,
                contact_copied=True,
                subject="Re: Offer",
                stream=STREAM,
            )
        )
    return story


def test_handed_down_tells_colleagues_who_write_in_their_place() -> None:
    story = hand_over(Story().talk(range(0, 140, 7)), [140, 150, 162, 170])
    finding = only(judged(story, 171), "handed_down")
    assert finding.opened == on(162, 14.0)
    assert "since 27 May 2024 colleagues wrote three times in their place, bob@acme.example most of all" in (
        finding.sentence
    )
    assert {source.ref for source in finding.evidence} == {"m_colleague-140", "m_colleague-150", "m_colleague-162"}
    story.they_write(175)
    assert only(judged(story, 176), "handed_down").cleared is None  # one word takes nothing back
    story.they_write(180)
    assert only(judged(story, 181), "handed_down").cleared == on(180)


def test_handed_down_leaves_an_assistant_a_cover_one_answer_and_who_never_wrote_alone() -> None:
    assistant = hand_over(Story().talk(range(0, 240, 7)), range(20, 240, 5))
    cover = Story().talk(range(0, 140, 7))
    cover.away(By.THEM, 136, 60, known=135)
    hand_over(cover, range(137, 190, 8))
    one = hand_over(Story().talk(range(0, 140, 7)), [150])
    stranger = hand_over(Story().talk([0, 3]), range(10, 90, 10))
    burst = hand_over(Story().talk(range(0, 140, 7)), [140, 140.1, 140.2, 141])
    cases = {"assistant": assistant, "cover": cover, "one": one, "stranger": stranger, "burst": burst}
    assert [name for name, story in cases.items() if fired(story, "handed_down", 240)] == []


def test_handed_down_leaves_one_of_a_group_whose_colleagues_always_wrote_alone() -> None:
    group = hand_over(Story().talk(range(0, 120, 6)), range(2, 170, 4))
    assert not fired(group, "handed_down", 171)


def test_handed_down_leaves_who_still_meets_the_owner_alone() -> None:
    story = hand_over(Story().talk(range(0, 140, 7)), range(141, 200, 10))
    meetings(story, range(147, 200, 7), by=By.OWNER)
    assert not fired(story, "handed_down", 201)


# referral


def introduce(story: Story, day: int, name: str = "Eve", *, met: int | None = None) -> Story:
    story.others.append(
        IntroductionFact(
            ref=f"m_intro-{name}",
            at=on(day + 2 if met is None else met),
            written_at=on(day),
            met_by=f"m_met-{name}",
            other=f"c_{name}",
            other_name=name,
            subject="You two should talk",
            stream=STREAM,
        )
    )
    return story


def test_referral_thanks_for_whom_they_brought_once_the_two_know_each_other_and_warms() -> None:
    story = introduce(Story().talk(range(0, 100, 10)), 100, met=104)
    assert not fired(story, "referral", 103)
    outcome = judged(story, 105)
    finding = only(outcome, "referral")
    assert "Ana introduced Eve to you, on 17 April 2024." in finding.sentence
    assert {source.ref for source in finding.evidence} == {"m_intro-Eve", "m_met-Eve"}
    [step] = [change for change in outcome.ledger if change.cause == "referral"]
    assert step.after - step.before == pytest.approx(3.0, abs=0.11)


def test_referral_tells_the_second_one_too_and_says_nothing_twice() -> None:
    story = introduce(introduce(Story().talk(range(0, 100, 10)), 100), 120, "Dan")
    assert [one.strength for one in findings(judged(story, 400), "referral")] == ["medium", "strong"]


# one_sided_begins


def owner_begins(story: Story, *, but: int = -1) -> Story:
    """Let the owner begin from now on, but on one day; she answers all the same."""
    for day in range(125, 230, 7):
        if day == but:
            story.talk([day])
            continue
        story.they_write(day, 15, answers=story.you_write(day))
    return story


def test_one_sided_begins_tells_that_nothing_begins_with_them_any_more() -> None:
    finding = only(judged(owner_begins(Story().talk(range(0, 120, 7))), 230), "one_sided_begins")
    assert "of what you and Ana began or proposed within 90 days came from you, before that 0%" in finding.sentence


def test_one_sided_begins_leaves_twelve_of_thirteen_to_chance() -> None:
    some_are_theirs = Story().talk(range(0, 120, 14))
    for day in range(7, 120, 14):
        some_are_theirs.they_write(day, 15, answers=some_are_theirs.you_write(day))
    assert not fired(owner_begins(some_are_theirs, but=181), "one_sided_begins", 230)


def test_one_sided_begins_leaves_a_mother_who_never_begins_and_who_proposes_meetings_alone() -> None:
    mother, proposes = Story(), owner_begins(Story().talk(range(0, 120, 7)))
    for day in range(0, 230, 7):
        mother.you_write(day)
    meetings(proposes, range(130, 230, 20))
    assert not fired(mother, "one_sided_begins", 230)
    assert not fired(proposes, "one_sided_begins", 230)


# put_off, further away each time


def test_put_off_tells_one_meeting_that_is_put_further_off_the_second_time() -> None:
    story = Story().talk(range(0, 100, 10))
    story.meet(105, planned=90).moved(100, by=By.THEM, to=108).moved(107, by=By.THEM, to=120)
    finding = only(judged(story, 108), "put_off")
    assert "twice within 60 days, later by 15 days in all" in finding.sentence


def test_put_off_leaves_two_equal_moves_a_nearer_second_one_and_two_meetings_alone() -> None:
    cases = {name: Story().talk(range(0, 100, 10)) for name in ("equal", "nearer", "two", "little", "the owner")}
    cases["equal"].meet(105, planned=90).moved(100, by=By.THEM, to=112).moved(110, by=By.THEM, to=119)
    cases["nearer"].meet(105, planned=90).moved(100, by=By.THEM, to=119).moved(110, by=By.THEM, to=122)
    cases["two"].meet(105, planned=90).moved(100, by=By.THEM, to=109)
    cases["two"].meet(106, planned=90).moved(101, by=By.THEM, to=116)
    cases["little"].meet(105, planned=90).moved(100, by=By.THEM, to=106).moved(105, by=By.THEM, to=109)
    cases["the owner"].meet(105, planned=90).moved(100, by=By.OWNER, to=108).moved(107, by=By.OWNER, to=130)
    assert [name for name, story in cases.items() if fired(story, "put_off", 123)] == []


# warming_faster


def test_warming_faster_tells_answers_that_come_sooner_and_leaves_one_quick_week_alone() -> None:
    slow, quick = Story(), range(140, 210, 14)
    for story in (slow, once := Story()):
        for day in range(0, 140, 14):
            story.they_write(day + 2, answers=story.you_write(day, 10.0))
    for day in quick:
        slow.they_write(day, 12.0, answers=slow.you_write(day, 10.0))
    for day in list(quick)[:2]:
        once.they_write(day, 12.0, answers=once.you_write(day, 10.0))
    assert "answers faster: lately within 2 working hours" in only(judged(slow, 210), "warming_faster").sentence
    assert not fired(once, "warming_faster", 210)


# rekindled


def test_rekindled_is_told_where_they_meet_again_too() -> None:
    story = meetings(Story().talk(range(0, 180, 5)), [260])
    finding = only(judged(story, 261), "rekindled")
    assert [source.ref for source in finding.evidence] == ["meeting-000-0"]


# all of them


@pytest.mark.parametrize("rule", ["handed_down", "one_sided_begins", "warming_faster", "warming_fuller", *SHRINKING])
def test_what_adds_nothing_to_the_prediction_moves_no_warmth(rule: str) -> None:
    assert [one.warmth for one in CATALOGUE if one.id == rule] == [0.0]


@pytest.mark.parametrize("every", [7, 14, 30])
def test_a_healthy_client_whatever_their_rhythm_sets_none_of_them_off(every: int) -> None:
    story = Story()
    for day in range(0, 720, every):
        story.talk([day])
        story.they_write(day + 1, 15, answers=story.you_write(day + 1, 12))
        story.meet(day + 3, planned=day, by=By.THEM if day % 2 else By.OWNER)
    told = {finding.rule.id for finding in judged(story, 720).findings}
    assert told & {"handed_down", "one_sided_begins", "referral", *SHRINKING} == set()


def test_gone_quiet_says_nothing_of_somebody_who_wrote_once() -> None:
    story = Story()
    story.they_write(0)
    for day in range(1, 8):
        story.you_write(day)
    assert not findings(judged(story, 90), "gone_quiet")
