"""Whom a meeting's mails are believed from, and what shows who is behind a change."""

from __future__ import annotations

import pytest

from keepwarm.storage.observations import Answer, MeetingStatus, Method
from keepwarm.storage.revisions import Change, Remark, Sighting
from tests.unit.test_revisions import ANA, BOB, DAY, DAY0, ME, MINE, changes, copy, counter, life, remark, reply, seen

EVE, AGENT = "eve@evil.example", "pa@acme.example"
ALL_THREE = {ANA: Answer.ACCEPTED, ME: Answer.NONE, BOB: Answer.NONE}


@pytest.mark.parametrize("said", [reply(0, BOB, Answer.ACCEPTED, organizer=ME), counter(0, BOB, DAY, organizer=ME)])
def test_what_a_stranger_says_of_an_unknown_meeting_makes_none(said: Sighting) -> None:
    assert changes(said) == []


def test_an_answer_to_an_unknown_meeting_counts_once_the_owners_own_word_is_known() -> None:
    invited = {**MINE, "said": {ME: Answer.ACCEPTED, BOB: Answer.NONE}}
    for own_word in (seen(1, **invited), copy(1, **invited)):
        story = life(reply(0, BOB, Answer.DECLINED, organizer=ME), own_word)
        assert [(one.change, one.actor) for one in story] == [(Change.CREATED, ME), (Change.DECLINED, BOB)]


def test_who_is_not_invited_answers_in_vain_until_they_are() -> None:
    answer = reply(1, BOB, Answer.ACCEPTED)
    assert changes(seen(0), answer) == [Change.CREATED]
    assert changes(seen(0), answer, seen(2, said=ALL_THREE)) == [Change.CREATED, Change.ACCEPTED]


def test_a_delegate_is_believed_by_the_delegators_own_word_only() -> None:
    cy = "cy@acme.example"
    answer, invited = reply(2, cy, Answer.ACCEPTED), seen(0, said=ALL_THREE)
    named = {"said": {BOB: Answer.DELEGATED, cy: Answer.NONE}}
    assert changes(invited, answer) == [Change.CREATED]
    assert changes(invited, reply(1, EVE, Answer.DELEGATED, **named), answer) == [Change.CREATED]
    last = life(invited, reply(1, BOB, Answer.DELEGATED, **named), answer)[-1]
    assert (last.change, last.actor) == (Change.ACCEPTED, cy)


def test_another_organiser_of_a_known_meeting_is_believed_of_a_calendar_only() -> None:
    bobs = {"by": BOB, "organizer": BOB, "seq": 1}
    assert changes(seen(0), seen(1, moved=DAY, **bobs)) == [Change.CREATED]
    moved = life(seen(0), copy(1, organizer=BOB), seen(2, moved=DAY, **bobs))[-1]
    assert (moved.change, moved.actor) == (Change.RESCHEDULED, BOB)


def test_an_answer_names_no_organiser_of_a_known_meeting() -> None:
    assert life(seen(0), reply(1, ME, Answer.TENTATIVE, organizer=BOB))[-1].organizer == ANA


@pytest.mark.parametrize(
    "appointing",
    [seen(0, agent=AGENT), seen(0, by=AGENT, agent=AGENT), copy(0, agent=AGENT)],
    ids=["the organiser's mail", "the first invitation", "a calendar"],
)
@pytest.mark.parametrize(
    ("update", "change", "did"),
    [
        (seen(1, by=AGENT, agent=AGENT, seq=1, moved=DAY), Change.RESCHEDULED, "sent the update"),
        (seen(1, Method.CANCEL, by=AGENT, seq=1, status=MeetingStatus.CANCELLED), Change.CANCELLED, "cancelled it"),
    ],
)
def test_the_organisers_agent_is_believed(appointing: Sighting, update: Sighting, change: Change, did: str) -> None:
    last = life(appointing, update)[-1]
    assert (last.change, last.actor, last.why) == (change, ANA, f"the organiser's assistant {did}")


def test_a_mail_does_not_appoint_its_own_sender() -> None:
    forged = seen(1, by=EVE, agent=EVE, seq=1, moved=DAY)
    assert changes(seen(0), forged) == [Change.CREATED]
    assert changes(seen(0, agent=AGENT), forged, forged) == [Change.CREATED]
    assert changes(seen(0, by=EVE, agent=EVE, organizer=ME)) == []  # the owner would have agreed


def test_what_shows_who_is_behind_a_change_is_named() -> None:
    for prompt in (counter(1, ME, DAY), reply(1, ME, Answer.DECLINED), reply(1, ME, Answer.TENTATIVE)):
        assert life(seen(0), prompt, seen(1.1, seq=1, moved=DAY))[-1].prompt == prompt.ref
    wrote = Remark(DAY0 + DAY, ANA, "m_1")
    assert life(seen(0, **MINE), seen(2, seq=1, moved=DAY, **MINE), remarks=(wrote,))[-1].prompt == "m_1"
    assert life(seen(0), seen(2, seq=1, moved=DAY))[-1].prompt == ""


def test_a_move_because_an_attendee_is_away_says_so() -> None:
    refused, moved = life(seen(0), reply(1, ME, Answer.DECLINED, away=True), seen(1.25, seq=1, moved=DAY))[1:]
    assert (refused.change, refused.away) == (Change.DECLINED, True)
    assert refused.why == f"{ME} declined by mail, being out of the office"
    assert (moved.actor, moved.away, moved.why) == (ME, True, f"{ME} declined 6 h before, being out of the office")


def test_any_other_answer_explains_a_move_better_than_being_away() -> None:
    away = reply(1.2, ME, Answer.DECLINED, away=True)
    moved = life(seen(0, said=ALL_THREE), counter(1, BOB, DAY), away, seen(1.25, seq=1, moved=DAY, said=ALL_THREE))[-1]
    assert (moved.actor, moved.away) == (BOB, False)


def test_a_mail_of_another_in_the_thread_explains_it_less_than_being_away() -> None:
    invited = {**MINE, "said": {ME: Answer.ACCEPTED, ANA: Answer.NONE, BOB: Answer.NONE}}
    away = reply(1, ANA, Answer.DECLINED, away=True, organizer=ME)
    moved = life(seen(0, **invited), away, seen(1.5, seq=1, moved=DAY, **invited), remarks=(remark(1.2, BOB),))[-1]
    assert (moved.actor, moved.away) == (ANA, True)


def test_a_first_invitation_is_believed_of_the_organiser_or_the_agent_it_names_only() -> None:
    assert changes(seen(0, by=EVE)) == []
    assert changes(seen(0, by=EVE, agent=AGENT)) == []


def test_a_mail_of_the_organisers_hands_a_known_meeting_to_nobody() -> None:
    story = [seen(0), seen(1, organizer=BOB), seen(2, by=BOB, organizer=BOB, seq=1, moved=DAY)]
    assert changes(*story) == [Change.CREATED]
