"""Every command against its contract, as a child process: what is printed where, and the exit status."""

from __future__ import annotations

import json
import re
import sqlite3
import time
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from tests.keepwarm import Keepwarm
from tests.letters import ME, weekly_exchange, write_maildir

if TYPE_CHECKING:
    from pathlib import Path

    from tests.practice.world import World

CONTACT = {"id", "name", "addresses", "organisation", "labels"}
SONAR_ROW = CONTACT | {
    *("warmth", "band", "trend", "last_in", "last_out", "next_meeting", "ping_interval_days", "open_signals")
}
SIGNAL = {*("id", "rule", "contact", "strength", "opened", "cleared", "historical", "sentence", "facts", "evidence")}
EVIDENCE = {"kind", "ref", "time", "what"}
BANDS = {"cold", "cool", "happy_medium", "close"}
PAST = "2026-09-16T08:00:00+00:00"
HOSTILE = "\x1b]0;pwned\x07\x1b[31mEve\u202e\u2066<b>=cmd|' /C calc'!A0"


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory, world: World) -> World:
    """The practice's mail alone, synced once at the end: a calendar on disk shows only its newest state."""
    made = _without_calendar(world, tmp_path_factory.mktemp("whole") / "world")
    made.keepwarm.run("sync")
    return made


@pytest.fixture(scope="session")
def then(tmp_path_factory: pytest.TempPathFactory, world: World) -> World:
    """The same as it was at an earlier time, and synced at that time; what came later lies in ``later/``."""
    made = _without_calendar(world, tmp_path_factory.mktemp("then") / "world")
    folder, moment = made.practice.folder, datetime.fromisoformat(PAST).timestamp()
    for file in [path for path in (folder / "mail").rglob("*,S*") if path.stat().st_mtime >= moment]:
        target = folder / "later" / file.relative_to(folder / "mail")
        target.parent.mkdir(parents=True, exist_ok=True)
        file.rename(target)
    made.keepwarm.at(PAST).run("sync")
    return made


def _without_calendar(world: World, folder: Path) -> World:
    made = world.unread(folder)
    calendar = '[[account]]\nname = "calendar"\nkind = "ics"\npath = "calendar.ics"\n'
    text = made.practice.config.read_text("utf-8")
    assert calendar in text
    made.practice.config.write_text(text.replace(calendar, ""), "utf-8")
    return made


@pytest.fixture
def hostile(tmp_path: Path) -> Keepwarm:
    """A small world with somebody in it whose name is meant to do harm."""
    since = datetime(2026, 3, 2, 9, tzinfo=UTC)
    eve = weekly_exchange(f'"{HOSTILE}" <eve@hostile.test>', since, weeks=20)
    write_maildir(tmp_path / "mail", eve)
    config = tmp_path / "config.toml"
    config.write_text(
        f'[owner]\ntimezone = "UTC"\n[database]\nurl = "sqlite:///k.db"\n'
        f'[[account]]\nname = "mail"\nkind = "maildir"\npath = "mail"\naddress = "{ME}"\n'
    )
    command = Keepwarm(config, "2026-11-20T12:00:00+00:00")
    command.run("sync")
    return command


def _moment(text: str) -> datetime:
    assert text.endswith("Z")
    return datetime.fromisoformat(text)


# The sonar and the signals.


def test_contacts_as_json_are_as_the_contract_says(world: World) -> None:
    rows = world.keepwarm.json("contacts")
    assert rows == world.keepwarm.json("contacts", "list")
    assert all(set(row) == SONAR_ROW for row in rows)
    assert [row["warmth"] for row in rows] == sorted((row["warmth"] for row in rows), reverse=True)
    assert all(0 <= row["warmth"] <= 100 and row["band"] in BANDS for row in rows)
    ana = next(row for row in rows if row["name"] == "Ana Kovač")
    assert (ana["organisation"], ana["labels"]) == ("nordwind.example", ["client"])
    assert _moment(ana["last_in"]) < world.practice.as_of < _moment(ana["next_meeting"])


