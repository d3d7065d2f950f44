"""Touches that were logged by hand: what two had counts as a meeting held, a letter as a word of the owner's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keepwarm.rules.facts import FACTS
from keepwarm.rules.sources import of_note, of_promise, of_reflection, of_touch
from keepwarm.rules.timeline import events
from keepwarm.rules.touches import told
from keepwarm.rules.warmth import base
from keepwarm.storage.histories import MUTUAL_TOUCHES, TOUCHES_BY_OWNER, By, PromiseFact
from tests.unit.history_samples import Story, engine, judged, last_day, on, only, stories

if TYPE_CHECKING:
    from keepwarm.rules.moment import Moment

ENGINE = engine()


def after(story: Story, day: int, hour: float = 20.0) -> Moment:
    return ENGINE.moment(story.history(), on(day, hour))[0]


@pytest.mark.parametrize("kind", MUTUAL_TOUCHES)
def test_what_two_had_counts_like_a_meeting_held(kind: str) -> None:
    logged, met = Story().talk(range(0, 70, 10)), Story().talk(range(0, 70, 10))
    for story in (logged, met):
        story.they_write(75)
        story.you_write(76, direct=False)
    logged.log(80, kind, 15.0)
    met.meet(80, 14.0)
    one, other = after(logged, 90), after(met, 90)
    assert base(one.pulse, one.now) == base(other.pulse, other.now)
    assert (one.pulse.silent_days(one.now), one.owed, one.chasing) == (other.pulse.silent_days(other.now), [], [])
    for name in ("owner_silence_days", "their_silence_days", "mutual_silence_days", "heard_days_30d"):
        assert FACTS[name].compute(one) == FACTS[name].compute(other), name
    assert one.touch_days.items == other.touch_days.items


@pytest.mark.parametrize("kind", TOUCHES_BY_OWNER)
def test_a_letter_is_a_word_of_the_owners_and_none_of_theirs(kind: str) -> None:
    story = Story().talk(range(0, 70, 10))
    story.they_write(70)
    story.log(80, kind)
    moment = after(story, 90)
    assert moment.owed == []
    assert moment.pulse.silent_days(moment.now) == pytest.approx(20, abs=1)
    assert FACTS["owner_silence_days"].compute(moment) == pytest.approx(10, abs=1)
    assert len(moment.heard_days) == 8
    assert moment.touch_days.last == on(80, 12.0)


def test_the_ledger_says_what_it_was() -> None:
    story = Story().talk(range(0, 70, 10))
    story.log(80, "lunch")
    line = next(line for line in judged(story, 81).ledger if line.at == on(80, 12.0) and line.cause != "time")
    assert (line.cause, line.sentence) == ("touch", "You had lunch.")
    assert line.after > line.before


def test_every_kind_has_its_words() -> None:
    assert len({told(kind) for kind in MUTUAL_TOUCHES + TOUCHES_BY_OWNER}) == len(MUTUAL_TOUCHES + TOUCHES_BY_OWNER)
    assert told("séance") == "were in touch"


def test_what_is_only_noted_gets_no_blame_and_moves_nothing() -> None:
    plain, noted = Story().talk(range(0, 70, 10)), Story().talk(range(0, 70, 10))
    noted.note(75)
    noted.promise(75, due=90, kept=88)
    noted.reflect(75, mood=None)
    assert "word" not in {line.cause for line in judged(noted, 100).ledger}
    one, other = after(noted, 100), after(plain, 100)
    assert base(one.pulse, one.now) == base(other.pulse, other.now)


@settings(max_examples=25, deadline=None)
@given(stories(), st.integers(0, 400), st.sampled_from(MUTUAL_TOUCHES + TOUCHES_BY_OWNER), st.integers(0, 90))
def test_a_touch_more_never_cools(story: Story, day: int, kind: str, later: int) -> None:
    story.talk([0])
    now = last_day(story) + later
    moment = after(story, now)
    before = base(moment.pulse, moment.now)
    story.log(min(day, now), kind)
    moment = after(story, now)
    assert base(moment.pulse, moment.now) >= before - 1e-9


def test_a_touch_breaks_a_silence_and_is_what_shows_it() -> None:
    story = Story().talk(range(0, 300, 5))
    story.log(400, "coffee", text="At the station")
    finding = only(judged(story, 401), "rekindled")
    assert [(source.kind, source.what) for source in finding.evidence] == [
        ("touch", "you had coffee: “At the station”")
    ]
    assert not finding.historical


def test_evidence_from_before_keepwarm_is_history_though_it_was_said_later() -> None:
    story = Story().talk(range(0, 300, 5))
    story.live_from = on(500)
    story.log(400, "coffee")
    assert only(judged(story, 401), "rekindled").historical


def test_nobody_knows_that_a_promise_will_be_kept() -> None:
    story = Story()
    made = story.promise(10, due=20, kept=30)
    told_of = [(event.at, event.what) for event in events(story.history()) if isinstance(event.what, PromiseFact)]
    assert [(at, what.kept_at) for at, what in told_of] == [(made.at, None), (made.kept_at, made.kept_at)]
    [known] = after(story, 29).others[PromiseFact].items
    assert isinstance(known, PromiseFact)
    assert known.kept_at is None
    assert after(story, 30).others[PromiseFact].last == made


def test_a_promise_that_is_noted_once_it_was_kept_is_made_first() -> None:
    story = Story()
    made = story.promise(10, due=5, kept=4)
    assert [event.at for event in events(story.history())] == [made.at, made.at]
    assert after(story, 10).others[PromiseFact].last == made


def test_evidence_quotes_on_one_line_of_bounded_length() -> None:
    story = Story()
    note = story.note(0, "One\ntwo " + "x" * 2000, to_recall=9)
    source = of_note(note)
    assert source.what.startswith("you noted (for 2024-01-17): “One two xxx")
    assert len(source.what) < 160
    promise, kept = story.promise(0, due=3), story.promise(0, due=3, by=By.THEM, kept=2)
    assert of_promise(promise).what == "you promised by 2024-01-11: “The offer”"
    assert (of_promise(kept).what, of_promise(kept).at) == (
        "they kept what was due on 2024-01-11: “The offer”",
        on(2, 13.0),
    )
    thought = of_reflection(story.reflect(1, needs=True, helped=False, mood=2))
    assert thought.what == (
        "you thought of your meeting: what they needed was answered: yes; you could help: no; their mood: 2 of 5"
    )
    assert of_reflection(story.reflect(1, mood=None)).what == "you thought of your meeting"
    assert of_touch(story.log(0, "gift")).what == "you sent a gift"
