"""What only the owner knows of people: notes, promises, reflections, logged touches, ping intervals."""

from __future__ import annotations

import json
import os
import pty
import subprocess
from shutil import copytree
from typing import TYPE_CHECKING, Any

import pytest

from keepwarm.storage.identity import meeting_id
from tests.integration.test_owners_word import ANA, BOB, ME, event, write
from tests.keepwarm import SECONDS, Keepwarm

if TYPE_CHECKING:
    from pathlib import Path

FRIDAY = "2026-03-20T12:00:00+00:00"
LUNCH = meeting_id("lunch", "")


@pytest.fixture(scope="module")
def synced(tmp_path_factory: pytest.TempPathFactory) -> Keepwarm:
    """Give a practice with Ana and Bob, who have met the owner, alone and together; nothing was said of them yet."""
    folder = tmp_path_factory.mktemp("synced")
    config = folder / "config.toml"
    config.write_text(
        f'[owner]\nname = "Me"\naddresses = ["{ME}"]\ntimezone = "Europe/Berlin"\n'
        f'[database]\nurl = "sqlite:///{folder / "k.db"}"\n'
        '[[account]]\nname = "calendar"\nkind = "ics"\npath = "calendar.ics"\n',
        "utf-8",
    )
    declined = event("away", "20260318", "They were away").replace("ACCEPTED:mailto:me", "DECLINED:mailto:me")
    write(
        folder,
        event("lunch", "20260312", "Lunch with Ana"),
        event("table", "20260316", "Round table", others=f"{ANA} {BOB}"),
        declined,
        event("off", "20260319", "Off", more="STATUS:CANCELLED\r\n"),
        event("next", "20260402", "Coming up"),
    )
    made = Keepwarm(config, as_of=FRIDAY)
    made.run("sync")
    return made


@pytest.fixture
def keepwarm(synced: Keepwarm, tmp_path: Path) -> Keepwarm:
    """Give a copy of that practice."""
    folder = synced.config.parent
    copytree(folder, tmp_path, dirs_exist_ok=True)
    config = tmp_path / "config.toml"
    config.write_text(config.read_text("utf-8").replace(str(folder), str(tmp_path)), "utf-8")
    return Keepwarm(config, as_of=FRIDAY)


def shown(keepwarm: Keepwarm, who: str = ANA) -> dict[str, Any]:
    return keepwarm.json("contacts", "show", who)  # type: ignore[no-any-return]


def consistent(keepwarm: Keepwarm) -> None:
    keepwarm.run("replay", "--check")


def test_a_note_is_kept_shown_corrected_and_taken_back(keepwarm: Keepwarm) -> None:
    [note] = keepwarm.json("note", ANA, "Brother's", "wedding\x1b[2J", "--on", "2026-06-01")
    assert (note["text"], note["on"], note["address"]) == ("Brother's wedding\x1b[2J", "2026-06-01", ANA)
    assert shown(keepwarm)["notes"] == keepwarm.json("note", "--list") == keepwarm.json("note", "--list", ANA) == [note]
    assert keepwarm.json("note", "--list", BOB) == []
    out = keepwarm.run("contacts", "show", ANA).out + keepwarm.run("note", "--list").out
    assert "2026-03-20 for 2026-06-01: Brother's wedding" in out
    assert "\x1b" not in out
    [edited] = keepwarm.json("note", "--edit", str(note["id"]), "Sister's wedding", "--on", "none")
    assert edited == {**note, "text": "Sister's wedding", "on": None}
    consistent(keepwarm)
    keepwarm.run("note", "--remove", str(note["id"]))
    assert (shown(keepwarm)["notes"], keepwarm.json("note", "--list")) == ([], [])


def test_nobody_is_asked_about_a_meeting_on_which_they_have_reflected(keepwarm: Keepwarm) -> None:
    with keepwarm.config.open("a", encoding="utf-8") as config:
        config.write(f'[[label]]\nlabel = "client"\nmatch = ["{ANA}"]\n')
    write(keepwarm.config.parent, event("lunch", "20260312", "Lunch with Ana"), event("walk", "20260319", "A walk"))
    keepwarm.run("sync")
    keepwarm.run("reflect", LUNCH, "--mood", "4")
    assert "reflect" in {one["rule"] for one in keepwarm.json("signals")}
    keepwarm.run("reflect", meeting_id("walk", ""), "--mood", "4")
    assert "reflect" not in {one["rule"] for one in keepwarm.json("signals")}
    consistent(keepwarm)


