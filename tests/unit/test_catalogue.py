"""The built-in rules: for each the case that must fire, the near miss that must not, and somebody innocent."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from keepwarm.rules.rule import Strength
from keepwarm.rules.working_time import WorkingTime
from keepwarm.storage.histories import By
from keepwarm.storage.identity import meeting_id
from keepwarm.storage.observations import Answer, MessageKind
from tests.unit.history_samples import BERLIN, CATALOGUE, Story, engine, findings, judged, on, only

if TYPE_CHECKING:
    from collections.abc import Iterable

    from keepwarm.rules.finding import Finding
    from keepwarm.storage.histories import MessageFact


def fired(story: Story, rule: str, day: int) -> bool:
    return bool(findings(judged(story, day), rule))


def refs(messages: Iterable[MessageFact]) -> set[str]:
    return {message.ref for message in messages}


def cited(finding: Finding) -> set[str]:
    return {source.ref for source in finding.evidence}


def replies(story: Story, days: Iterable[int], *, after_days: int, hour: float = 10.0) -> Story:
    """Let Ana answer a question of the owner's so many days later each time."""
    for day in days:
        story.they_write(day + after_days, hour + 1, answers=story.you_write(day, hour))
    return story


def test_the_rules_are_there_and_only_judgements_of_theirs_move_warmth() -> None:
    points = {rule.id: rule.warmth for rule in CATALOGUE}
    assert {rule for rule, warmth in points.items() if warmth} == {
        *("put_off", "cancelled", "stood_up", "referral"),
        *("kept_promise", "good_meeting", "bad_meeting"),
    }
    assert points.keys() >= {"gone_quiet", "slow_fade", "one_sided", "warming", "rekindled"}
    assert points.keys() >= {"you_owe_reply", "you_went_quiet", "you_moved_it"}
    assert points.keys() >= {"unanswered_invitation", "ask_no_show"}


# gone_quiet


def test_gone_quiet_tells_a_silence_after_a_rhythm() -> None:
    story = Story().talk(range(0, 180, 5))
    finding = only(judged(story, 240), "gone_quiet")
    assert finding.opened <= on(175 + 50)
    assert refs(story.messages[-2:-1]) <= cited(finding) <= refs(story.messages)
    assert "since 1 July 2024" in finding.sentence
    assert judged(story, 240).ledger[-1].band in ("cool", "cold")


@pytest.mark.parametrize("every", [7, 14, 30, 61])
def test_gone_quiet_leaves_a_healthy_client_of_any_rhythm_alone(every: int) -> None:
    assert not fired(Story().talk(range(0, 720, every)), "gone_quiet", 720 - 720 % every + every)


def test_you_went_quiet_knows_no_long_silence_of_whom_one_has_known_for_a_month() -> None:
    assert not fired(Story().talk(range(0, 36, 4)), "you_went_quiet", 35 + 21)


def test_gone_quiet_is_not_put_off_by_the_owners_chasing() -> None:
    quiet, chased = Story().talk(range(0, 180, 5)), Story().talk(range(0, 180, 5))
    for day in range(178, 240, 4):
        chased.you_write(day)
    found = only(judged(chased, 240), "gone_quiet")
    assert only(judged(quiet, 240), "gone_quiet").opened <= found.opened <= on(175 + 50)


def test_gone_quiet_does_not_judge_a_stranger() -> None:
    assert not fired(Story().talk([0, 3]), "gone_quiet", 200)


def test_gone_quiet_is_over_when_they_write_and_says_no_more_about_it() -> None:
    story = Story().talk(range(0, 180, 5))
    story.they_write(260)
    finding = only(judged(story, 262), "gone_quiet")
    assert finding.cleared == on(260)


def test_gone_quiet_is_over_when_they_meet() -> None:
    story = Story().talk(range(0, 180, 5))
    story.meet(260, planned=250)
    assert only(judged(story, 262), "gone_quiet").cleared == on(260, 15.0)


# slow_fade


