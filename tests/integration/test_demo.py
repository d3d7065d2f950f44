"""The whole path over a believable year: what the practice's script plays is found, and nothing else."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import defaultdict
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.practice.agenda import AUNT, WEBINAR_GUESTS
from tests.practice.demo import MARK

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.practice.world import World

ROOT = Path(__file__).parents[2]


@pytest.fixture(params=(1, 2, 3), ids="seed {}".format)
def world(request: pytest.FixtureRequest, world_of: Callable[[int], World]) -> World:
    return world_of(request.param)


def demo(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.practice.demo", str(folder)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", timeout=120, check=False)


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []

    def handle_data(self, data: str) -> None:
        self.said.append(data)


def _words_of(html: str) -> str:
    reader = _Text()
    reader.feed(html)
    return " ".join(reader.said)


def test_what_the_script_plays_is_found_and_nothing_that_it_calls_innocent(world: World) -> None:
    found: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for one in world.keepwarm.json("signals"):
        for address in one["contact"]["addresses"]:
            found[one["rule"]][address] = f"{one['opened'][:10]} {one['sentence']} {one['facts']}"
    missing = [(rule, who) for rule, people in world.practice.expected.items() for who in people - found[rule].keys()]
    wrong = [
        (rule, who, found[rule][who])
        for rule, people in world.practice.innocent.items()
        for who in people & found[rule].keys()
    ]
    assert (missing, wrong) == ([], [])


def test_people_are_contacts_and_robots_lists_and_newsletters_are_not(world: World) -> None:
    addresses = {address for one in world.keepwarm.json("contacts") for address in one["addresses"]}
    newsletters = {part.address for part in world.practice.cast if part.script == "writes_a_newsletter"}
    assert addresses.isdisjoint(world.practice.robots | newsletters)
    assert {part.address for part in world.practice.cast} - newsletters <= addresses


def test_nobody_becomes_a_contact_by_a_webinar_or_by_a_birthday(world: World) -> None:
    addresses = {address for one in world.keepwarm.json("contacts") for address in one["addresses"]}
    assert addresses.isdisjoint({AUNT.address, *(guest.address for guest in WEBINAR_GUESTS)})


def test_a_series_that_was_split_is_told_as_going_on(world: World) -> None:
    (part,) = [part for part in world.practice.cast if part.script == "changes_a_series"]
    lines = [meeting["line"] for meeting in world.keepwarm.json("contacts", "show", part.address)["meetings"]]
    assert any(line.startswith("weekly series since") and "goes on from" in line for line in lines)
    assert not any("cancelled" in line or "not rebooked" in line for line in lines)


def test_a_replay_gives_what_is_stored(world: World) -> None:
    said = world.keepwarm.json("replay", "--check")
    assert said["differ"] == []
    assert said["contacts"] == len(world.keepwarm.json("contacts"))


def test_a_second_sync_finds_nothing_new_and_judges_nobody(world: World, tmp_path: Path) -> None:
    again = world.copy(tmp_path / "again").keepwarm
    said = again.json("sync")
    assert [(one["messages"], one["meetings"], one["rejected"]) for one in said["accounts"]] == [(0, 0, 0)] * 3
    assert (said["contacts_judged"], said["signals_opened"], said["feed_lines"]) == (0, 0, 0)


def test_postgresql_gives_the_same_to_the_byte(
    world_of: Callable[[int], World], postgresql_url: str, tmp_path: Path
) -> None:
    world = world_of(1)
    other = world.unread(tmp_path / "other")
    settings = other.practice.config.read_text("utf-8")
    assert "sqlite:///keepwarm.db" in settings
    other.practice.config.write_text(settings.replace("sqlite:///keepwarm.db", postgresql_url), "utf-8")
    other.keepwarm.run("sync")
    for arguments in (("contacts", "--json"), ("signals", "--all", "--json"), ("export",), ("report",)):
        assert other.keepwarm.run(*arguments).out == world.keepwarm.run(*arguments).out


def test_the_report_names_or_counts_everybody_of_whom_something_is_to_be_said(world: World, tmp_path: Path) -> None:
    html, text = tmp_path / "report.html", tmp_path / "report.txt"
    world.keepwarm.run("report", "--html", str(html), "--text", str(text))
    names = {part.name for part in world.practice.cast if part.expected}
    for said in (_words_of(html.read_text("utf-8")), text.read_text("utf-8")):
        words = re.sub(r"\s+", " ", said)
        counted = sum(int(number) for number in re.findall(r"and (\d+) more", words))
        unnamed = {name for name in names if name not in words}
        assert len(unnamed) <= counted
        assert len(names) - len(unnamed) >= 12


def test_the_demo_makes_its_folder_anew_and_ends_with_the_report(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    for left in (MARK, "keepwarm.db", "mail/cur/1.M1P1.mx:2,S"):
        (folder / left).parent.mkdir(parents=True, exist_ok=True)
        (folder / left).write_text("of an earlier run")
    done = demo(folder)
    assert done.returncode == 0, done.stderr
    assert str(folder / "report.html") in done.stdout.split()
    assert (folder / "report.html").stat().st_size > 10_000
    assert re.search(r"[1-9]\d people on the sonar, [1-9]\d signals open\.", done.stdout)


def test_the_demo_leaves_a_folder_with_anything_else_in_it_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    done = demo(tmp_path)
    assert done.returncode == 1
    assert "holds something else" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]
