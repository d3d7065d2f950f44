"""What is informal, what is a catch-up and what is business, and what of it counts once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from keepwarm.rules.small_talk import TouchClass, class_of
from keepwarm.storage.histories import By
from tests.unit.history_samples import Story, engine, on

if TYPE_CHECKING:
    from keepwarm.rules.moment import Moment

ENGINE = engine(())


def after(story: Story, day: int) -> Moment:
    return ENGINE.moment(story.history(), on(day))[0]


@pytest.mark.parametrize(
    ("text", "kind", "business"),
    [
        ("Lunch Ana / Sam", TouchClass.INFORMAL, False),
        ("Weekly lunch", TouchClass.INFORMAL, False),
        ("Lunch: Q3 budget", TouchClass.INFORMAL, True),
        ("Mittagessen", TouchClass.INFORMAL, False),
        ("Kaffee?", TouchClass.INFORMAL, False),
        ("Spaziergang um die Alster", TouchClass.INFORMAL, False),
        ("Walk through the contract", TouchClass.BUSINESS, True),
        ("Coffee machine", TouchClass.UNKNOWN, False),
        ("Catch-up", TouchClass.CATCH_UP, False),
        ("Catching up", TouchClass.CATCH_UP, False),
        ("Catch-up: Q3 budget", TouchClass.CATCH_UP, True),
        ("Austausch", TouchClass.CATCH_UP, False),
        ("Austausch zum Angebot", TouchClass.CATCH_UP, True),
        ("Weekly Nordwind", TouchClass.CALL, True),
        ("Conference call: catch up on numbers", TouchClass.CALL, True),
        ("Jour fixe", TouchClass.CALL, True),
        ("Telefonkonferenz", TouchClass.CALL, True),
        ("Project review", TouchClass.BUSINESS, True),
        ("Team", TouchClass.UNKNOWN, False),
        ("", TouchClass.UNKNOWN, False),
    ],
)
def test_a_touch_is_what_its_words_say(text: str, kind: TouchClass, business: bool) -> None:
    assert class_of(text) == (kind, business)


def test_meetings_that_were_held_count_and_those_that_were_not_do_not() -> None:
    story = Story()
    story.meet(20, summary="Lunch")
    story.meet(40, summary="Lunch").cancelled(39, by=By.OWNER)
    story.meet(60, summary="Catch-up: offer")
    log = after(story, 90).small_talk
    assert [touch.at for touch in log.informal.items] == [on(20, 15.0)]
    assert [(touch.at, touch.business) for touch in log.catch_ups.items] == [(on(60, 15.0), True)]


def test_a_thread_counts_once_it_is_answered_and_only_once() -> None:
    story = Story()
    asked = story.you_write(0, subject="Coffee?")
    assert len(after(story, 10).small_talk.informal) == 0
    answer = story.they_write(1, answers=asked, subject="Re: Coffee?")
    later = story.you_write(40, answers=answer, subject="Re: Coffee?")
    story.they_write(41, answers=later, subject="Re: Coffee?")
    assert [touch.source.ref for touch in after(story, 50).small_talk.informal.items] == [answer.ref]


def test_the_mail_about_a_lunch_and_the_lunch_are_one_touch() -> None:
    story = Story()
    story.they_write(1, answers=story.you_write(0, subject="Lunch?"), subject="Re: Lunch?")
    story.meet(8, planned=1, summary="Lunch")
    story.you_write(11, answers=story.they_write(10, subject="Thanks for lunch"), subject="Re: Thanks for lunch")
    story.meet(15, summary="Lunch")
    assert [touch.source.ref for touch in after(story, 40).small_talk.informal.items] == [
        "meeting-000-0",
        "meeting-001-0",
    ]


def test_what_the_owner_has_logged_is_informal_by_its_kind_or_what_its_text_says() -> None:
    story = Story()
    story.log(1, "lunch")
    story.log(20, "call", text="Catch-up about the offer")
    story.log(40, "gift", text="wine")
    log = after(story, 60).small_talk
    assert [touch.source.ref for touch in log.informal.items] == ["touch_000"]
    assert [(touch.source.ref, touch.business) for touch in log.catch_ups.items] == [("touch_001", True)]


def test_nothing_is_known_where_no_subjects_are_kept() -> None:
    story = Story()
    story.they_write(1, answers=story.you_write(0, subject=None), subject=None)
    story.meet(20, summary=None)
    assert after(story, 90).small_talk.known_since is None