def test_slow_fade_tells_replies_that_take_ever_longer() -> None:
    story = replies(Story(), range(0, 84, 7), after_days=0)
    replies(story, range(98, 140, 7), after_days=4)
    finding = only(judged(story, 150), "slow_fade")
    slow = {message.ref for message in story.messages if not message.outbound and message.at > on(98)}
    assert cited(finding) & slow
    assert finding.facts["their_reply_hours_before"] == 1.0


def test_slow_fade_does_not_tell_one_slow_week_or_what_is_slow_for_everybody_else() -> None:
    once = replies(Story(), range(0, 126, 7), after_days=0)
    replies(once, [126], after_days=14)
    always = replies(Story(), range(0, 210, 14), after_days=5)
    assert not fired(once, "slow_fade", 150)
    assert not fired(always, "slow_fade", 230)


def test_slow_fade_does_not_count_holidays() -> None:
    story = replies(Story(), range(0, 84, 7), after_days=0)
    replies(story, range(94, 129, 7), after_days=3, hour=16.0)  # asked on Thursday, answered on Sunday
    fridays = frozenset(date.fromordinal(date(2024, 1, 12).toordinal() + 7 * week) for week in range(40))
    off = WorkingTime(zone=BERLIN, holidays=fridays)
    assert fired(story, "slow_fade", 140)
    assert not findings(engine(working=off).judge(story.history(), on(140)), "slow_fade")


# one_sided


def test_one_sided_tells_messages_in_a_row_without_an_answer() -> None:
    story = replies(Story(), [0, 3], after_days=0)
    asked = [story.you_write(day) for day in (10, 14, 18)]
    finding = only(judged(story, 30), "one_sided")
    assert refs(asked) <= cited(finding)
    assert "three times" in finding.sentence


def test_one_sided_does_not_count_the_answer_to_their_last_message() -> None:
    story = replies(Story(), [0, 3], after_days=0)
    question = story.they_write(9)
    story.you_write(10, answers=question)
    for day in (14, 21):
        story.you_write(day)
    assert not fired(story, "one_sided", 30)
    story.you_write(28)
    assert "three times" in only(judged(story, 35), "one_sided").sentence


def test_one_sided_leaves_three_lines_of_one_week_and_a_group_mail_alone() -> None:
    hasty, group, circle, copied = (replies(Story(), [0, 3], after_days=0) for _ in range(4))
    for day in (10, 12, 14):
        hasty.you_write(day)
    for day in (10, 14, 18):
        group.you_write(day, recipients=12)
        circle.you_write(day, recipients=4)  # of whom any may have answered
        copied.you_write(day, direct=False)
    assert not any(fired(story, "one_sided", 40) for story in (hasty, group, circle, copied))


def test_one_sided_leaves_a_mother_who_never_answers_alone() -> None:
    mother = Story()
    for day in range(0, 200, 8):
        mother.you_write(day)
    assert not findings(judged(mother, 210), "one_sided")


def test_one_sided_speaks_of_their_words_alone_as_a_colleague_may_have_answered() -> None:
    story = replies(Story(), [0, 3], after_days=0)
    for day in (10, 14, 18):
        story.you_write(day)
    assert only(judged(story, 30), "one_sided").sentence.endswith("have heard nothing from them.")


def test_one_sided_waits_for_two_working_days_after_the_last_message() -> None:
    story = replies(Story(), [0, 3], after_days=0)
    for day in (10, 14, 18):  # the last one is a Friday
        story.you_write(day, 17.0)
    assert not fired(story, "one_sided", 21)
    assert fired(story, "one_sided", 23)


# put_off


def test_put_off_tells_three_moves_without_a_meeting() -> None:
    story = Story().talk(range(0, 100, 10))
    meeting = story.meet(105, planned=90)
    for day, to in ((100, 112), (110, 119), (117, 130)):
        meeting.moved(day, by=By.THEM, to=to)
    finding = only(judged(story, 118), "put_off")
    assert finding.opened == on(117, 9.0)
    assert cited(finding) == {"meeting-000-1", "meeting-000-2", "meeting-000-3"}
    assert "three times" in finding.sentence


