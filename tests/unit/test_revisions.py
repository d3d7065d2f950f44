"""The life of a meeting, from sightings in any order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keepwarm.storage.observations import Answer, MeetingStatus, Method
from keepwarm.storage.revisions import Change, Remark, Revision, Sighting, revisions
from keepwarm.storage.sightings import Testimony as OwnersWord
from keepwarm.storage.sightings import Word

ME, ANA, BOB = "me@example.com", "ana@acme.example", "bob@acme.example"
OWNER = frozenset({ME, "alias@example.com"})
DAY0 = datetime(2026, 3, 2, 9, tzinfo=UTC)
MEETING = datetime(2026, 3, 20, 10, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def seen(
    day: float,
    method: Method = Method.REQUEST,
    *,
    by: str = ANA,
    seq: int = 0,
    moved: timedelta = timedelta(0),
    length: timedelta = HOUR,
    organizer: str = ANA,
    said: dict[str, Answer] | None = None,
    **more: object,
) -> Sighting:
    answers = {ANA: Answer.ACCEPTED, ME: Answer.NONE} if said is None else said
    fields = {
        "at": DAY0 + day * DAY,
        "source": f"mail/{day}",
        "method": method,
        "sent_by": by,
        "sequence": seq,
        "start": MEETING + moved,
        "end": MEETING + moved + length,
        "organizer": organizer,
        "answers": tuple(answers.items()),
    } | more
    if method is Method.CALENDAR and "source" not in more:
        fields["source"] = "calendar/uid"
    return Sighting(ref=repr(sorted(fields.items())), **fields)


def copy(day: float, **more: object) -> Sighting:
    return seen(day, Method.CALENDAR, **({"by": ""} | more))


def reply(day: float, who: str, answer: Answer, **more: object) -> Sighting:
    return seen(day, Method.REPLY, by=who, **({"said": {who: answer}} | more))


def counter(day: float, who: str, moved: timedelta, **more: object) -> Sighting:
    return seen(day, Method.COUNTER, by=who, moved=moved, **({"said": {who: Answer.TENTATIVE}} | more))


def life(*sightings: Sighting, remarks: tuple[Remark, ...] = ()) -> tuple[Revision, ...]:
    return revisions(sightings, remarks, owner=OWNER, meeting="uid/")


MINE = {"by": ME, "organizer": ME, "said": {ME: Answer.ACCEPTED, ANA: Answer.NONE}}
"""Of a meeting to which the owner invites Ana."""


def remark(day: float, author: str = ANA) -> Remark:
    return Remark(DAY0 + day * DAY, author)


def changes(*sightings: Sighting) -> list[Change]:
    return [revision.change for revision in life(*sightings)]


def test_a_move_says_from_when_to_when() -> None:
    moved = life(seen(0), seen(1, seq=1, moved=DAY))[-1]
    assert moved.change is Change.RESCHEDULED
    assert (moved.previous_start, moved.start) == (MEETING, MEETING + DAY)
    assert (moved.actor, moved.why) == (ANA, "the organiser sent the update")


def test_the_same_start_with_another_end_is_resized() -> None:
    assert changes(seen(0), seen(1, seq=1, length=HOUR / 2)) == [Change.CREATED, Change.RESIZED]


def test_a_repeated_request_or_cancel_is_nothing_new() -> None:
    cancel = {"status": MeetingStatus.CANCELLED, "seq": 1}
    story = [seen(0), seen(1), seen(2, Method.CANCEL, **cancel), seen(3, Method.CANCEL, **cancel)]
    assert changes(*story) == [Change.CREATED, Change.CANCELLED]


@pytest.mark.parametrize("method", [Method.REQUEST, Method.CANCEL])
def test_only_the_organiser_is_believed_about_the_meeting(method: Method) -> None:
    assert changes(seen(0), seen(1, method, by="eve@evil.example", seq=9, moved=DAY)) == [Change.CREATED]


def test_a_forger_who_names_himself_organiser_is_not_believed() -> None:
    eve = "eve@evil.example"
    assert changes(seen(0), seen(1, Method.CANCEL, by=eve, organizer=eve, seq=9)) == [Change.CREATED]


def test_the_owners_addresses_are_one_person() -> None:
    story = [seen(0, by=ME, organizer=ME), seen(1, by="alias@example.com", organizer=ME, seq=1, moved=DAY)]
    moved = life(*story)[-1]
    assert (moved.change, moved.actor) == (Change.RESCHEDULED, ME)


def test_an_answer_counts_only_for_its_sender() -> None:
    assert changes(seen(0), reply(1, "eve@evil.example", Answer.DECLINED, said={BOB: Answer.DECLINED})) == [
        Change.CREATED
    ]


@pytest.mark.parametrize("address", [ME, ME.upper(), "alias@example.com"])
def test_nobody_else_accepts_for_the_owner(address: str) -> None:
    forged = {ANA: Answer.ACCEPTED, address: Answer.ACCEPTED}
    [created] = life(seen(0, said=forged), seen(1, said=forged))
    assert (created.change, dict(created.answers)[address]) == (Change.CREATED, Answer.NONE)


def test_nobody_else_makes_the_owner_the_organiser() -> None:
    [created] = life(seen(0), seen(1, organizer=ME, said={ANA: Answer.ACCEPTED, ME: Answer.ACCEPTED}))
    assert dict(created.answers)[ME] is Answer.NONE
    assert life(seen(0), seen(1, organizer=ME, moved=DAY)) == (created,)


def test_what_the_owner_accepted_counts_by_their_own_word_after_a_forged_one() -> None:
    forged = {ANA: Answer.ACCEPTED, ME: Answer.ACCEPTED}
    for own_word in (reply(1, ME, Answer.ACCEPTED), copy(1, said=forged)):
        accepted = life(seen(0, said=forged), own_word)[-1]
        assert (accepted.change, accepted.actor, accepted.at) == (Change.ACCEPTED, ME, own_word.at)


def test_an_update_that_repeats_the_owners_answer_to_the_former_time_lets_no_calendar_repeat_it() -> None:
    accepted = {ANA: Answer.ACCEPTED, ME: Answer.ACCEPTED}
    story = [
        copy(0, said=accepted),
        seen(1, seq=1, moved=DAY, said=accepted),
        copy(2, seq=1, moved=DAY, said=accepted),
    ]
    assert changes(*story) == [Change.CREATED, Change.ACCEPTED, Change.RESCHEDULED]


def test_an_organiser_passes_on_what_others_answered() -> None:
    said = {ANA: Answer.ACCEPTED, BOB: Answer.DECLINED, ME: Answer.NONE}
    declined = life(seen(0, said={**said, BOB: Answer.NONE}), seen(1, said=said))[-1]
    assert (declined.change, declined.actor) == (Change.DECLINED, BOB)


def test_a_lower_sequence_from_another_source_is_stale() -> None:
    assert changes(seen(0, seq=3), seen(1, seq=2, moved=DAY)) == [Change.CREATED]


def test_a_copy_that_later_shows_something_else_is_believed_whatever_its_sequence() -> None:
    story = [seen(0, seq=3), copy(1), copy(2, moved=DAY)]
    assert changes(*story) == [Change.CREATED, Change.RESCHEDULED]


def test_a_copy_that_is_catching_up_moves_nothing_back() -> None:
    story = [copy(0), seen(1, seq=1, moved=DAY), seen(2, seq=2, moved=2 * DAY), copy(3, seq=1, moved=DAY)]
    assert changes(*story) == [Change.CREATED, Change.RESCHEDULED, Change.RESCHEDULED]


def test_a_copy_first_seen_late_with_former_times_moves_nothing_back() -> None:
    assert changes(seen(0), seen(1, moved=DAY), copy(2)) == [Change.CREATED, Change.RESCHEDULED]


def test_the_same_change_by_mail_and_by_calendar_is_one_revision() -> None:
    story = [seen(0), copy(0.5), seen(1, seq=1, moved=DAY), copy(1.5, seq=1, moved=DAY)]
    assert changes(*story) == [Change.CREATED, Change.RESCHEDULED]


def test_a_move_that_is_taken_back_is_restored() -> None:
    restored = life(seen(0), seen(1, seq=1, moved=DAY), seen(2, seq=2))[-1]
    assert restored.change is Change.RESTORED
    assert (restored.previous_start, restored.start, restored.end) == (MEETING + DAY, MEETING, MEETING + HOUR)


def test_each_move_can_be_taken_back_in_turn() -> None:
    there = [seen(day, seq=day, moved=day * DAY) for day in range(3)]
    back = [seen(3, seq=3, moved=DAY), seen(4, seq=4)]
    assert changes(*there, *back)[-2:] == [Change.RESTORED, Change.RESTORED]


@pytest.mark.parametrize("last", [seen(3, seq=3), seen(3, seq=3, moved=DAY, length=HOUR / 2)])
def test_another_time_than_before_the_last_move_is_a_move(last: Sighting) -> None:
    there = [seen(day, seq=day, moved=day * DAY) for day in range(3)]
    assert changes(*there, last)[-1] is Change.RESCHEDULED


def test_a_move_that_was_taken_back_can_be_made_again() -> None:
    story = [seen(0), seen(1, seq=1, moved=DAY), seen(2, seq=2), seen(3, seq=3, moved=DAY)]
    assert changes(*story)[-2:] == [Change.RESTORED, Change.RESCHEDULED]


def test_a_pattern_that_comes_back_is_restored() -> None:
    story = [copy(0, pattern="FREQ=WEEKLY"), copy(1, pattern="FREQ=DAILY"), copy(2, pattern="FREQ=WEEKLY")]
    assert changes(*story) == [Change.CREATED, Change.RESCHEDULED, Change.RESTORED]


def test_a_cancelled_meeting_that_comes_back_begins_anew() -> None:
    cancel = seen(2, Method.CANCEL, seq=2, status=MeetingStatus.CANCELLED, moved=DAY)
    story = [seen(0), seen(1, seq=1, moved=DAY), cancel, seen(3, seq=3, moved=DAY), seen(4, seq=4)]
    assert changes(*story)[-3:] == [Change.CANCELLED, Change.REINSTATED, Change.RESCHEDULED]


def test_a_move_resets_all_answers_but_the_organisers() -> None:
    story = [seen(0), reply(1, ME, Answer.ACCEPTED), seen(2, seq=1, moved=DAY)]
    assert dict(life(*story)[-1].answers) == {ANA: Answer.ACCEPTED, ME: Answer.NONE}


def test_an_answer_that_a_calendar_carries_over_a_move_does_not_count() -> None:
    accepted = {ANA: Answer.ACCEPTED, ME: Answer.ACCEPTED}
    story = [copy(0), copy(1, said=accepted), copy(2, seq=1, moved=DAY, said=accepted)]
    assert changes(*story) == [Change.CREATED, Change.ACCEPTED, Change.RESCHEDULED]
    assert dict(life(*story)[-1].answers)[ME] is Answer.NONE


def test_an_answer_given_again_after_a_move_counts_again() -> None:
    accepted = {ANA: Answer.ACCEPTED, ME: Answer.ACCEPTED}
    story = [copy(0, said=accepted), copy(1, seq=1, moved=DAY), copy(2, seq=1, moved=DAY, said=accepted)]
    assert changes(*story) == [Change.CREATED, Change.ACCEPTED, Change.RESCHEDULED, Change.ACCEPTED]


def test_an_answer_to_the_former_time_is_not_one_to_the_new() -> None:
    story = [seen(0), seen(1, seq=1, moved=DAY), reply(2, ME, Answer.ACCEPTED, seq=0)]
    assert changes(*story) == [Change.CREATED, Change.RESCHEDULED]


def test_an_answer_to_a_time_not_yet_known_waits_for_it() -> None:
    mine = {"by": ME, "organizer": ME, "said": {ME: Answer.ACCEPTED, BOB: Answer.NONE}}
    story = [
        copy(0, **mine),
        reply(1, BOB, Answer.DECLINED, seq=1, moved=DAY, organizer=ME),
        copy(2, seq=1, moved=DAY, **mine),
    ]
    assert changes(*story) == [Change.CREATED, Change.RESCHEDULED, Change.DECLINED]


def test_the_owners_answer_alone_shows_that_there_is_a_meeting() -> None:
    assert changes(reply(0, ME, Answer.ACCEPTED)) == [Change.CREATED, Change.ACCEPTED]


def test_a_decline_is_no_cancellation() -> None:
    story = life(seen(0), reply(1, ME, Answer.DECLINED))
    assert story[-1].change is Change.DECLINED
    assert story[-1].status is MeetingStatus.CONFIRMED


def test_a_copy_deleted_after_declining_is_no_cancellation() -> None:
    story = [copy(0), reply(1, ME, Answer.DECLINED), copy(2, gone=True)]
    assert changes(*story) == [Change.CREATED, Change.DECLINED]


@pytest.mark.parametrize(
    ("prompt", "why"),
    [
        (counter(1, ME, DAY), "me@example.com proposed a new time 3 h before"),
        (reply(1, ME, Answer.DECLINED), "me@example.com declined 3 h before"),
        (reply(1, ME, Answer.TENTATIVE), "me@example.com accepted with reservations 3 h before"),
    ],
)
def test_a_move_shortly_after_an_attendee_asked_for_it_is_theirs(prompt: Sighting, why: str) -> None:
    moved = life(seen(0), prompt, seen(1.125, seq=1, moved=DAY))[-1]
    assert (moved.change, moved.actor, moved.why) == (Change.RESCHEDULED, ME, why)


def test_a_prompt_of_four_days_before_explains_nothing() -> None:
    assert life(seen(0), counter(1, ME, DAY), seen(5, seq=1, moved=DAY))[-1].actor == ANA


def test_a_prompt_explains_one_change_only() -> None:
    story = [seen(0), counter(1, ME, DAY), seen(1.5, seq=1, moved=DAY), seen(2, seq=2, moved=2 * DAY)]
    assert [revision.actor for revision in life(*story)] == [ANA, ME, ME, ANA]


def test_a_prompt_that_the_organiser_turned_down_explains_nothing() -> None:
    declined = seen(1.5, Method.DECLINE_COUNTER, said={ME: Answer.TENTATIVE})
    assert life(seen(0), counter(1, ME, DAY), declined, seen(2, seq=1, moved=DAY))[-1].actor == ANA


def test_a_prompt_followed_by_acceptance_explains_nothing() -> None:
    story = [
        seen(0),
        reply(1, ME, Answer.TENTATIVE),
        reply(1.5, ME, Answer.ACCEPTED),
        seen(2, seq=1, moved=DAY),
    ]
    assert life(*story)[-1].actor == ANA


@pytest.mark.parametrize(
    ("update", "change"),
    [
        (seen(2, seq=1, moved=DAY, **MINE), Change.RESCHEDULED),
        (seen(2, Method.CANCEL, seq=1, status=MeetingStatus.CANCELLED, **MINE), Change.CANCELLED),
        (copy(2, seq=1, moved=DAY, **MINE), Change.RESCHEDULED),
    ],
)
def test_a_change_shortly_after_an_attendee_wrote_in_its_thread_is_theirs(update: Sighting, change: Change) -> None:
    found = life(seen(0, **MINE), update, remarks=(remark(2 - 1 / 24),))[-1]
    assert (found.change, found.actor, found.why) == (change, ANA, f"{ANA} wrote in its thread 1 h before")


@pytest.mark.parametrize(
    "said",
    [
        remark(6, "eve@evil.example"),  # is not invited
        remark(6, ME),  # is the organiser
        remark(3.9),  # is too long ago
        remark(7),  # came when it was done
        remark(7.5),
    ],
)
def test_no_other_mail_in_its_thread_explains_a_move(said: Remark) -> None:
    moved = life(seen(0, **MINE), seen(7, seq=1, moved=DAY, **MINE), remarks=(said,))[-1]
    assert (moved.actor, moved.why) == (ME, "the organiser sent the update")


def test_a_mail_in_its_thread_explains_the_next_change_only() -> None:
    story = [seen(0, **MINE), seen(2, seq=1, moved=DAY, **MINE), seen(2.5, seq=2, moved=2 * DAY, **MINE)]
    assert [one.actor for one in life(*story, remarks=(remark(1.5),))] == [ME, ANA, ME]


def test_who_accepted_after_writing_in_its_thread_asked_for_nothing() -> None:
    story = [seen(0, **MINE), reply(1.6, ANA, Answer.ACCEPTED, organizer=ME), seen(2, seq=1, moved=DAY, **MINE)]
    assert life(*story, remarks=(remark(1.5),))[-1].actor == ME


@pytest.mark.parametrize("hours", [-1, 1])
def test_what_an_attendee_asked_outright_outranks_a_mail_in_its_thread(hours: int) -> None:
    invited = {**MINE, "said": {**MINE["said"], BOB: Answer.NONE}}
    story = [seen(0, **invited), reply(1, BOB, Answer.DECLINED, organizer=ME), seen(2, seq=1, moved=DAY, **invited)]
    moved = life(*story, remarks=(remark(1 + hours / 24),))[-1]
    assert (moved.actor, moved.why) == (BOB, f"{BOB} declined 24 h before")


def test_a_proposal_is_a_revision_by_its_sender_and_moves_nothing() -> None:
    proposed = life(seen(0), counter(1, ME, DAY))[-1]
    assert (proposed.change, proposed.actor) == (Change.PROPOSED, ME)
    assert (proposed.previous_start, proposed.start) == (MEETING, MEETING + DAY)


def test_without_an_organiser_nobody_is_blamed() -> None:
    nobody: dict[str, object] = {"organizer": "", "said": {}}
    moved = life(copy(0, **nobody), copy(1, moved=DAY, **nobody))[-1]
    assert (moved.actor, moved.why) == ("", "the meeting names no organiser")


def test_a_meeting_to_come_that_vanished_was_cancelled_by_nobody_knows_whom() -> None:
    gone = life(copy(0), copy(1, gone=True))[-1]
    assert (gone.change, gone.actor) == (Change.CANCELLED, "")


def test_a_meeting_that_its_organiser_the_owner_deleted_is_theirs() -> None:
    gone = life(copy(0, organizer=ME), copy(1, gone=True, organizer=ME))[-1]
    assert (gone.change, gone.actor) == (Change.CANCELLED, ME)


def test_a_meeting_that_the_owner_deleted_because_the_attendee_declined_is_theirs() -> None:
    story = [copy(0, organizer=ME), reply(1, ANA, Answer.DECLINED, organizer=ME), copy(2, gone=True, organizer=ME)]
    gone = life(*story)[-1]
    assert (gone.change, gone.actor, gone.why) == (Change.CANCELLED, ANA, f"{ANA} declined 24 h before")


def test_a_date_added_to_a_series_moves_nothing() -> None:
    weekly = "FREQ=WEEKLY"
    more = f"{weekly}\nRDATE:20260325T100000Z"
    assert changes(copy(0, pattern=weekly), copy(1, pattern=more), copy(2, pattern=weekly)) == [Change.CREATED]


def test_a_past_meeting_that_vanished_is_nothing() -> None:
    assert changes(copy(0), copy(30, gone=True)) == [Change.CREATED]


def test_a_meeting_with_another_copy_left_has_not_vanished() -> None:
    assert changes(copy(0), copy(0, source="other/uid"), copy(1, gone=True)) == [Change.CREATED]


def test_a_vanished_meeting_that_comes_back_is_reinstated() -> None:
    assert changes(copy(0), copy(1, gone=True), copy(2)) == [
        Change.CREATED,
        Change.CANCELLED,
        Change.REINSTATED,
    ]


def test_a_copy_that_has_not_heard_of_the_cancellation_does_not_undo_it() -> None:
    cancel = seen(1, Method.CANCEL, status=MeetingStatus.CANCELLED)
    assert changes(seen(0), cancel, copy(2)) == [Change.CREATED, Change.CANCELLED]


def test_being_taken_off_the_list_is_no_cancellation() -> None:
    all_three = {ANA: Answer.ACCEPTED, ME: Answer.NONE, BOB: Answer.NONE}
    removal = seen(1, Method.CANCEL, seq=1, said={ME: Answer.NONE})
    assert changes(seen(0, said=all_three), removal) == [Change.CREATED, Change.REMOVED]


def test_all_day_meetings_are_told_apart_by_day_whatever_zone_midnight_is_in() -> None:
    berlin, utc = datetime(2026, 3, 19, 23, tzinfo=UTC), datetime(2026, 3, 20, tzinfo=UTC)
    whole: dict[str, object] = {"all_day": True}
    story = [
        seen(0, start=utc, end=utc + DAY, **whole),
        copy(1, start=berlin, end=berlin + DAY, **whole),
        copy(2, start=berlin + DAY, end=berlin + 2 * DAY, **whole),
    ]
    assert changes(*story) == [Change.CREATED, Change.RESCHEDULED]


def test_another_pattern_is_one_move_and_an_earlier_end_is_none() -> None:
    weekly, daily = "FREQ=WEEKLY;BYDAY=MO", "FREQ=DAILY"
    story = [
        copy(0, pattern=weekly),
        copy(1, pattern=weekly + ";UNTIL=20260601T000000Z"),
        copy(2, pattern=daily),
    ]
    assert changes(*story) == [Change.CREATED, Change.RESCHEDULED]


def test_two_meetings_never_share_a_ref() -> None:
    one, other = (revisions([seen(0)], owner=OWNER, meeting=key)[0].ref for key in ("a", "b"))
    assert one != other


_PEOPLE = st.sampled_from([ANA, BOB, ME, "eve@evil.example", ""])
_ANSWERS = st.sampled_from(list(Answer))
_SIGHTINGS = st.builds(
    lambda day, method, by, seq, moved, organizer, mine, his, gone, status, source, agent, away: seen(
        day,
        method,
        by=by,
        seq=seq,
        moved=moved * DAY,
        organizer=organizer,
        said={ME: mine, BOB: his},
        gone=gone and method is Method.CALENDAR,
        status=status,
        source=source,
        agent=agent,
        away=away,
        absent=(BOB,) if away else (),
    ),
    st.integers(0, 6),
    st.sampled_from(list(Method)),
    _PEOPLE,
    st.integers(0, 3),
    st.integers(0, 2),
    _PEOPLE,
    _ANSWERS,
    _ANSWERS,
    st.booleans(),
    st.sampled_from(list(MeetingStatus)),
    st.sampled_from(["a/1", "b/1"]),
    _PEOPLE,
    st.booleans(),
)
_REMARKS = st.builds(lambda day, who: Remark(DAY0 + day * DAY, who, f"m_{day}"), st.integers(0, 6), _PEOPLE)
_WORDS = st.builds(
    lambda kind, day, who: OwnersWord(kind, MEETING if kind is Word.NO_SHOW else DAY0 + day * DAY, who, DAY0),
    st.sampled_from(list(Word)),
    st.integers(0, 6),
    st.sampled_from([ANA, BOB, ME]),
)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(_SIGHTINGS, max_size=10),
    st.lists(_REMARKS, max_size=4),
    st.lists(_WORDS, max_size=3),
    st.randoms(use_true_random=False),
    st.data(),
)
def test_any_order_and_any_repetition_gives_the_same_life(
    sightings: list[Sighting],
    remarks: list[Remark],
    words: list[OwnersWord],
    random: object,
    data: st.DataObject,
) -> None:
    again = data.draw(st.lists(st.sampled_from(sightings), max_size=5)) if sightings else []
    shuffled = [[*sightings, *again], [*remarks, *remarks], [*words, *words]]
    for part in shuffled:
        random.shuffle(part)
    told = revisions(*shuffled, owner=OWNER, meeting="uid/")
    assert told == revisions(sightings, remarks, words, owner=OWNER, meeting="uid/")
    known = {one.ref for one in (*sightings, *remarks)}
    assert all(not one.prompt or one.prompt in known for one in told)
    assert [one.at for one in told] == sorted(one.at for one in told)
    assert len({one.ref for one in told}) == len(told)


@settings(max_examples=200, deadline=None)
@given(st.lists(_SIGHTINGS, max_size=10))
def test_revisions_come_in_order_and_each_once(sightings: list[Sighting]) -> None:
    story = life(*sightings)
    assert [revision.at for revision in story] == sorted(revision.at for revision in story)
    assert len({revision.ref for revision in story}) == len(story)


def timeless(day: float, method: Method, **more: object) -> Sighting:
    """Make a mail that names the meeting and no time."""
    at = DAY0 + day * DAY
    return seen(day, method, **({"start": at, "end": at} | more))


def test_a_mail_without_times_tells_of_the_meeting_as_it_is() -> None:
    cancelled = timeless(2, Method.CANCEL, seq=1)
    *_, last = life(seen(0), cancelled)
    assert (last.change, last.start) == (Change.CANCELLED, MEETING)
    answered = timeless(2, Method.REPLY, by=ME, said={ME: Answer.DECLINED})
    *_, last = life(seen(0), answered)
    assert (last.change, last.start) == (Change.DECLINED, MEETING)


def test_a_mail_without_times_makes_no_meeting_and_waits_for_it() -> None:
    answered = timeless(0, Method.REPLY, by=ME, said={ME: Answer.DECLINED})
    assert life(timeless(0, Method.CANCEL, seq=1)) == life(answered) == ()
    assert changes(answered, seen(1)) == [Change.CREATED, Change.DECLINED]


def test_a_refusal_for_being_away_is_one_though_the_calendar_shows_it_first() -> None:
    no = {ANA: Answer.ACCEPTED, ME: Answer.NONE, BOB: Answer.DECLINED}
    shown = [copy(0, said={**no, BOB: Answer.NONE}), copy(1, said=no)]
    assert life(*shown, reply(1.1, BOB, Answer.DECLINED, away=True))[-1].away
    assert not life(*shown, reply(5, BOB, Answer.DECLINED, away=True))[-1].away
    assert not life(*shown, reply(1.1, BOB, Answer.DECLINED))[-1].away


def test_a_meeting_that_the_owner_deletes_after_a_refusal_is_the_refusers() -> None:
    mine = {"organizer": ME, "said": {ME: Answer.ACCEPTED, ANA: Answer.NONE}}
    refused = [copy(0, **mine), copy(1, **{**mine, "said": {ME: Answer.ACCEPTED, ANA: Answer.DECLINED}})]
    assert life(*refused, copy(2, **mine, gone=True))[-1].actor == ANA
    assert life(*refused, copy(5, **mine, gone=True))[-1].actor == ME


def test_a_single_meeting_that_goes_on_under_another_uid_says_so() -> None:
    assert life(copy(0), copy(1, gone=True, superseded=True))[-1].why == "it goes on under another UID"
