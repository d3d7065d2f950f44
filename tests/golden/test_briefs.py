"""The demo's mornings, told by the real command: word by word what is expected."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

import pytest

from tests.golden.briefs import MORNINGS, SEED, expected, found

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.practice.world import World


@pytest.mark.parametrize("day", MORNINGS)
def test_a_morning_of_the_demo_is_told_as_expected(world_of: Callable[[int], World], day: str) -> None:
    wanted, said = expected(day).read_text("utf-8"), found(world_of(SEED).keepwarm, day)
    diff = difflib.unified_diff(wanted.splitlines(), said.splitlines(), "expected", "found", lineterm="")
    assert said == wanted, "\n".join(diff)