def test_put_off_leaves_two_moves_and_a_meeting_that_took_place_alone() -> None:
    twice, met = Story().talk([0]), Story().talk([0])
    two, kept = twice.meet(105, planned=90), met.meet(105, planned=90)
    for day, to in ((100, 112), (110, 119)):
        two.moved(day, by=By.THEM, to=to)
        kept.moved(day, by=By.THEM, to=to)
    met.meet(125, planned=118).moved(121, by=By.THEM, to=128)
    assert not fired(twice, "put_off", 118)
    assert not fired(met, "put_off", 130)


def test_put_off_is_not_their_doing_where_the_owner_or_nobody_known_moved() -> None:
    for by in (By.OWNER, By.OTHER, By.UNKNOWN):
        story = Story()
        for day in range(10, 66, 7):
            story.meet(day, planned=0).moved(day - 1, by=by, to=day + 1)
        assert not fired(story, "put_off", 70)


# cancelled


def test_cancelled_tells_a_late_cancellation_at_once_and_the_second_early_one() -> None:
    late, early = Story(), Story()
    late.meet(20).cancelled(20, by=By.THEM)
    for day in (20, 30):
        early.meet(day, planned=10).cancelled(day - 3, by=By.THEM)
    assert only(judged(late, 20), "cancelled").strength == "medium"
    assert only(judged(early, 27), "cancelled").strength == "weak"
    assert cited(only(judged(early, 27), "cancelled")) == {"meeting-000-1", "meeting-001-1"}


def test_cancelled_leaves_a_lone_cancellation_with_two_days_notice_alone() -> None:
    story = Story()
    story.meet(20).cancelled(18, by=By.THEM)
    assert not fired(story, "cancelled", 30)


def test_cancelled_counts_declining_and_then_cancelling_once_and_nothing_afterwards() -> None:
    story = Story()
    story.meet(20).declined(17, by=By.THEM).cancelled(18, by=By.THEM)
    story.meet(22, theirs=Answer.NONE).cancelled(23, by=By.THEM)
    assert not fired(story, "cancelled", 30)


def test_cancelled_forgets_a_refusal_that_was_taken_back_and_what_one_of_a_crowd_does() -> None:
    taken_back, crowd = Story().talk([0, 2]), Story().talk([0, 2])
    taken_back.meet(20).declined(20, by=By.THEM, hour=9.0).accepted(20, by=By.THEM, hour=10.0)
    assert only(judged(taken_back, 30), "cancelled").cleared == on(20, 10.0)
    crowd.meet(20, people=15).declined(20, by=By.THEM)
    assert not fired(crowd, "cancelled", 30)


def test_cancelled_is_not_their_doing_where_the_owner_cancelled() -> None:
    story = Story()
    for day in (20, 21, 22):
        story.meet(day).cancelled(day, by=By.OWNER)
    assert not fired(story, "cancelled", 30)


# warming


def test_warming_tells_who_writes_more_than_ever_and_begins_it() -> None:
    story = Story().talk(range(0, 180, 20)).talk(range(185, 205, 3))
    finding = only(judged(story, 206), "warming")
    assert cited(finding) <= refs(message for message in story.messages if not message.outbound)


def test_warming_leaves_a_steady_client_and_mere_answers_alone() -> None:
    steady = Story().talk(range(0, 220, 5))
    answering = replies(Story(), range(0, 180, 20), after_days=0)
    replies(answering, [183, 185, 186, 190, 192, 193, 197, 199], after_days=0)  # no weekends: they cost no time
    assert not fired(steady, "warming", 220)
    assert not fired(answering, "warming", 206)


def test_warming_leaves_a_fuller_month_of_a_fortnightly_client_alone() -> None:
    # Six days instead of two: chance does that now and then, if one looks every day for two years.
    chance = Story().talk(range(0, 182, 14)).talk([180, 185, 189, 194, 198, 203])
    warms = Story().talk(range(0, 182, 14)).talk(range(184, 205, 3))
    assert not fired(chance, "warming", 206)
    assert fired(warms, "warming", 206)