def test_signals_as_json_are_as_the_contract_says(world: World) -> None:
    rows = world.keepwarm.json("signals")
    opened = [row["opened"] for row in rows]
    assert opened == sorted(opened, reverse=True)
    for row in rows:
        assert (set(row), set(row["contact"]), row["cleared"]) == (SIGNAL, CONTACT, None)
        assert row["strength"] in {"weak", "medium", "strong"}
        assert all(set(item) == EVIDENCE for item in row["evidence"])
        assert row["evidence"], f"{row['rule']} rests on nothing"
        assert all(_moment(item["time"]) <= _moment(row["opened"]) for item in row["evidence"])
        assert "{" not in row["sentence"]


def test_all_signals_include_the_cleared_ones_and_contact_narrows_them(world: World) -> None:
    rows = world.keepwarm.json("signals", "--all")
    cleared = [row for row in rows if row["cleared"]]
    assert cleared
    assert all(_moment(row["opened"]) <= _moment(row["cleared"]) <= world.practice.as_of for row in cleared)
    olivia = world.keepwarm.json("signals", "--contact", "olivia.grant@mondial-foods.example")
    assert {row["rule"] for row in olivia} == {"put_off"}
    assert all(row in rows for row in olivia)


def test_the_sonar_and_the_signals_agree(world: World) -> None:
    by_contact: dict[str, list[str]] = {}
    for row in world.keepwarm.json("signals"):
        by_contact.setdefault(row["contact"]["id"], []).append(row["rule"])
    rows = world.keepwarm.json("contacts")
    assert {row["id"]: row["open_signals"] for row in rows if row["open_signals"]} == {
        one: sorted(rules) for one, rules in by_contact.items()
    }


def test_as_of_shows_what_a_run_showed_then(whole: World, then: World) -> None:
    now, before = whole.keepwarm.at(PAST), then.keepwarm.at(PAST)
    learnt = {"ping_interval_days"}  # the newest evaluation's
    rows = [[_without(row, learnt) for row in command.json("contacts")] for command in (now, before)]
    assert rows[0] == rows[1]
    assert all(_moment(row["last_in"]) <= datetime.fromisoformat(PAST) for row in rows[0] if row["last_in"])
    assert now.json("signals") == before.json("signals")
    assert now.json("signals") != whole.keepwarm.json("signals")


def test_a_database_that_saw_mail_come_equals_one_that_read_it_all_at_once(
    whole: World, then: World, tmp_path: Path
) -> None:
    went_on = then.copy(tmp_path / "on")
    later = went_on.practice.folder / "later"
    for file in [path for path in later.rglob("*") if path.is_file()]:
        file.rename(went_on.practice.folder / "mail" / file.relative_to(later))
    went_on.keepwarm.run("sync")
    assert went_on.keepwarm.json("contacts") == whole.keepwarm.json("contacts")
    rows, others = ({row["id"]: row for row in one.keepwarm.json("signals", "--all")} for one in (went_on, whole))
    assert rows.keys() == others.keys()
    news = {one for one, row in rows.items() if not row["historical"]}
    assert news
    assert all(rows[one]["opened"] > PAST[:10] for one in news)
    assert all(row["historical"] for row in others.values())
    assert [_without(row, {"historical"}) for row in rows.values()] == [
        _without(row, {"historical"}) for row in others.values()
    ]


def _without(row: dict[str, Any], keys: set[str]) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key not in keys}


def test_a_sync_as_of_the_past_takes_nothing_back(world: World, tmp_path: Path) -> None:
    copied = world.copy(tmp_path / "copy").keepwarm
    before = copied.json("signals"), copied.run("export").out
    assert copied.at(PAST).json("sync")["feed_lines"] == 0
    assert (copied.json("signals"), copied.run("export").out) == before


# One contact, one signal.


@pytest.mark.parametrize("who", ["pavel.novotny@linden-verlag.example", "Pavel Novotný", "NOVOTNÝ", "id"])
def test_one_contact_is_found_by_address_name_part_of_it_or_id(world: World, who: str) -> None:
    if who == "id":
        rows = world.keepwarm.json("contacts")
        who = next(row["id"] for row in rows if row["name"] == "Pavel Novotný")
    found = world.keepwarm.json("contacts", "show", who)
    assert found["contact"]["name"] == "Pavel Novotný"
    assert {row["rule"] for row in found["signals"]} == {"put_off"}
    assert found["warmth"][-1]["after"] == pytest.approx(found["contact"]["warmth"])
    assert found["facts"]["moved_by_them_60d"] == 3
    assert any(step["by"] == "them" for meeting in found["meetings"] for step in meeting["story"])