def test_a_promise_is_kept_on_a_day_and_opened_again(keepwarm: Keepwarm) -> None:
    [promise] = keepwarm.json("promise", ANA, "Send the offer", "--due", "fri")
    assert (promise["due"], promise["by"], promise["kept_at"]) == ("2026-03-20", "owner", None)
    number = str(promise["id"])
    later = keepwarm.at("2026-03-25T12:00:00+00:00")
    [kept] = later.json("promise", "--kept", number, "--on", "tuesday")
    assert kept == {**promise, "kept_at": "2026-03-24T11:00:00Z"}
    assert shown(later)["promises"] == [kept]
    assert shown(keepwarm)["promises"] == [promise]
    consistent(later)
    assert "Kept, on Wed 2026-03-25" in later.run("promise", "--kept", number).out
    assert later.json("promise", "--open", number) == [promise]
    [theirs] = later.json("promise", "--edit", number, "Pay", "--by", "them", "--due", "2026-04-01")
    assert (theirs["by"], theirs["due"], theirs["text"]) == ("them", "2026-04-01", "Pay")
    later.run("promise", "--remove", number)
    assert later.json("promise", "--list") == []


def test_a_promise_that_is_past_due_is_taken_and_that_is_said(keepwarm: Keepwarm) -> None:
    assert "That day has passed" in keepwarm.run("promise", ANA, "Call back", "--due", "yesterday").out
    assert "That day has passed" not in keepwarm.run("promise", ANA, "Call back", "--due", "today").out


def test_a_logged_call_warms_and_taking_it_back_leaves_nothing(keepwarm: Keepwarm) -> None:
    before = shown(keepwarm)
    [call] = keepwarm.json("log", ANA, "call", "--on", "thursday", "--text", "The house")
    after = shown(keepwarm)
    assert call["at"] == "2026-03-19T11:00:00Z"
    assert after["contact"]["warmth"] > before["contact"]["warmth"]
    assert "You had a call." in [step["sentence"] for step in after["warmth"]]
    assert after["touches"] == [call]
    assert "you had a call: The house" in keepwarm.run("contacts", "show", ANA).out
    consistent(keepwarm)
    [gift] = keepwarm.json("log", "--edit", str(call["id"]), "gift", "--on", "today", "--text", "")
    assert (gift["kind"], gift["at"], gift["text"]) == ("gift", "2026-03-20T12:00:00Z", "")
    assert "You had a call." not in [step["sentence"] for step in shown(keepwarm)["warmth"]]
    keepwarm.run("log", "--remove", str(call["id"]))
    assert shown(keepwarm) == before


def test_an_own_ping_interval_stands_until_it_is_taken_back(keepwarm: Keepwarm) -> None:
    def interval(who: str) -> int | None:
        [found] = [row for row in keepwarm.json("contacts") if who in row["addresses"]]
        return found["ping_interval_days"]  # type: ignore[no-any-return]

    learnt = interval(ANA)
    [ping] = keepwarm.json("ping", ANA, "30")
    assert (interval(ANA), interval(BOB)) == (30, None)
    [again] = keepwarm.json("ping", ANA, "45")
    assert keepwarm.json("ping", "--list") == [again]
    keepwarm.run("replay")
    assert interval(ANA) == 45
    assert keepwarm.json("ping", "--edit", str(again["id"]), "3650")[0]["days"] == interval(ANA) == 3650
    keepwarm.run("ping", "--remove", str(again["id"]))
    assert (interval(ANA), ping["days"]) == (learnt, 30)


def test_the_last_meeting_that_waits_is_reflected_on_of_each_contact(keepwarm: Keepwarm) -> None:
    both = keepwarm.json("reflect", "--needs", "yes", "--help-given", "no", "--mood", "4")
    assert {(one["title"], one["address"], one["mood"]) for one in both} == {
        ("Round table", ANA, 4),
        ("Round table", BOB, 4),
    }
    [lunch] = keepwarm.json("reflect", "--mood", "2", "--text", "Tired")
    assert (lunch["meeting"], lunch["needs_answered"], lunch["mood"], lunch["text"]) == (LUNCH, None, 2, "Tired")
    assert "waits for your thoughts" in keepwarm.run("reflect", "--mood", "3", status=2).err
    assert "--edit" in keepwarm.run("reflect", "lunch with ana", "--mood", "3", status=2).err
    [edited] = keepwarm.json("reflect", "--edit", str(lunch["id"]), "--mood", "5", "--needs", "no")
    assert edited == {**lunch, "mood": 5, "needs_answered": False}
    assert shown(keepwarm)["reflections"][-1] in (edited, *both)
    assert "Lunch with Ana: needs no; mood 5; Tired" in keepwarm.run("contacts", "show", ANA).out
    consistent(keepwarm)
    keepwarm.run("reflect", "--remove", str(lunch["id"]))
    assert keepwarm.json("reflect", LUNCH, "--mood", "1")[0]["title"] == "Lunch with Ana"