# rekindled


def test_rekindled_tells_a_word_after_a_silence_that_was_a_signal() -> None:
    story = Story().talk(range(0, 180, 5))
    back = story.they_write(260)
    finding = only(judged(story, 261), "rekindled")
    assert cited(finding) == {back.ref}
    assert "since 1 July 2024" in finding.sentence


def test_rekindled_leaves_a_quarterly_client_alone() -> None:
    assert not fired(Story().talk(range(0, 900, 90)), "rekindled", 900)


# you_owe_reply


def test_you_owe_reply_tells_a_question_that_waits_and_ends_with_the_answer() -> None:
    story = Story()
    asked = story.they_write(0)
    finding = only(judged(story, 7), "you_owe_reply")
    assert cited(finding) == {asked.ref}
    assert "8 January 2024" in finding.sentence
    story.you_write(8, answers=asked)
    assert only(judged(story, 9), "you_owe_reply").cleared == on(8, 11.0)


def test_you_owe_reply_leaves_a_weekend_a_copy_a_group_and_a_thanks_alone() -> None:
    weekend, copy, group, thanks, robot = (Story() for _ in range(5))
    weekend.they_write(4, 17.0)
    copy.they_write(0, direct=False)
    group.they_write(0, recipients=12)
    for day in range(0, 60, 5):
        thanks.they_write(day + 1, answers=thanks.you_write(day))
    robot.they_write(0, kind=MessageKind.OUT_OF_OFFICE)
    assert not fired(weekend, "you_owe_reply", 7)
    assert not any(fired(story, "you_owe_reply", 90) for story in (copy, group, thanks, robot))


def test_you_owe_reply_does_not_count_the_owners_holidays() -> None:
    story = Story()
    story.they_write(4, 17.0)
    christmas = frozenset(date(2024, 1, day) for day in range(13, 31))
    off = WorkingTime(zone=BERLIN, holidays=christmas)
    assert not findings(engine(working=off).judge(story.history(), on(22)), "you_owe_reply")
    assert fired(story, "you_owe_reply", 22)


# you_went_quiet


def test_you_went_quiet_tells_that_the_usual_interval_has_passed() -> None:
    story = replies(Story(), range(0, 140, 7), after_days=0)
    finding = only(judged(story, 160), "you_went_quiet")
    assert on(133 + 14) < finding.opened < on(133 + 17)
    assert story.messages[-2].ref in cited(finding)
    story.you_write(161)
    assert only(judged(story, 162), "you_went_quiet").cleared == on(161, 11.0)


def test_you_went_quiet_asks_nobody_to_ping_whom_they_know_from_a_group() -> None:
    story, alone = Story(), Story()
    for day in range(0, 140, 7):
        story.you_write(day, 11.0, answers=story.they_write(day, recipients=4), recipients=4)
        alone.you_write(day, 11.0, answers=alone.they_write(day, recipients=2), recipients=2)
    assert not fired(story, "you_went_quiet", 170)
    assert fired(alone, "you_went_quiet", 170)


def test_you_went_quiet_follows_the_interval_that_the_owner_set() -> None:
    story = Story(interval=60)
    replies(story, range(0, 140, 7), after_days=0)
    assert not fired(story, "you_went_quiet", 133 + 60)
    assert fired(story, "you_went_quiet", 133 + 64)  # looked at on Mondays by then


def test_you_went_quiet_is_not_the_owners_doing_while_they_wait_for_an_answer() -> None:
    story = replies(Story(), range(0, 140, 7), after_days=0)
    for day in (137, 141):
        story.you_write(day)
    assert not fired(story, "you_went_quiet", 200)


# you_moved_it


def test_you_moved_it_tells_two_moves_or_cancellations_of_the_owners() -> None:
    story = Story()
    story.meet(20).moved(19, by=By.OWNER, to=23)
    story.meet(30).cancelled(29, by=By.OWNER)
    finding = only(judged(story, 30), "you_moved_it")
    assert cited(finding) == {"meeting-000-1", "meeting-001-1"}
    assert "twice" in finding.sentence