def test_a_name_that_several_have_is_asked_back_with_their_addresses(world: World) -> None:
    said = world.keepwarm.run("contacts", "show", "Baumann", status=2).err
    assert "eva@baumann-soehne.example" in said
    assert "f.baumann@baumann-soehne.example" in said
    assert "Nobody is known as 'Nobody at all'" in world.keepwarm.run("contacts", "show", "Nobody at all", status=2).err


def test_one_contact_as_of_the_past_knows_nothing_later(world: World) -> None:
    said = json.dumps(world.keepwarm.at(PAST).json("contacts", "show", "Pavel Novotný")["warmth"])
    assert max(re.findall(r"\d{4}-\d\d-\d\dT[\d:.]+Z", said)) <= PAST.replace("+00:00", "Z")


def test_why_takes_a_short_id_and_shows_each_condition_with_its_values(world: World) -> None:
    row = next(row for row in world.keepwarm.json("signals") if row["rule"] == "put_off")
    said = world.keepwarm.run("why", row["id"][:12]).out
    assert row["sentence"] in said
    assert f"moved_by_them_60d = {row['facts']['moved_by_them_60d']}" in said
    assert all(item["what"] in said for item in row["evidence"])
    whole = world.keepwarm.json("why", row["id"])
    assert {key: whole[key] for key in SIGNAL} == row


def test_why_as_of_the_past_does_not_know_the_end(world: World) -> None:
    later = next(
        row for row in world.keepwarm.json("signals", "--all") if row["opened"] < PAST < (row["cleared"] or "")
    )
    assert world.keepwarm.json("why", later["id"])["cleared"] == later["cleared"]
    assert world.keepwarm.at(PAST).json("why", later["id"])["cleared"] is None


def test_why_refuses_an_id_that_is_none_or_several(world: World) -> None:
    assert "signals begin with" in world.keepwarm.run("why", "sig_", status=2).err
    assert "There is no signal" in world.keepwarm.run("why", "sig_nothing", status=2).err


# The feed.


def test_every_line_of_the_feed_is_valid_and_in_order(world: World) -> None:
    schema = json.loads(world.keepwarm.run("export", "--schema").out)
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema, format_checker=FormatChecker())
    lines = [json.loads(line) for line in world.keepwarm.run("export").out.splitlines()]
    assert [line["seq"] for line in lines] == list(range(1, len(lines) + 1))
    assert len({line["id"] for line in lines}) == len(lines)
    assert {line["type"] for line in lines} >= {
        *("signal.opened", "signal.cleared", "warmth.changed", "contact.added", "meeting.changed")
    }
    faults = [error.message for line in lines for error in validator.iter_errors(line)]
    assert faults == []
    assert max(line["time"] for line in lines) <= f"{world.practice.as_of:%Y-%m-%dT%H:%M:%SZ}"


def test_the_feed_tells_the_open_signals(world: World) -> None:
    lines = [json.loads(line) for line in world.keepwarm.run("export").out.splitlines()]
    told = {line["id"]: line["data"] for line in lines if line["type"] == "signal.opened"}
    over = {line["data"]["signal"] for line in lines if line["type"] == "signal.cleared"}
    rows = world.keepwarm.json("signals")
    assert told.keys() - over == {row["id"] for row in rows}
    for row in rows:
        assert told[row["id"]]["sentence"] == row["sentence"]


def test_since_gives_what_comes_after_and_out_writes_the_same(world: World, tmp_path: Path) -> None:
    lines = world.keepwarm.run("export").out.splitlines()
    assert world.keepwarm.run("export", "--since", str(len(lines) - 3)).out.splitlines() == lines[-3:]
    assert world.keepwarm.run("export", "--since", str(len(lines))).out == ""
    world.keepwarm.run("export", "--out", str(tmp_path / "feed"))
    assert (tmp_path / "feed" / "feed.jsonl").read_text("utf-8").splitlines() == lines


