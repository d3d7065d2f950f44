"""Killed at any write of a first reading, or of a later one, and started again: the same rows as of a calm run."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from tests.killing import Killing

if TYPE_CHECKING:
    from pathlib import Path

    from tests.contract.sources import Source

NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)
FIRST, LATER = 30, 20


@pytest.mark.timeout(300)
def test_a_reader_that_is_killed_at_any_write_loses_and_doubles_nothing(source: Source, tmp_path: Path) -> None:
    killing = Killing(tmp_path, source.connector, NOW)
    source.add(range(FIRST))
    stored = killing.pass_over()
    assert len(stored["message"]) + len(stored["meeting"]) == FIRST
    source.add(range(FIRST, FIRST + LATER))
    source.add_broken()
    stored = killing.pass_over()
    assert len(stored["message"]) + len(stored["meeting"]) == FIRST + LATER
    assert len(stored["rejected"]) == 1
