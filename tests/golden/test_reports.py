"""The demo's weeks, told by the real command: word by word what is expected."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

import pytest

from tests.golden.reports import SEED, WEEKS, expected, found

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.practice.world import World


@pytest.mark.parametrize("week", WEEKS)
def test_a_week_of_the_demo_is_told_as_expected(world_of: Callable[[int], World], week: str) -> None:
    wanted, said = expected(week).read_text("utf-8"), found(world_of(SEED).keepwarm, week)
    diff = difflib.unified_diff(wanted.splitlines(), said.splitlines(), "expected", "found", lineterm="")
    assert said == wanted, "\n".join(diff)
