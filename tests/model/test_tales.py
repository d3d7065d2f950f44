"""Short stories that chance seldom makes up: each was once told wrongly."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.model.judging import disagreeing, misplaced, mistold
from tests.model.operations import (
    ANA,
    BOB,
    ME,
    Answer,
    AnswerOne,
    Cancel,
    CancelOne,
    Create,
    Delete,
    DropOne,
    End,
    Move,
    MoveBack,
    MoveOne,
    Write,
)
from tests.model.test_model import empty, player

if TYPE_CHECKING:
    from pathlib import Path

    from tests.model.operations import Operation

__all__ = ["empty"]  # the fixture

MINE, HERS = Create(1, ME, weekly=True), Create(1, ANA, weekly=True)
BY_CALENDAR = {
    "a meeting that the owner deletes after a refusal is the refuser's": [
        Create(0, ME), Answer(0, BOB, "declined"), Delete(0),
    ],
    "an occurrence that the owner drops after a refusal is the refuser's": [
        MINE, Answer(1, BOB, "declined"), DropOne(1, 2),
    ],
    "occurrences that come back with their series are not told one by one": [MINE, Move(1, -1), MoveBack(1)],
}  # fmt: skip
BY_MAIL = {
    "an occurrence that is moved is moved, though no mail named it before": [MINE, MoveOne(1, 1, 1)],
    "an occurrence that was moved is cancelled with its series": [HERS, MoveOne(1, 1, 1), Cancel(1)],
    "an occurrence that was moved goes when its series is moved": [HERS, MoveOne(1, 1, 1), Move(1, 1)],
    "an occurrence that was moved goes when its series ends before it": [HERS, MoveOne(1, 3, 1), End(1, 2)],
    "who refused a series is behind the end of an occurrence": [MINE, Answer(1, BOB, "declined"), CancelOne(1, 2)],
    "who wrote in the thread of a series is behind the end of an occurrence": [MINE, Write(1, BOB), CancelOne(1, 2)],
    "an answer for an occurrence is believed of whom the series invites": [MINE, AnswerOne(1, 0, BOB, "declined")],
}


@pytest.mark.parametrize("story", BY_CALENDAR.values(), ids=BY_CALENDAR.keys())
def test_a_calendar_tells_that(empty: Path, story: list[Operation]) -> None:
    with player(empty, calendar=True) as played:
        played.play(story)
        assert mistold(played) == []
        assert misplaced(played) == []


@pytest.mark.parametrize("story", BY_MAIL.values(), ids=BY_MAIL.keys())
def test_mails_tell_that(empty: Path, story: list[Operation]) -> None:
    with player(empty, mail=True) as played:
        played.play(story)
        assert mistold(played) == []
        assert disagreeing(played) == []


@pytest.mark.parametrize("story", [*BY_CALENDAR.values(), *BY_MAIL.values()], ids=[*BY_CALENDAR, *BY_MAIL])
def test_mails_and_calendar_together_tell_that_once(empty: Path, story: list[Operation]) -> None:
    with player(empty, calendar=True, mail=True) as played:
        played.play(story)
        assert mistold(played) == []
        assert misplaced(played) == []