def test_you_moved_it_leaves_one_move_and_theirs_alone() -> None:
    story = Story()
    story.meet(20).moved(19, by=By.OWNER, to=23)
    story.meet(30).moved(29, by=By.THEM, to=33)
    assert not fired(story, "you_moved_it", 40)


# all of them


@pytest.mark.parametrize("rule", CATALOGUE, ids=lambda rule: rule.id)
def test_every_rule_gives_advice_and_a_strength_that_can_be_shown(rule: object) -> None:
    found = next(one for one in CATALOGUE if one is rule)
    assert found.advice
    assert found.strength.value({}) is None or found.strength.value({}) in tuple(Strength)


def test_a_healthy_monthly_client_with_a_standing_meeting_sets_off_nothing() -> None:
    story = Story()
    for day in range(0, 720, 30):
        replies(story, [day], after_days=1)
        story.meet(day + 15, planned=day)
    assert [finding for finding in judged(story, 720).findings if finding.opened > on(90)] == []


# put_off and cancelled, where it is nobody's fault


def test_put_off_does_not_count_what_was_taken_back_or_moved_because_of_an_absence() -> None:
    back, away = Story().talk([0]), Story().talk([0])
    for day in (100, 110, 120):
        back.meet(day + 5, planned=90).moved(day, by=By.THEM, to=day + 9).moved_back(day, by=By.THEM, hour=9.5)
        away.meet(day + 5, planned=90).moved(day, by=By.THEM, to=day + 9).out_of_office()
    assert not fired(back, "put_off", 121)
    assert not fired(away, "put_off", 121)


def test_cancelled_does_not_count_a_refusal_from_out_of_office_nor_a_series_as_fifty() -> None:
    away, series = Story().talk([0]), Story().talk([0])
    away.meet(20).declined(20, by=By.THEM).out_of_office()
    entry, *occurrences = series.meet_often(range(20, 90, 7), planned=10, by=By.THEM)
    for one in occurrences[2:]:
        one.superseded(29, by=By.THEM)
    entry.cancelled(29, by=By.THEM)
    assert not fired(away, "cancelled", 30)
    assert not fired(series, "cancelled", 40)


# stood_up


def test_stood_up_tells_a_meeting_to_which_they_did_not_come() -> None:
    story = Story().talk(range(0, 100, 10))
    story.meet(105).missed(by=By.THEM)
    finding = only(judged(story, 106), "stood_up")
    assert finding.opened == on(105, 15.0)
    assert finding.strength == "medium"
    assert cited(finding) == {"meeting-000-1"}
    assert "of 22 April 2024 (once within 180 days)" in finding.sentence
    story.meet(115).missed(by=By.THEM)
    assert only(judged(story, 116), "stood_up").facts["no_shows_by_them_180d"] == 1  # still the same finding


def test_stood_up_leaves_the_owners_absence_a_thirds_and_a_crowds_alone() -> None:
    story = Story().talk([0])
    story.meet(105).missed(by=By.OWNER)
    story.meet(106, people=3).missed(by=By.OTHER)
    story.meet(107, people=15).missed(by=By.THEM)
    assert not fired(story, "stood_up", 110)


def test_stood_up_is_never_told_from_silence() -> None:
    story = Story().talk([0])
    story.meet(20)
    story.meet(22, theirs=Answer.NONE)
    story.meet(24, theirs=Answer.TENTATIVE)
    assert not fired(story, "stood_up", 90)


def test_stood_up_takes_no_more_warmth_than_a_meeting_cancelled_late() -> None:
    points = {rule.id: rule.warmth for rule in CATALOGUE}
    assert points["cancelled"] <= points["stood_up"] < 0


# unanswered_invitation


def _who_answers() -> Story:
    """Somebody who has answered two invitations."""
    story = Story().talk([0])
    for day in (10, 20):
        story.meet(day, theirs=Answer.NONE).accepted(day - 5, by=By.THEM)
    return story