def test_a_reflection_may_be_of_one_of_them(keepwarm: Keepwarm) -> None:
    [one] = keepwarm.json("reflect", "round table", "--who", BOB, "--mood", "4")
    assert one["address"] == BOB
    [other] = keepwarm.json("reflect", "--mood", "4")
    assert (other["title"], other["address"]) == ("Round table", ANA)


def test_what_no_option_says_is_asked_for_on_a_terminal(keepwarm: Keepwarm) -> None:
    ours, theirs = pty.openpty()
    os.write(ours, b"yes\n\n7\n4\nGood talk\n")
    done = subprocess.run(
        keepwarm.command("reflect", LUNCH, "--json"), stdin=theirs, capture_output=True, timeout=SECONDS, check=True
    )
    os.close(ours)
    os.close(theirs)
    [kept] = json.loads(done.stdout)
    assert (kept["needs_answered"], kept["help_answered"], kept["mood"], kept["text"]) == (True, None, 4, "Good talk")
    assert b"What did they need from me, was it answered?" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("note",), "--list"),
        (("note", ANA), "the text"),
        (("note", ANA, " "), "no text"),
        (("note", ANA, "x" * 2001), "2,000"),
        (("note", "nobody@x.example", "x"), "Nobody is known"),
        (("note", ANA, "x", "--on", "someday"), "2026-12-01"),
        (("note", "--edit", "9", "x"), "There is no 9"),
        (("note", "--remove", "9"), "note --list"),
        (("note", "--edit", "9"), "otherwise"),
        (("note", "--list", "--remove", "9"), "Give one of"),
        (("promise", ANA, "x"), "--due"),
        (("promise", ANA, "x", "--due", "0001-01-01"), "between the years"),
        (("promise", ANA, "x", "--due", "fri", "--on", "fri"), "--kept"),
        (("promise", "--kept", "9"), "There is no 9"),
        (("promise", "--kept", "9", "--open", "9"), "Give one of"),
        (("promise", "--kept", "9", "text"), "--edit"),
        (("log", ANA, "séance"), "lunch, coffee, drinks"),
        (("log", ANA), "KIND"),
        (("log", ANA, "call", "--on", "tomorrow"), "has not been yet"),
        (("ping", ANA, "0"), "from 1 to 3,650"),
        (("ping", ANA, "3651"), "from 1 to 3,650"),
        (("ping", ANA, "often"), "from 1 to 3,650"),
        (("reflect",), "--mood"),
        (("reflect", "coming up", "--mood", "3"), "has not ended"),
        (("reflect", "off", "--mood", "3"), "cancelled"),
        (("reflect", "they were away", "--mood", "3"), "you were not there"),
        (("reflect", LUNCH, "--who", BOB, "--mood", "3"), "was not in"),
        (("reflect", "--mood", "6"), "1<=x<=5"),
        (("reflect", "--edit", "9", "--mood", "3"), "There is no 9"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_the_cure(synced: Keepwarm, arguments: tuple[str, ...], why: str) -> None:
    assert why in synced.run(*arguments, status=2).err
    assert synced.json(arguments[0], "--list") == []


def test_the_owners_words_stay_where_subjects_may_not(keepwarm: Keepwarm) -> None:
    keepwarm.run("note", ANA, "Runs on Sundays")
    keepwarm.run("log", ANA, "walk", "--text", "By the lake")
    with keepwarm.config.open("a", encoding="utf-8") as config:
        config.write('[privacy]\nsubjects = "none"\n')
    keepwarm.run("sync")
    found = shown(keepwarm)
    assert ([note["text"] for note in found["notes"]], [touch["text"] for touch in found["touches"]]) == (
        ["Runs on Sundays"],
        ["By the lake"],
    )


def test_evidence_by_the_owners_word_is_told_by_why_and_in_the_feed(keepwarm: Keepwarm, tmp_path: Path) -> None:
    rules = tmp_path / "own.toml"
    rules.write_text(
        '[[rule]]\nid = "lately"\nfamily = "care"\nwhen = [\'heard_days_30d >= 3\']\nsentence = "{name} is around."\n'
        'advice = "Nothing."\n',
        "utf-8",
    )
    with keepwarm.config.open("a", encoding="utf-8") as config:
        config.write(f"[rules]\nfiles = [{json.dumps(str(rules))}]\n")
    keepwarm.run("log", ANA, "call", "--text", "The house")
    [signal] = [one for one in keepwarm.json("signals") if one["rule"] == "lately"]
    assert [(one["kind"], one["what"]) for one in signal["evidence"]] == [("touch", "you had a call: “The house”")]
    assert "you had a call: “The house”" in keepwarm.run("why", signal["id"]).out
    assert '"kind": "touch"' in keepwarm.run("export").out
    assert "you had a call" in keepwarm.run("report").out
