"""The practice is true to its script, whatever day it ends on, and the script knows nothing of the rules."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from tests.practice import write_practice
from tests.practice.hours import ZONE, is_christmas
from tests.practice.people import CAST
from tests.practice.practice import play
from tests.practice.robots import ROBOTS
from tests.practice.scripts import RULES, SCRIPTS, UNSEEN

if TYPE_CHECKING:
    from tests.practice import Practice
    from tests.practice.letters import Letter
    from tests.practice.meetings import Meeting
    from tests.practice.stage import Stage

END = date(2026, 11, 20)
# A Friday, the first working day after the Christmas break, a day in it, the Tuesday after Easter, a Sunday.
ENDS = (END, date(2027, 1, 4), date(2026, 12, 29), date(2027, 3, 30), date(2026, 8, 16))


@pytest.fixture(scope="module")
def practice(tmp_path_factory: pytest.TempPathFactory) -> Practice:
    return write_practice(tmp_path_factory.mktemp("practice"), seed=1, end=END)


@pytest.fixture(scope="module", params=ENDS, ids=str)
def stage(request: pytest.FixtureRequest) -> Stage:
    return play(seed=7, end=request.param)


def _letters(stage: Stage, address: str, *, outgoing: bool) -> list[Letter]:
    """Give what somebody wrote to the owner, or the owner to them, by hand."""
    addresses = next(who.addresses for who in CAST if who.address == address)
    people = (letter for letter in stage.letters if not letter.method and not letter.extra)
    if outgoing:
        return [letter for letter in people if letter.outgoing and letter.to[0].address in addresses]
    return [letter for letter in people if letter.author.address in addresses]


def _playing(script: str) -> list[str]:
    return [who.address for who in CAST if who.script == script]


def _invitations(stage: Stage, address: str, method: str, days: int = 60) -> list[Letter]:
    """Give the invitation mails between the owner and somebody in the last days."""
    since = stage.now - timedelta(days=days)
    return [
        letter
        for letter in stage.letters
        if letter.method == method and letter.at >= since and address in {letter.author.address, letter.to[0].address}
    ]


def _moves(stage: Stage, address: str) -> list[Letter]:
    return [letter for letter in _invitations(stage, address, "REQUEST") if "SEQUENCE:0" not in letter.calendar]


def _meetings(stage: Stage, address: str) -> list[Meeting]:
    return [meeting for meeting in stage.meetings if any(who.address == address for who in meeting.attendees)]


def test_no_rule_is_both_expected_and_wrong(practice: Practice) -> None:
    for rule in RULES:
        assert len(practice.expected[rule]) >= 2 or rule in UNSEEN
        assert len(practice.innocent[rule]) >= 20
        assert practice.expected[rule].isdisjoint(practice.innocent[rule])


def test_a_robot_is_nobody(practice: Practice) -> None:
    assert len(practice.robots) == len(ROBOTS) == 10
    assert practice.robots.isdisjoint(address for part in practice.cast for address in part.addresses)


def test_every_script_is_played() -> None:
    assert {who.script for who in CAST} == set(SCRIPTS)


def test_nothing_is_written_outside_of_the_play(stage: Stage) -> None:
    assert all(stage.start <= letter.at < stage.now for letter in stage.letters)
    assert all(meeting.modified < stage.now for meeting in stage.meetings)


def test_nobody_works_at_christmas(stage: Stage) -> None:
    by_hand = [letter for letter in stage.letters if letter.references and not letter.extra]
    family = {"helga.carter1951@web.de"}
    days = {
        letter.at.astimezone(ZONE).date()
        for letter in by_hand
        if not family & {letter.author.address, letter.to[0].address}
    }
    assert not [day for day in days if is_christmas(day)]


@pytest.mark.parametrize("address", _playing("goes_quiet"))
def test_who_goes_quiet_is_chased_and_silent(stage: Stage, address: str) -> None:
    heard = [letter.at for letter in _letters(stage, address, outgoing=False)]
    chased = [letter for letter in _letters(stage, address, outgoing=True) if letter.at > max(heard)]
    assert stage.now - max(heard) > timedelta(days=63)
    assert len(chased) >= 4
    assert len(heard) >= 40


@pytest.mark.parametrize("address", _playing("fades"))
def test_who_fades_takes_days_instead_of_hours(stage: Stage, address: str) -> None:
    sent = {letter.message_id: letter.at for letter in _letters(stage, address, outgoing=True)}
    waits = [
        (letter.at, letter.at - sent[letter.references[-1]])
        for letter in _letters(stage, address, outgoing=False)
        if letter.references and letter.references[-1] in sent
    ]
    early = sorted(wait for at, wait in waits if stage.now - at > timedelta(days=180))
    late = sorted(wait for at, wait in waits if stage.now - at < timedelta(days=50))
    assert len(late) >= 5
    assert late[len(late) // 2] > 5 * early[len(early) // 2]


@pytest.mark.parametrize("address", _playing("leaves_it_to_the_owner"))
def test_one_sided_is_five_messages_without_an_answer(stage: Stage, address: str) -> None:
    last = max(letter.at for letter in _letters(stage, address, outgoing=False))
    unanswered = [letter for letter in _letters(stage, address, outgoing=True) if letter.at > last]
    assert len(unanswered) >= 5


@pytest.mark.parametrize("address", _playing("counters_three_times") + _playing("moves_three_times"))
def test_a_meeting_that_is_put_off_moves_three_times_and_is_not_held(stage: Stage, address: str) -> None:
    held = [
        meeting
        for meeting in _meetings(stage, address)
        if meeting.status == "CONFIRMED" and stage.now - timedelta(days=60) < meeting.start < stage.now
    ]
    moved = [meeting for meeting in _meetings(stage, address) if meeting.sequence >= 3]
    assert not held
    assert len(moved) == 1
    assert moved[0].start > stage.now
    assert len(_moves(stage, address)) == 3


@pytest.mark.parametrize("address", _playing("counters_three_times"))
def test_who_counters_asks_before_the_owner_moves(stage: Stage, address: str) -> None:
    asked = _invitations(stage, address, "COUNTER") + [
        letter for letter in _invitations(stage, address, "REPLY") if "PARTSTAT=TENTATIVE" in letter.calendar
    ]
    moves = _moves(stage, address)
    assert len(asked) == len(moves) == 3
    for ask, move in zip(sorted(asked, key=lambda letter: letter.at), moves, strict=True):
        assert timedelta() < move.at - ask.at < timedelta(hours=6)


@pytest.mark.parametrize("address", _playing("cancels_late") + _playing("declines_late"))
def test_who_cancels_does_it_twice_within_a_day_of_the_meeting(stage: Stage, address: str) -> None:
    cancelled = [meeting for meeting in _meetings(stage, address) if meeting.status == "CANCELLED"]
    assert len(cancelled) == 2
    assert all(timedelta() < meeting.start - meeting.modified < timedelta(hours=24) for meeting in cancelled)


@pytest.mark.parametrize("address", _playing("comes_back"))
def test_who_comes_back_was_away_for_eighty_days(stage: Stage, address: str) -> None:
    heard = sorted(letter.at for letter in _letters(stage, address, outgoing=False))
    gaps = [later - earlier for earlier, later in pairwise(heard)]
    assert max(gaps[-3:]) > timedelta(days=75)
    assert stage.now - heard[-1] < timedelta(days=17)


@pytest.mark.parametrize("address", _playing("waits_for_the_owner"))
def test_who_waits_wrote_last_and_six_working_days_ago(stage: Stage, address: str) -> None:
    last = _letters(stage, address, outgoing=False)[-1]
    assert last.at > _letters(stage, address, outgoing=True)[-1].at
    sixth = stage.working_time(owner=True).days_before(stage.end, 6)
    assert last.at.astimezone(ZONE).date() < sixth


@pytest.mark.parametrize("address", _playing("was_forgotten"))
def test_who_was_forgotten_wrote_last_three_months_ago(stage: Stage, address: str) -> None:
    last = _letters(stage, address, outgoing=False)[-1]
    assert last.at > _letters(stage, address, outgoing=True)[-1].at
    assert stage.now - last.at > timedelta(days=90)


@pytest.mark.parametrize("address", _playing("is_put_off_by_the_owner"))
def test_what_the_owner_moves_and_cancels_nobody_asked_for(stage: Stage, address: str) -> None:
    moves, cancels = _moves(stage, address), _invitations(stage, address, "CANCEL")
    assert (len(moves), len(cancels)) == (1, 1)
    assert all(letter.outgoing for letter in moves + cancels)
    asked = _invitations(stage, address, "COUNTER") + _invitations(stage, address, "REPLY")
    for ours in moves + cancels:
        prompting = [
            letter
            for letter in asked
            if timedelta() < ours.at - letter.at < timedelta(hours=72) and "=ACCEPTED" not in letter.calendar
        ]
        assert not prompting


def test_a_meeting_is_arranged_before_it_takes_place_and_changed_before_it_too(stage: Stage) -> None:
    for meeting in stage.meetings:
        assert meeting.created < meeting.start
        if meeting.rule:
            continue  # a series changes while it is on
        moved_or_cancelled = [
            letter
            for letter in stage.letters
            if letter.message_id in meeting.thread and letter.method in {"REQUEST", "CANCEL", "COUNTER"}
        ]
        assert all(letter.at < meeting.start for letter in moved_or_cancelled)


@pytest.mark.parametrize("script", ["weekly", "fortnightly", "monthly", "on_leave", "monthly_with_meeting"])
def test_the_healthy_were_heard_and_answered(stage: Stage, script: str) -> None:
    for address in _playing(script):
        heard = _letters(stage, address, outgoing=False)[-1]
        assert stage.now - heard.at < timedelta(days=45)
        answered = _letters(stage, address, outgoing=True)[-1].at > heard.at
        assert answered or stage.working_time(owner=True).after(heard.at, 9) > stage.now


def test_leave_is_answered_by_a_machine(stage: Stage) -> None:
    machine = [letter for letter in stage.letters if ("Auto-Submitted", "auto-replied") in letter.extra]
    people = [letter for letter in machine if letter.subject.startswith("Automatic reply: ")]
    assert {letter.author.address for letter in people} == set(_playing("on_leave"))


def test_a_colleague_in_copy_never_writes(stage: Stage) -> None:
    (address,) = _playing("in_copy")
    assert not _letters(stage, address, outgoing=False)
    assert [letter for letter in stage.letters if address in {who.address for who in letter.cc}]
