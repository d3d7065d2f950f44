"""The practice as a whole: it is played, written down, and comes with the script, to judge findings by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.practice.agenda import add_private_entries, kept, write_agenda
from tests.practice.conversation import Pair
from tests.practice.mailbox import write_mailboxes
from tests.practice.people import CAST, CLASSMATES
from tests.practice.reunion import plan_reunions
from tests.practice.robots import ROBOTS, run_robots
from tests.practice.scripts import RULES, SCRIPTS
from tests.practice.settings import write_settings
from tests.practice.stage import Stage

if TYPE_CHECKING:
    from datetime import date, datetime
    from pathlib import Path

    from tests.practice.people import Persona


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What one person plays."""

    name: str
    address: str
    addresses: frozenset[str]  # all of them
    script: str
    expected: frozenset[str]  # rules
    innocent: frozenset[str]  # rules
    since: date | None  # when the behaviour began


@dataclass(frozen=True, slots=True, kw_only=True)
class Practice:
    """A practice on disk, and its script."""

    folder: Path
    seed: int
    end: date
    as_of: datetime  # midnight in Berlin at the beginning of ``end``: everything happened before it
    cast: tuple[Part, ...]
    robots: frozenset[str]  # addresses that are nobody's
    messages: int  # each counted once
    meetings: int  # events in the calendar file

    @property
    def config(self) -> Path:
        """Give the path of the configuration file."""
        return self.folder / "config.toml"

    @property
    def expected(self) -> dict[str, set[str]]:
        """Give, by rule, the addresses whose signal must be open at the end."""
        return {rule: {part.address for part in self.cast if rule in part.expected} for rule in sorted(RULES)}

    @property
    def innocent(self) -> dict[str, set[str]]:
        """Give, by rule, the addresses whose signal must not be."""
        return {rule: {part.address for part in self.cast if rule in part.innocent} for rule in sorted(RULES)}


def write_practice(folder: Path, *, seed: int, end: date, weeks: int = 56) -> Practice:
    """Write mail/, archive.mbox, calendar.ics and config.toml into ``folder``, which must not hold them yet.

    The same seed and end give the same bytes. The scripts need a year: ``weeks`` below 52 are refused with
    ValueError; a folder that holds mail/ already, with FileExistsError.
    """
    if weeks < 52:
        raise ValueError(f"the scripts need at least 52 weeks, not {weeks}")
    stage = play(seed=seed, end=end, weeks=weeks)
    folder.mkdir(parents=True, exist_ok=True)
    write_mailboxes(stage, folder / "mail", folder / "archive.mbox")
    write_agenda(stage, folder / "calendar.ics")
    write_settings(folder)
    return Practice(
        folder=folder,
        seed=seed,
        end=end,
        as_of=stage.now,
        cast=(*(_part(stage, who) for who in CAST), *_classmates()),
        robots=frozenset(robot.address for robot in ROBOTS),
        messages=len(stage.letters),
        meetings=len(kept(stage)),
    )


def play(*, seed: int, end: date, weeks: int = 56) -> Stage:
    """Play the whole year; the letters are in the order of their time."""
    stage = Stage(seed, end, weeks)
    for who in CAST:
        SCRIPTS[who.script].play(Pair(stage, who))
    plan_reunions(stage)
    add_private_entries(stage)
    run_robots(stage)
    stage.letters.sort(key=lambda letter: (letter.at, letter.message_id))
    return stage


def _part(stage: Stage, who: Persona) -> Part:
    script = SCRIPTS[who.script]
    return Part(
        name=who.name,
        address=who.address,
        addresses=who.addresses,
        script=who.script,
        expected=script.expected,
        innocent=script.innocent,
        since=None if script.since is None else stage.day(script.since),
    )


def _classmates() -> list[Part]:
    return [
        Part(
            name=who.name,
            address=who.address,
            addresses=frozenset({who.address}),
            script="reunion",
            expected=frozenset(),
            innocent=RULES,
            since=None,
        )
        for who in CLASSMATES
    ]
