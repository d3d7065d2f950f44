"""Conditions that are taken apart say what CEL says of them whole, and keep their word on how long they stay so."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keepwarm.rules.conditions import Vocabulary
from keepwarm.rules.facts.fact import Course, as_days_pass, at_once, next_event
from keepwarm.rules.moment import FAR
from keepwarm.rules.questions import Rest, question
from keepwarm.rules.timeline import ANYTHING, MESSAGES, NOTHING
from tests.unit.history_samples import CATALOGUE, Story, engine, on

if TYPE_CHECKING:
    from keepwarm.rules.conditions import Condition
    from keepwarm.rules.facts import Value
    from keepwarm.rules.moment import Moment
    from keepwarm.rules.questions import Part

TYPES: dict[str, type[Value]] = {
    "moves": int,
    "silence": float,
    "rhythm": bool,
    "since": str,
    "usual": float,
    "late": int,
}
PARAMS: dict[str, Value] = {"param.most": 3, "param.days": 14.0}
WORDS = Vocabulary({**TYPES, **{name: type(value) for name, value in PARAMS.items()}})
COURSES = {
    "moves": Course(next_event, MESSAGES, None, MESSAGES, falls=True),
    "silence": Course(at_once, ANYTHING, as_days_pass, NOTHING),
    **{name: Course(at_once) for name in ("rhythm", "since", "usual", "late")},
}
TEXTS = (
    "moves >= param.most",
    "silence > param.days",
    "silence >= 2.0 * usual",
    "param.days < silence",
    "double(moves) < usual * 2.0",
    "rhythm",
    "!rhythm && moves > 1",
    "since == '&& || ('",
    "rhythm == (moves > 1)",
    "moves > 1 == rhythm",
    "moves + late >= 4 || silence > usual",
    "(moves > 1 || late > 1) && (rhythm || silence >= param.days)",
    "(moves > 1) && (late > 1)",
    "((moves > 1) || rhythm)",
    "rhythm ? moves > 1 : late > 1",
    "moves in [1, 2] || since != ''",
    "moves > 1 && late > 1 || rhythm && silence < param.days",
)
VALUES = {
    int: st.integers(0, 5),
    float: st.sampled_from([0.0, 0.5, 2.0, 7.0, 14.0, 14.0000001, 30.0]),
    bool: st.booleans(),
    str: st.sampled_from(["", "&& || (", "2026-07-03"]),
}
MOMENT: Moment = engine(()).moment(Story().talk([0]).history(), on(1))[0]


def told(condition: Condition, known: dict[str, Value | None], params: dict[str, Value]) -> bool:
    """Let CEL answer, whole."""
    return condition.value({**params, **{name: value for name, value in known.items() if value is not None}}) is True


@settings(max_examples=60, deadline=None)
@given(st.data())
@pytest.mark.parametrize("text", TEXTS)
def test_taken_apart_it_is_true_when_it_is_true_whole(text: str, data: st.DataObject) -> None:
    condition = WORDS.compile(text, bool)
    asked = question(condition, PARAMS, COURSES)
    known = {name: data.draw(st.none() | VALUES[kind]) for name, kind in TYPES.items()}
    assert (asked.fails_for(MOMENT, known) is None) == told(condition, known, PARAMS)


@given(st.data())
@settings(max_examples=30, deadline=None)
def test_so_it_is_with_every_condition_of_the_catalogue(data: st.DataObject) -> None:
    for rule in CATALOGUE:
        for condition in (*rule.when, *([rule.clear] if rule.clear else [])):
            names = [name for name in condition.names if name not in rule.params]
            known = {name: data.draw(st.none() | VALUES[condition.type_of(name)]) for name in names}
            asked = question(condition, rule.params, dict.fromkeys(names, Course(at_once)))
            assert (asked.fails_for(MOMENT, known) is None) == told(condition, known, dict(rule.params))


def part(text: str) -> Part:
    """Take a condition apart."""
    return question(WORDS.compile(text, bool), PARAMS, COURSES)


def test_a_number_that_grows_with_the_days_is_not_asked_for_before_it_can_have_grown() -> None:
    asked = part("silence >= param.days")
    rest = asked.fails_for(MOMENT, {"silence": 3.0})
    assert rest is not None
    assert timedelta(days=10.99) < rest.until - MOMENT.now <= timedelta(days=11)
    assert rest.by == NOTHING
    assert asked.holds_for(MOMENT, {"silence": 15.0}) == Rest(FAR, ANYTHING)


def test_so_near_to_a_bound_that_floats_may_tell_either_nothing_is_concluded() -> None:
    asked = part("silence >= param.days")
    for silence in (14.0, 14.0 + 1e-9):
        assert asked.holds_for(MOMENT, {"silence": silence}).until == MOMENT.now
    rest = asked.fails_for(MOMENT, {"silence": 14.0 - 1e-9})
    assert rest is not None
    assert rest.until == MOMENT.now


def test_what_is_counted_in_a_window_is_not_asked_for_until_there_is_more_of_it() -> None:
    assert part("moves >= param.most").fails_for(MOMENT, {"moves": 2}) == Rest(FAR, MESSAGES)


def test_of_two_that_must_hold_the_one_that_fails_is_waited_for_of_two_that_may_both() -> None:
    known: dict[str, Value | None] = {"moves": 0, "silence": 3.0, "rhythm": False}
    assert part("moves > 2 && rhythm").fails_for(MOMENT, known) == Rest(FAR, MESSAGES)
    rest = part("moves > 2 || silence > 13.0").fails_for(MOMENT, known)
    assert rest is not None
    assert rest.until < MOMENT.now + timedelta(days=10)
    assert rest.by == MESSAGES


def test_what_is_answered_is_not_forgotten_wrongly() -> None:
    asked = part("moves + late > 2 || rhythm")
    values = [(1, False), (3, False), (3, False), (None, True), (None, False), (3, None), (1, False)]
    answers = [
        asked.fails_for(MOMENT, {"moves": moves, "late": 0, "rhythm": rhythm}) is None for moves, rhythm in values
    ]
    assert answers == [False, True, True, True, False, True, False]
