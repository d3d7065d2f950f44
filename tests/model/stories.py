"""Stories: lists of operations, for hypothesis to make up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import strategies as st

from tests.model.operations import (
    ANA,
    BOB,
    ME,
    Again,
    Answer,
    AnswerOne,
    BreakOff,
    Cancel,
    CancelOne,
    Create,
    Crowd,
    Delete,
    Disperse,
    DropOne,
    End,
    Expire,
    Forge,
    Move,
    MoveBack,
    MoveOne,
    Poll,
    Propose,
    Remake,
    Restore,
    Share,
    Shorten,
    Split,
    Wait,
    Write,
)

if TYPE_CHECKING:
    from tests.model.operations import Operation

_SINGLE, _SERIES = 0, 1
_NUMBERS = st.sampled_from([_SINGLE, _SINGLE, _SERIES])
_WEEKS = st.integers(0, 3)
_DAYS = st.sampled_from([1, 2, -1])
_PEOPLE = st.sampled_from([BOB, ME, ANA])
_SAID = st.sampled_from(["declined", "accepted", "tentative"])

_MOVES = st.one_of(
    st.builds(Move, _NUMBERS, _DAYS),
    st.builds(MoveBack, _NUMBERS),
    st.builds(Shorten, _NUMBERS),
)
_ENDS = st.one_of(
    st.builds(Cancel, _NUMBERS),
    st.builds(Delete, _NUMBERS),
    st.builds(Restore, _NUMBERS),
    st.builds(Remake, st.just(_SINGLE)),
)
_ANSWERS = st.builds(Answer, _NUMBERS, _PEOPLE, _SAID)
_OCCURRENCES = st.one_of(
    st.builds(AnswerOne, st.just(_SERIES), _WEEKS, _PEOPLE, _SAID),
    st.builds(MoveOne, st.just(_SERIES), _WEEKS, st.sampled_from([0, 1, 2])),
    st.builds(CancelOne, st.just(_SERIES), _WEEKS),
    st.builds(DropOne, st.just(_SERIES), _WEEKS),
    st.builds(Split, st.just(_SERIES), st.integers(1, 3), _DAYS),
    st.builds(End, st.just(_SERIES), st.integers(1, 3)),
)
_MAILS = st.one_of(
    st.builds(Propose, st.just(_SINGLE), _PEOPLE, _DAYS),
    st.builds(Write, _NUMBERS, _PEOPLE),
    st.builds(Forge, _NUMBERS),
)
_PROMPTED = st.tuples(
    st.one_of(
        st.builds(Answer, st.just(_SINGLE), _PEOPLE, _SAID),
        st.builds(Propose, st.just(_SINGLE), _PEOPLE, _DAYS),
        st.builds(Write, st.just(_SINGLE), _PEOPLE),
    ),
    st.one_of(st.builds(Move, st.just(_SINGLE), _DAYS), st.builds(Cancel, st.just(_SINGLE))),
).map(list)  # somebody asks for a change, and it comes
_CROWDS = st.sampled_from([Crowd(), Disperse()])
_READING = st.one_of(
    st.builds(Wait, st.sampled_from([20, 80])),
    st.builds(Share, _NUMBERS),
    st.sampled_from([Again(), Expire(), BreakOff()]),
)
_ORGANIZERS = st.sampled_from([ANA, ME])


def stories(*, polls: bool = False) -> st.SearchStrategy[list[Operation]]:
    """Give stories of a single meeting, a series and sometimes a crowd; with ``polls``, they say when is read."""
    kinds = [_MOVES, _ENDS, _ANSWERS, _OCCURRENCES, _OCCURRENCES, _MAILS, _READING, _CROWDS]
    if polls:
        kinds += [st.just(Poll())]
    one = st.one_of(*kinds).map(lambda one: [one])
    some = st.lists(st.one_of(one, one, one, _PROMPTED), max_size=8)
    # Several lists are longer than one, and shrink as well.
    return st.builds(_story, _ORGANIZERS, _ORGANIZERS, some, some, some)


def _story(single: str, series: str, *parts: list[list[Operation]]) -> list[Operation]:
    begun: list[Operation] = [Create(_SINGLE, single), Create(_SERIES, series, weekly=True)]
    return begun + [one for part in parts for ones in part for one in ones]
