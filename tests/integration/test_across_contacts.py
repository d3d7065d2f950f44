"""What is seen only across contacts, from a mailbox to the commands: a firm that cools, and clients who wait."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.keepwarm import Keepwarm
from tests.letters import ME, Note, weekly_exchange, write_maildir

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BEGIN = datetime(2026, 1, 6, 9, tzinfo=UTC)  # a Tuesday
ANA, BO, CY = "Ana <ana@firm.test>", "Bo <bo@firm.test>", "Cy <cy@firm.test>"
ALONE, FREE_1, FREE_2 = "Al <al@alone.test>", "Fay <fay@gmail.com>", "Finn <finn@gmail.com>"
WEEK, HOUR = timedelta(weeks=1), timedelta(hours=1)


@pytest.fixture
def keepwarm(tmp_path: Path) -> Keepwarm:
    return made(tmp_path)


def made(folder: Path, labels: str = "") -> Keepwarm:
    folder.mkdir(exist_ok=True)
    config = folder / "config.toml"
    config.write_text(
        f'[owner]\ntimezone = "UTC"\n[database]\nurl = "sqlite:///keepwarm.db"\n'
        f'[[account]]\nname = "mail"\nkind = "maildir"\npath = "mail"\naddress = "{ME}"\n{labels}'
    )
    return Keepwarm(config)


def signals(keepwarm: Keepwarm, rule: str) -> list[dict[str, Any]]:
    return [one for one in keepwarm.json("signals", "--all") if one["rule"] == rule]


def firm() -> list[Note]:
    """Two of three at a firm fall silent within weeks of each other, as do two with free mail, and one who is alone."""
    notes = []
    for who, weeks in ((ANA, 26), (BO, 28), (CY, 50), (ALONE, 26), (FREE_1, 26), (FREE_2, 27)):
        notes += weekly_exchange(who, BEGIN, weeks)
    return notes


def later(notes: list[Note], after: datetime, until: datetime) -> Iterator[Note]:
    return (note for note in notes if after < note.at <= until)


def test_several_people_of_one_firm_cool_at_once(keepwarm: Keepwarm, tmp_path: Path) -> None:
    write_maildir(tmp_path / "mail", firm())
    now = keepwarm.at((BEGIN + 50 * WEEK).isoformat())
    now.run("sync")
    (found,) = signals(now, "going_cold_account")
    assert found["contact"]["name"] == "Bo"
    assert found["sentence"].startswith("firm.test as a whole is cooling: Ana and Bo, the first of them since ")
    assert (found["strength"], found["historical"], found["cleared"]) == ("medium", True, None)
    quiet = [one for one in signals(now, "gone_quiet") if one["contact"]["name"] in {"Ana", "Bo"}]
    begun = {
        one["id"] for one in quiet if one["opened"] not in {other["cleared"] for other in quiet}
    }  # not what got worse
    assert {(one["kind"], one["ref"]) for one in found["evidence"]} == {("signal", one) for one in begun}
    assert "people_cooling_60d = 2" in now.run("why", found["id"]).out
    explained = now.json("rules", "explain", found["rule"], "--contact", "Cy")
    assert explained["speaks"]
    assert [one["id"] for one in explained["findings"]] == [found["id"]]
    assert {"people_cooling_60d": 2} in [one["facts"] for one in explained["when"]]
    assert "belongs to none" in now.run("rules", "explain", found["rule"], "--contact", "Fay", status=2).err
    (row,) = (one for one in now.json("rules", "backtest")["rules"] if one["rule"] == found["rule"])
    assert (row["signals"], row["contacts"], row["silences"]) == (1, 1, None)
    lines = [json.loads(line) for line in now.run("export").out.splitlines()]
    assert [line["id"] for line in lines if line["data"].get("rule") == "going_cold_account"] == [found["id"]]
    assert now.json("replay", "--check")["differ"] == []


def test_a_firm_judged_as_its_mail_comes_in_is_what_a_replay_finds(tmp_path: Path) -> None:
    notes = [*firm(), *weekly_exchange(ANA, BEGIN + 44 * WEEK, 5)]
    keepwarm, at_once = made(tmp_path / "one"), made(tmp_path / "other")
    read = BEGIN - WEEK
    for weeks in (20, 31, 36, 45, 52):
        until = BEGIN + weeks * WEEK
        write_maildir(tmp_path / "one" / "mail", later(notes, read, until))
        read, keepwarm = until, keepwarm.at(until.isoformat())
        keepwarm.run("sync")
        assert keepwarm.json("replay", "--check")["differ"] == []
    write_maildir(tmp_path / "other" / "mail", reversed(notes))
    at_once = at_once.at(read.isoformat())
    at_once.run("sync")
    bare = [
        [{**one, "historical": None} for one in signals(side, "going_cold_account")] for side in (keepwarm, at_once)
    ]
    assert bare[0] == bare[1]
    (found,) = signals(keepwarm, "going_cold_account")
    assert found["cleared"][:10] == f"{BEGIN + 44 * WEEK:%Y-%m-%d}"
    assert found["historical"] is False  # it opened after the first sync
    before = keepwarm.json("signals", "--all")
    keepwarm.run("replay")
    assert keepwarm.json("signals", "--all") == before


def test_a_person_who_leaves_the_contacts_leaves_their_firm(keepwarm: Keepwarm, tmp_path: Path) -> None:
    write_maildir(tmp_path / "mail", firm())
    now = keepwarm.at((BEGIN + 50 * WEEK).isoformat())
    now.run("sync")
    assert len(signals(now, "going_cold_account")) == 1
    text = keepwarm.config.read_text()
    keepwarm.config.write_text(text.replace('timezone = "UTC"', 'timezone = "UTC"\naddresses = ["ana@firm.test"]'))
    now.run("sync")
    assert signals(now, "going_cold_account") == []
    assert now.json("replay", "--check")["differ"] == []
    lines = [json.loads(line) for line in now.run("export").out.splitlines()]
    told = [line["type"] for line in lines if line["data"].get("rule") == "going_cold_account"]
    assert told == ["signal.opened", "signal.cleared"]


def exchange(who: str, weeks: int, each_week: int, wait: timedelta) -> Iterator[Note]:
    for week in range(weeks):
        for number in range(each_week):
            asked = Note(at=BEGIN + week * WEEK + number * HOUR / 4, author=who, subject=f"Question {week}.{number}")
            yield asked
            yield Note(at=asked.at + wait, to=who, subject=f"Re: {asked.subject}", answers=asked.key)


def test_small_clients_who_wait_longer_than_big_ones_are_named(keepwarm: Keepwarm, tmp_path: Path) -> None:
    notes = [
        *exchange("Big <big@big.test>", 30, 8, HOUR),
        *exchange("Grand <grand@grand.test>", 30, 6, 2 * HOUR),
        *exchange("Small <small@small.test>", 30, 1, timedelta(days=2)),
        *exchange("Tiny <tiny@tiny.test>", 30, 1, HOUR),
        *exchange("Rare <rare@rare.test>", 3, 1, timedelta(days=2)),
    ]
    write_maildir(tmp_path / "mail", notes)
    now = keepwarm.at((BEGIN + 30 * WEEK).isoformat())
    now.run("sync")
    (found,) = signals(now, "favouritism")
    assert (found["contact"]["name"], found["strength"]) == ("Small", "strong")
    assert "half of your answers took 2 working days or more, theirs 2 working hours" in found["sentence"]
    assert {one["kind"] for one in found["evidence"]} == {"message"}
    assert {one["what"] for one in found["evidence"]} == {"you answered after 18 working hours"}
    assert now.json("replay", "--check")["differ"] == []
    for name, speaks in (("Small", True), ("Tiny", False)):
        explained = now.json("rules", "explain", "favouritism", "--contact", name)
        assert (explained["speaks"], bool(explained["findings"])) == (speaks, speaks)
        assert {"open_elsewhere": 0 if speaks else 1}.items() <= {
            fact: value for one in explained["when"] for fact, value in one["facts"].items()
        }.items()
    own = tmp_path / "own.toml"
    own.write_text('[[rule]]\nid = "favouritism"\nenabled = false\n')
    tried = now.json("rules", "backtest", "--rules", str(own))
    (lost,) = (one for one in tried["difference"] if one["rule"] == "favouritism")
    assert [one["contact"] for one in lost["signals_only_in_force"]] == ["Small"]
    shares = {one["contact"]["name"]: one for one in now.json("contacts", "attention")["shares"]}
    assert [name for name, one in shares.items() if one["big"]] == ["Big", "Grand"]
    assert (shares["Small"]["reply_hours"], "Rare" in shares) == (18.0, False)
    assert sum(one["share"] for one in shares.values()) == pytest.approx(1, abs=0.001)


def test_an_organisation_is_as_warm_as_the_coldest_of_its_people(keepwarm: Keepwarm, tmp_path: Path) -> None:
    write_maildir(tmp_path / "mail", [*firm(), *weekly_exchange("Di <di@firm.test>", BEGIN, 2)])
    now = keepwarm.at((BEGIN + 50 * WEEK).isoformat())
    now.run("sync")
    people = {one["name"]: one for one in now.json("contacts")}
    found = {one["organisation"]: one for one in now.json("contacts", "organisations")}
    assert found.keys() == {"firm.test", "alone.test"}
    coldest = min((people[name] for name in ("Ana", "Bo", "Cy")), key=lambda one: one["warmth"])
    assert found["firm.test"] == {
        "organisation": "firm.test",
        "warmth": coldest["warmth"],
        "band": coldest["band"],
        "coldest": {"id": coldest["id"], "name": coldest["name"]},
        "people": 4,
        "people_who_count": 3,  # two messages of Di's are too few to judge her
        "open_signals": ["going_cold_account"],
    }
    assert now.json("contacts", "show", "Cy")["organisation"] == found["firm.test"]
    assert "firm.test: warmth" in now.run("contacts", "show", "Cy").out
    assert "going_cold_account" in now.run("contacts", "organisations").out