# The report.


def test_the_report_of_a_week_is_of_that_week(world: World, tmp_path: Path) -> None:
    said = world.keepwarm.run("report", "--week", "2026-W40").out
    assert "Week 40: 28 September to 4 October 2026" in said
    html = tmp_path / "report.html"
    assert world.keepwarm.run("report", "--week", "2026-W40", "--html", str(html)).out.strip() == str(html)
    assert "Week 40" in html.read_text("utf-8")
    assert "Umut Şahin is back" not in said  # in November
    assert "has not begun" in world.keepwarm.run("report", "--week", "2026-W50", status=2).err
    assert "2026-W99" in world.keepwarm.run("report", "--week", "2026-W99", status=2).err


# Rules, replay, status, doctor.


def test_the_rules_in_force_are_listed(world: World) -> None:
    rules = {row["id"]: row for row in world.keepwarm.json("rules", "list")}
    assert set(world.practice.expected) <= rules.keys()
    assert any("moved_by_them_60d >= param.moves" in condition for condition in rules["put_off"]["when"])
    facts = {row["name"] for row in world.keepwarm.json("rules", "facts")}
    assert "moved_by_them_60d" in facts


def test_a_rule_file_is_checked_and_every_mistake_told_with_its_place(world: World, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.toml", tmp_path / "bad.toml"
    rule = (
        '[[rule]]\nid = "mine"\nfamily = "care"\nwhen = ["{when}"]\nsentence = "{{name}} waits."\nadvice = "Write."\n'
    )
    good.write_text(rule.format(when="messages_in > 100"))
    bad.write_text(rule.format(when="mesages_in > 100"))
    assert "1 rule, all valid" in world.keepwarm.run("rules", "check", str(good)).out
    said = world.keepwarm.run("rules", "check", str(bad), status=2).err
    assert "bad.toml" in said
    assert "mesages_in" in said


def test_a_rebuilt_ledger_is_the_same_and_a_damaged_one_is_noticed(world: World, tmp_path: Path) -> None:
    copied = world.copy(tmp_path / "copy")
    keepwarm, before = copied.keepwarm, copied.keepwarm.run("export").out
    with closing(sqlite3.connect(copied.database)) as database, database:
        (damaged,) = database.execute("SELECT contact_id FROM warmth_change LIMIT 1").fetchone()
        database.execute("UPDATE warmth_change SET after = after + 1 WHERE contact_id = ? AND seq = 1", [damaged])
    assert keepwarm.json("replay", "--check", status=1)["differ"] == [damaged]
    keepwarm.run("replay")
    assert keepwarm.json("contacts") == world.keepwarm.json("contacts")
    assert keepwarm.run("export").out == before


def test_status_tells_each_account_and_stream(world: World) -> None:
    said = world.keepwarm.json("status")
    assert {row["name"]: row["kind"] for row in said["accounts"]} == {
        "work": "maildir",
        "archive": "mbox",
        "calendar": "ics",
    }
    assert {(row["account"], row["stream"]) for row in said["streams"]} == {
        ("work", "INBOX"),
        ("work", ".Sent"),
        ("work", ".Archive"),
        ("archive", "archive.mbox"),
        ("calendar", "calendar.ics"),
    }
    assert all(row["last_success"] and row["next_poll"] and not row["problem"] for row in said["streams"])
    assert said["stored"]["messages"] == world.practice.messages


def test_doctor_is_content_with_a_private_folder_and_names_an_open_one(world: World, tmp_path: Path) -> None:
    copied = world.copy(tmp_path / "copy")
    copied.practice.folder.chmod(0o700)
    assert all(row["well"] for row in copied.keepwarm.json("doctor"))
    copied.practice.folder.chmod(0o755)
    bad = [row for row in copied.keepwarm.json("doctor", status=1) if not row["well"]]
    assert [(row["about"], row["cure"]) for row in bad] == [("permissions", f"chmod 700 {copied.practice.folder}")]


# The database.


def test_a_backup_made_during_a_sync_is_sound(world: World, tmp_path: Path) -> None:
    copied = world.unread(tmp_path / "copy")
    file = copied.database
    target = tmp_path / "backup.db"
    sync = copied.keepwarm.start("sync")
    try:
        _wait_for_messages(file)
        copied.keepwarm.run("db", "backup", str(target))
        assert sync.poll() is None, "the sync ended before the backup did: nothing is proven"
        assert sync.wait(60) == 0, sync.stderr and sync.stderr.read()
    finally:
        sync.kill()
        sync.communicate()
    with closing(sqlite3.connect(target)) as backup:
        assert backup.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        (stored,) = backup.execute("SELECT count(*) FROM message").fetchone()
    assert 0 < stored <= world.practice.messages
    assert target.stat().st_mode & 0o777 == 0o600
    # The backup goes on where it was made.
    target.replace(file)
    for beside in ("-wal", "-shm"):
        file.with_name(file.name + beside).unlink(missing_ok=True)
    copied.keepwarm.run("sync")
    assert copied.keepwarm.json("contacts") == world.keepwarm.json("contacts")
    assert "exists already" in copied.keepwarm.run("db", "backup", str(file), status=1).err


def _wait_for_messages(file: Path) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if file.exists():
            with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=5)) as database:
                try:
                    if database.execute("SELECT count(*) FROM message").fetchone()[0]:
                        return
                except sqlite3.OperationalError:
                    pass  # no tables yet
        time.sleep(0.02)
    pytest.fail("the sync stored nothing")


