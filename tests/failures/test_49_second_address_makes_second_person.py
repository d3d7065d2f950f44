"""Failure 49: a second address makes a second person. It is proposed, merged on the owner's word, and parted again."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.dump import dump
from tests.keepwarm import Keepwarm
from tests.letters import ME, Note, weekly_exchange, write_maildir

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
WORK, HOME = "ana@acme.example", "ana.brandt@gmail.com"
BOB = "bob@acme.example"


@pytest.fixture
def keepwarm(tmp_path: Path) -> Keepwarm:
    """Ana wrote from work until three months ago, and goes on from home, to the owner's other mailbox."""
    moved = NOW - timedelta(weeks=13)
    write_maildir(tmp_path / "work", weekly_exchange(f"Ana Brandt <{WORK}>", NOW - timedelta(weeks=50), 37))
    home = [*weekly_exchange(f'"Brandt, Ana" <{HOME}>', moved, 13), *weekly_exchange(BOB, moved, 4)]
    # One mail of the owner's to both of her addresses.
    both = Note(at=NOW - timedelta(days=3), to=f"{WORK}, {HOME}", subject="Which of these do you read?")
    write_maildir(tmp_path / "home", [*home, both])
    config = tmp_path / "config.toml"
    accounts = "".join(
        f'[[account]]\nname = "{name}"\nkind = "maildir"\npath = "{name}"\naddress = "{ME}"\n'
        for name in ("work", "home")
    )
    config.write_text(f'[owner]\ntimezone = "UTC"\n[database]\nurl = "sqlite:///{tmp_path / "k.db"}"\n{accounts}')
    made = Keepwarm(config, as_of=NOW.isoformat())
    made.run("sync")
    return made


def by_address(keepwarm: Keepwarm) -> dict[str, dict[str, Any]]:
    return {address: row for row in keepwarm.json("contacts") for address in row["addresses"]}


def judged(keepwarm: Keepwarm) -> dict[str, list[dict[str, Any]]]:
    """Give all that was derived, but not when it was told in the feed, nor what the owner said."""
    tables = dump(f"sqlite:///{keepwarm.config.with_name('k.db')}")
    derived = (
        "contact",
        "address",
        "organisation",
        "signal",
        "evidence",
        "warmth_change",
        "meeting_party",
        "label_word",
    )
    return {name: tables[name] for name in derived}


def told(keepwarm: Keepwarm, since: int) -> list[dict[str, Any]]:
    return [json.loads(line) for line in keepwarm.run("export", "--since", str(since)).out.splitlines()]


def fates(lines: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(line["type"], line["contact"]["id"]) for line in lines if line["type"].startswith("contact.")]


def test_one_person_is_proposed_merged_judged_as_one_and_parted_again(keepwarm: Keepwarm) -> None:
    before, known = judged(keepwarm), by_address(keepwarm)
    lines = len(told(keepwarm, 0))
    assert "gone_quiet" in known[WORK]["open_signals"]
    assert "contacts proposals" in keepwarm.run("contacts").err
    assert keepwarm.run("--quiet", "contacts").err == ""

    [proposal] = keepwarm.json("contacts", "proposals")
    assert (proposal["first"]["addresses"], proposal["second"]["addresses"]) == ([WORK], [HOME])
    assert proposal["accept"] in keepwarm.run("contacts", "proposals").out
    assert proposal["accept"] == f"keepwarm contacts merge {WORK} {HOME}"
    keepwarm.run(*proposal["accept"].split()[1:])
    assert keepwarm.run("contacts").err == ""

    one = by_address(keepwarm)
    assert one[WORK] == one[HOME]
    assert one[WORK]["id"] == known[WORK]["id"]
    assert one[WORK]["warmth"] > max(known[WORK]["warmth"], known[HOME]["warmth"])
    assert (one[WORK]["open_signals"], one[WORK]["organisation"]) == ([], "acme.example")
    assert one[WORK]["last_in"] == known[HOME]["last_in"]
    assert one[BOB] == known[BOB]
    assert keepwarm.json("replay", "--check")["differ"] == []
    [merged] = [line for line in told(keepwarm, lines) if line["type"] == "contact.merged"]
    assert merged["data"] == {"merged": known[HOME]["id"], "into": known[WORK]["id"], "addresses": [HOME]}
    assert merged["contact"]["addresses"] == [HOME, WORK]

    at_home = keepwarm.run("contacts", "split", WORK, HOME)
    assert HOME in at_home.out
    assert judged(keepwarm) == before
    assert by_address(keepwarm) == known
    assert keepwarm.json("contacts", "proposals") == []
    assert fates(told(keepwarm, lines)) == [
        ("contact.merged", known[WORK]["id"]),
        ("contact.added", known[HOME]["id"]),
    ]


def test_a_merge_lasts_through_a_replay_new_mail_and_the_next_sync(keepwarm: Keepwarm, tmp_path: Path) -> None:
    keepwarm.run("contacts", "merge", WORK, HOME)
    merged = judged(keepwarm)
    keepwarm.run("replay")
    assert judged(keepwarm) == merged
    write_maildir(tmp_path / "home", [Note(at=NOW + timedelta(hours=1), author=HOME, subject="Another one")])
    later = keepwarm.at((NOW + timedelta(days=1)).isoformat())
    later.run("sync")
    assert by_address(later)[WORK]["last_in"] == "2026-06-01T13:00:00Z"
    assert {len(row["addresses"]) for row in later.json("contacts")} == {1, 2}


def test_who_was_called_two_is_not_proposed_and_may_be_merged_all_the_same(keepwarm: Keepwarm) -> None:
    keepwarm.run(*keepwarm.json("contacts", "proposals")[0]["refuse"].split()[1:])
    assert keepwarm.json("contacts", "proposals") == []
    assert len(keepwarm.json("contacts")) == 3
    assert keepwarm.json("contacts", "merge", HOME, WORK)["addresses"] == [HOME, WORK]


def test_everybody_stays_on_the_sonar_though_nothing_is_heard_of_them_for_years(keepwarm: Keepwarm) -> None:
    years_later = keepwarm.at("2030-06-01T12:00:00+00:00")
    years_later.run("sync")
    assert {*by_address(years_later)} == {WORK, HOME, BOB}
    for who in (WORK, HOME, BOB):
        assert who in years_later.run("contacts", "show", who).out
