"""``keepwarm contacts merge``, ``split``, ``label``: the owner's word on people, its list, and how it is taken back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from tests.keepwarm import Keepwarm
from tests.letters import ME, Note, weekly_exchange, write_maildir

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
ANA, HOME, BOB, ROBOT, LURKER = (
    "ana@acme.example",
    "ana@gmail.com",
    "bob@acme.example",
    "desk@acme.example",
    "l@x.example",
)


@pytest.fixture
def keepwarm(tmp_path: Path) -> Keepwarm:
    """Ana at work and at home, Bob, a machine, and somebody who has only written."""
    people = (f"Ana Acme <{ANA}>", HOME, f"Bob Acme <{BOB}>")
    notes = [Note(at=NOW - timedelta(days=day), to=who) for day, who in enumerate(people, start=1)]
    machine = Note(at=NOW - timedelta(days=9), author=ROBOT, subject="Ticket\nAuto-Submitted: auto-generated")
    write_maildir(tmp_path / "mail", [*notes, machine, Note(at=NOW - timedelta(days=8), author=LURKER)])
    config = tmp_path / "config.toml"
    config.write_text(
        f'[owner]\ntimezone = "UTC"\n[database]\nurl = "sqlite:///{tmp_path / "k.db"}"\n'
        f'[[account]]\nname = "mail"\nkind = "maildir"\npath = "mail"\naddress = "{ME}"\n'
        f'[[label]]\nlabel = "client"\nmatch = ["*@acme.example"]\n'
    )
    made = Keepwarm(config, as_of=NOW.isoformat())
    made.run("sync")
    return made


def test_what_was_said_of_people_is_listed_and_taken_back(keepwarm: Keepwarm) -> None:
    assert HOME in keepwarm.run("contacts", "merge", "ana acme", HOME).out
    assert keepwarm.json("contacts", "merge", "Ana Acme", LURKER)["addresses"] == [ANA, HOME, LURKER]
    words = keepwarm.json("contacts", "merge", "--list")
    assert [(word["first"], word["second"], word["same"]) for word in words] == [(ANA, LURKER, True), (ANA, HOME, True)]
    keepwarm.run("contacts", "merge", "--remove", str(words[1]["id"]))
    assert [row["addresses"] for row in keepwarm.json("contacts", "split", ANA, LURKER)] == [[ANA]]
    assert {tuple(row["addresses"]) for row in keepwarm.json("contacts")} == {(ANA,), (HOME,), (BOB,)}


def test_who_cannot_be_merged_or_parted_is_refused_with_the_cure(keepwarm: Keepwarm) -> None:
    for arguments, why in (
        (("merge", ANA, ME), "your own address"),
        (("merge", ROBOT, ANA), "only machines"),
        (("merge", ANA, "nobody@at.all"), "Nobody is known as 'nobody@at.all'"),
        (("merge", ANA, ANA), "one contact already"),
        (("merge", "acme", HOME), "may be any of 2 people"),
        (("merge", ANA), "Give A and B"),
        (("merge", "--remove", "99"), "--list"),
        (("split", ANA, ANA), "Nothing would be left of Ana Acme"),
        (("split", ANA, LURKER), "Nobody is known"),
    ):
        assert why in keepwarm.run("contacts", *arguments, status=2).err
    assert keepwarm.json("contacts", "merge", "--list") == []


def test_labels_are_given_taken_away_listed_and_taken_back(keepwarm: Keepwarm) -> None:
    assert keepwarm.json("contacts", "label", "Bob Acme", "prospect", "--remove-label", "client")["labels"] == [
        "prospect"
    ]
    assert keepwarm.run("contacts", "label", HOME, "client").out == f"{HOME}: client.\n"
    assert [row["addresses"] for row in keepwarm.json("contacts", "--label", "prospect")] == [[BOB]]
    assert [row["addresses"] for row in keepwarm.json("contacts", "list", "--label", "client", "--band", "close")] == []
    words = keepwarm.json("contacts", "label", "--list")
    said = [(word["address"], word["label"], word["given"]) for word in words]
    assert said == [(HOME, "client", True), (BOB, "client", False), (BOB, "prospect", True)]
    keepwarm.run("contacts", "label", "--remove", str(words[1]["id"]))
    assert keepwarm.json("contacts", "show", BOB)["contact"]["labels"] == ["client", "prospect"]
    assert "has no label 'vip'" in keepwarm.run("contacts", "label", BOB, "--remove-label", "vip", status=2).err
    assert "is no label" in keepwarm.run("contacts", "label", BOB, "Very Important", status=2).err
    assert "--list" in keepwarm.run("contacts", "label", BOB, status=2).err


def test_a_dismissed_signal_stays_dismissed_when_its_person_is_merged_and_when_parted_again(
    keepwarm: Keepwarm, tmp_path: Path
) -> None:
    write_maildir(tmp_path / "mail", weekly_exchange(HOME, NOW - timedelta(weeks=50), 26))
    later = keepwarm.at((NOW + timedelta(days=1)).isoformat())
    later.run("sync")

    def quiet() -> dict[str, str]:
        found = [one for one in later.json("signals", "--all", "--contact", HOME) if one["rule"] == "gone_quiet"]
        return {one["id"]: one["verdict"]["verdict"] if "verdict" in one else "" for one in found}

    apart = quiet()
    for one in apart:
        later.run("signals", "dismiss", one, "--reason", "She has left.")
    assert set(quiet().values()) == {"dismissed"}
    later.run("contacts", "merge", ANA, HOME)
    merged = quiet()
    assert merged
    assert not merged.keys() & apart.keys()
    assert set(merged.values()) == {"dismissed"}
    later.run("contacts", "split", ANA, HOME)
    assert quiet() == dict.fromkeys(apart, "dismissed")