def test_unanswered_invitation_tells_one_that_passed_without_a_word() -> None:
    story = _who_answers()
    story.meet(40, theirs=Answer.NONE)
    assert not fired(story, "unanswered_invitation", 40)
    finding = only(judged(story, 42), "unanswered_invitation")
    assert finding.strength == "weak"
    assert "17 February 2024" in finding.sentence
    assert cited(finding) == {"meeting-002-0"}
    story.they_write(44)
    assert only(judged(story, 45), "unanswered_invitation").cleared == on(44)


def test_unanswered_invitation_tells_one_that_had_been_sent_long_before() -> None:
    story = _who_answers()
    story.meet(90, planned=25, theirs=Answer.NONE)
    assert fired(story, "unanswered_invitation", 93)


def test_unanswered_invitation_leaves_those_alone_who_answered_in_another_way_or_never_press_a_button() -> None:
    cases = {name: _who_answers() for name in ("wrote", "proposed", "cancelled", "declined", "late", "crowd", "free")}
    cases["wrote"].meet(40, theirs=Answer.NONE)
    cases["wrote"].they_write(38)
    cases["proposed"].meet(40, theirs=Answer.NONE).proposed(38, by=By.THEM, to=50)
    cases["cancelled"].meet(40, theirs=Answer.NONE).cancelled(39, by=By.OWNER)
    cases["declined"].meet(40, theirs=Answer.NONE).declined(39, by=By.OWNER)
    cases["late"].meet(40, theirs=Answer.NONE).accepted(41, by=By.THEM)
    cases["crowd"].meet(40, theirs=Answer.NONE, people=12)
    cases["free"].meet(40, theirs=Answer.NONE, free=True)
    cases["never presses"] = Story().talk([0])
    cases["never presses"].meet(40, theirs=Answer.NONE)
    cases["theirs"] = _who_answers()
    cases["theirs"].meet(40, theirs=Answer.NONE, by=By.OTHER)
    assert [name for name, story in cases.items() if fired(story, "unanswered_invitation", 43)] == []


def test_unanswered_invitation_counts_a_series_once() -> None:
    story = _who_answers()
    story.meet_often(range(40, 75, 7), planned=33, theirs=Answer.NONE)
    assert only(judged(story, 80), "unanswered_invitation").facts["left_unanswered_60d"] == 1


# ask_no_show


def test_ask_no_show_asks_after_an_apology_and_tells_nothing_of_its_own() -> None:
    story = Story().talk([0])
    meeting = story.meet(20)
    sorry = story.they_write(20, 15.5, apology=True)
    finding = only(judged(story, 21), "ask_no_show")
    assert finding.rule.family == "care"
    assert finding.rule.warmth == 0
    assert sorry.ref in cited(finding)
    assert "28 January 2024" in finding.sentence
    assert meeting_id(meeting.ref, "") in finding.sentence
    assert not fired(story, "stood_up", 30)
    assert only(judged(story, 37), "ask_no_show").cleared is not None


def test_ask_no_show_is_settled_by_the_owners_word() -> None:
    for by in (By.THEM, By.OWNER):
        story = Story().talk([0])
        story.meet(20).missed(by=by)
        story.they_write(20, 15.5, apology=True)
        assert not fired(story, "ask_no_show", 21)


def test_ask_no_show_leaves_other_apologies_alone() -> None:
    cases = {name: Story().talk([0]) for name in ("no meeting", "cancelled", "before", "days later", "yours", "crowd")}
    cases["cancelled"].meet(20).cancelled(19, by=By.THEM)
    for name in ("before", "days later", "yours"):
        cases[name].meet(20)
    cases["crowd"].meet(20, people=12)
    for name in ("no meeting", "cancelled", "crowd"):
        cases[name].they_write(20, 15.5, apology=True)
    cases["before"].they_write(20, 9.0, apology=True)
    cases["days later"].they_write(23, 9.0, apology=True)
    cases["yours"].you_write(20, 15.5, apology=True)
    assert [name for name, story in cases.items() if fired(story, "ask_no_show", 24)] == []