def test_damage_is_told_with_the_cure(world: World, tmp_path: Path) -> None:
    copied = world.copy(tmp_path / "copy")
    assert "sound" in copied.keepwarm.run("db", "check").out
    file = copied.database
    with file.open("r+b") as opened:
        for page in range(200, 400):
            opened.seek(page * 4096)
            opened.write(b"\xff" * 64)
    said = copied.keepwarm.run("db", "check", status=1).err
    assert "damaged" in said
    assert "Restore a backup" in said
    file.write_bytes(b"This is no database at all. " * 1000)
    assert "no Keepwarm database" in copied.keepwarm.run("contacts", status=1).err


def test_upgrade_says_what_it_did(world: World) -> None:
    assert "Already at schema" in world.keepwarm.run("db", "upgrade").out


# Hostile names, and usage.


def test_a_hostile_name_steers_no_terminal(hostile: Keepwarm) -> None:
    commands = (
        ("contacts",),
        ("contacts", "show", "eve@hostile.test"),
        ("signals",),
        ("signals", "--all"),
        ("why", hostile.json("signals")[0]["id"]),
        ("report",),
        ("contacts", "--json"),
        ("signals", "--json"),
        ("export",),
    )
    for arguments in commands:
        said = hostile.run(*arguments).out
        assert "Eve" in said, arguments
        assert re.findall("[^\n\x20-\x7e\xa0-\u1fff\u2010-\u2027\u2030-\u205f\u2070-\U0010ffff]", said) == [], arguments


def test_markup_in_a_name_is_text_in_the_report(hostile: Keepwarm, tmp_path: Path) -> None:
    html = tmp_path / "report.html"
    hostile.run("report", "--html", str(html))
    said = html.read_text("utf-8")
    assert "Eve&lt;b&gt;" in said
    assert "Eve<b>" not in said


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("sync", "no-such-account"), "no-such-account"),
        (("contacst",), "contacts"),
        (("--as-of", "yesterday", "contacts"), "ISO 8601"),
        (("export", "--format", "xml"), "jsonl"),
        (("--as-of", "2026-01-01", "run"), "present"),
    ],
)
def test_bad_usage_ends_with_2_and_says_what_is_allowed(world: World, arguments: tuple[str, ...], said: str) -> None:
    done = Keepwarm(world.practice.config).run(*arguments, status=2)
    assert said in done.err
    assert done.out == ""


def test_a_missing_configuration_is_told_with_the_cure(tmp_path: Path) -> None:
    said = Keepwarm(tmp_path / "none.toml").run("contacts", status=2).err
    assert str(tmp_path / "none.toml") in said
    assert "keepwarm init" in said
