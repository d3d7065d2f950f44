"""42: one reminder mail per contact. However many people there are, what is said of them is one report a week."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from email import message_from_string
from typing import TYPE_CHECKING

from keepwarm.outputs.report import render_text
from tests.unit import views_samples as samples

if TYPE_CHECKING:
    from pathlib import Path

    from tests.keepwarm import Keepwarm
    from tests.practice.world import World


def test_two_thousand_people_with_four_signals_each_are_one_report_of_some_pages() -> None:
    text = render_text(samples.crowded_week(2000))
    assert text.count("KEEPWARM") == 1
    assert len(text.splitlines()) < 300
    assert message_from_string(f"Subject: Keepwarm\n\n{text}").get_payload() == text


def _sent(folder: Path) -> int:
    with closing(sqlite3.connect(folder / "keepwarm.db")) as database:
        found = database.execute("SELECT count(*) FROM outbox").fetchone()
    return int(found[0])


def test_reading_and_judging_sixty_people_sends_nothing(world: World, tmp_path: Path) -> None:
    mine = world.copy(tmp_path / "mine")
    keepwarm: Keepwarm = mine.keepwarm
    assert len(keepwarm.json("signals")) > 10
    before = sorted(path for path in mine.practice.folder.rglob("*") if path.is_file())
    keepwarm.run("sync")
    after = sorted(path for path in mine.practice.folder.rglob("*") if path.is_file())
    assert [path for path in after if path not in before and "keepwarm.db" not in path.name] == []
    assert _sent(mine.practice.folder) == 0
