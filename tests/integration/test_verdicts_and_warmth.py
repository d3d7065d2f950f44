"""``keepwarm signals dismiss``, ``snooze``, ``confirm`` and ``undo``, and a warmth explained, on a synced practice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.keepwarm import Keepwarm
    from tests.practice.world import World


@pytest.fixture
def keepwarm(world: World, tmp_path: Path) -> Keepwarm:
    return world.copy(tmp_path / "mine").keepwarm


def _open(keepwarm: Keepwarm, *more: str) -> dict[str, Any]:
    return {one["id"]: one for one in keepwarm.json("signals", *more)}


def test_a_dismissed_signal_leaves_every_list_and_comes_back_by_undo(keepwarm: Keepwarm) -> None:
    before = _open(keepwarm)
    one = next(found for found in before.values() if found["rule"] == "gone_quiet")
    who = one["contact"]["name"]
    said = keepwarm.run("signals", "dismiss", one["id"][:12], "--reason", "She is on a sabbatical.")
    assert one["sentence"] in said.out
    assert f"keepwarm signals undo {one['id'][:12]}" in said.out
    assert _open(keepwarm).keys() == before.keys() - {one["id"]}
    assert one["sentence"] not in " ".join(keepwarm.run("report", "--text", "-").out.split())
    row = next(row for row in keepwarm.json("contacts") if row["name"] == who)
    assert "gone_quiet" not in row["open_signals"]
    everything = _open(keepwarm, "--all")
    assert everything[one["id"]]["verdict"]["verdict"] == "dismissed"
    assert everything[one["id"]]["verdict"]["reason"] == "She is on a sabbatical."
    assert "She is on a sabbatical." in keepwarm.run("why", one["id"]).out
    keepwarm.run("replay")
    assert one["id"] not in _open(keepwarm)
    keepwarm.run("signals", "undo", one["id"])
    assert _open(keepwarm) == before


def test_a_snoozed_signal_is_back_on_its_day(keepwarm: Keepwarm) -> None:
    one = next(iter(_open(keepwarm)))
    keepwarm.run("signals", "snooze", one, "--until", "10d")
    assert one not in _open(keepwarm)
    assert one in _open(keepwarm.at("2026-12-03T00:00:00+01:00"))


def test_a_confirmed_signal_stays_in_the_list(keepwarm: Keepwarm) -> None:
    one = next(iter(_open(keepwarm)))
    told = keepwarm.json("signals", "confirm", one)
    assert told["verdict"]["verdict"] == "confirmed"
    assert one in _open(keepwarm)


@pytest.mark.parametrize(
    ("arguments", "cure"),
    [
        (("dismiss", "sig_nothing"), "`keepwarm signals --all` lists them."),
        (("dismiss", "sig_"), "Give more of the id."),
        (("snooze", "sig_", "--until", "soon"), "Write 2026-12-01, 10d or 3w."),
        (("snooze", "sig_", "--until", "2020-01-01"), "Name a day ahead"),
        (("undo", "sig_nothing"), "`keepwarm signals --all` lists them."),
    ],
)
def test_what_cannot_be_said_is_told_with_its_cure(keepwarm: Keepwarm, arguments: tuple[str, ...], cure: str) -> None:
    assert cure in keepwarm.run("signals", *arguments, status=2).err


def test_the_sentences_on_a_warmth_add_up_to_the_number_in_the_list(world: World) -> None:
    rows = world.keepwarm.json("contacts")
    for row in (rows[0], rows[len(rows) // 2], rows[-1]):
        found = world.keepwarm.json("contacts", "show", row["id"])
        assert len(found["terms"]) <= 5
        assert round(sum(term["points"] for term in found["terms"]), 1) == row["warmth"]
