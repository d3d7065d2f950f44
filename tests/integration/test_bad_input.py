"""Bad input, end to end: it is told in one line with the cure, and everything beside it is read."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.keepwarm import Keepwarm
from tests.letters import ME, deliver, weekly_exchange, write_maildir, write_mbox
from tests.servers.processes import free_port

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.servers.dovecot import MailAccount

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
SINCE = NOW - timedelta(weeks=20)
BOB = "Bob <bob@beside.test>"
EVE = "Eve <eve@beside.test>"
IN_PART, FINE = 3, 0
SETTINGS = """\
[owner]
timezone = "UTC"
[database]
url = "sqlite:///data/keepwarm.db"
"""
CALENDAR = """\
BEGIN:VCALENDAR\r
VERSION:2.0\r
PRODID:-//test//test//EN\r
{events}END:VCALENDAR\r
"""


@dataclass(frozen=True, slots=True)
class Place:
    """A configuration with healthy accounts on both sides of the one that is tried."""

    folder: Path
    keepwarm: Keepwarm

    def sync(self, status: int) -> Any:
        """Sync; gives the outcome by account."""
        return {one["name"]: one for one in self.keepwarm.json("sync", status=status)["accounts"]}

    def names(self) -> set[str]:
        """Give the names of all contacts."""
        return {row["name"] for row in self.keepwarm.json("contacts")}

    def doctor(self) -> str:
        """Give what the doctor finds wrong."""
        rows = self.keepwarm.json("doctor", status=1)
        return "\n".join(f"{row['about']}: {row['what']} {row['cure']}" for row in rows if not row["well"])


@pytest.fixture
def place(tmp_path: Path) -> Callable[[str], Place]:
    write_maildir(tmp_path / "before", weekly_exchange(BOB, SINCE, 12))
    write_mbox(tmp_path / "after.mbox", weekly_exchange(EVE, SINCE, 12))

    def make(account: str) -> Place:
        accounts = (
            f'name = "before"\nkind = "maildir"\npath = "before"\naddress = "{ME}"',
            f'name = "tried"\n{account}',
            f'name = "after"\nkind = "mbox"\npath = "after.mbox"\naddress = "{ME}"',
        )
        config = tmp_path / "config.toml"
        config.write_text(SETTINGS + "".join(f"[[account]]\n{one}\n" for one in accounts))
        return Place(tmp_path, Keepwarm(config, NOW.isoformat()))

    return make


def _mend_folder(path: Path) -> None:
    path.rmdir()
    write_mbox(path, weekly_exchange("Mia <mia@mended.test>", SINCE, 3))


def event(*lines: str, uid: str = "one") -> str:
    """Give an event with Bob, of 17 December unless ``lines`` say otherwise."""
    given = [line for line in lines if not line.startswith("UID")]
    start = [] if any(line.startswith("DTSTART") for line in given) else ["DTSTART:20261217T090000Z"]
    fixed = [f"UID:{uid}", "DTSTAMP:20261101T090000Z", f"ORGANIZER:mailto:{ME}", "ATTENDEE:mailto:bob@beside.test"]
    return "\r\n".join(["BEGIN:VEVENT", *fixed, *start, *given, "END:VEVENT", ""])


# Sources that cannot be read at all.


@pytest.mark.parametrize(
    ("account", "broken", "mended", "told"),
    [
        pytest.param(
            f'kind = "mbox"\npath = "x"\naddress = "{ME}"',
            None,
            lambda path: write_mbox(path, weekly_exchange("Mia <mia@mended.test>", SINCE, 3)),
            ("cannot be read: No such file or directory", "path"),
            id="no mbox",
        ),
        pytest.param(
            f'kind = "mbox"\npath = "x"\naddress = "{ME}"',
            lambda path: path.write_text("Dear diary,\nthis is no mbox.\n" * 500),
            lambda path: write_mbox(path, weekly_exchange("Mia <mia@mended.test>", SINCE, 3)),
            ("is no mbox: no line of it begins with 'From '", "Export the mails as mbox again"),
            id="no From_ line",
        ),
        pytest.param(
            f'kind = "mbox"\npath = "x"\naddress = "{ME}"',
            lambda path: path.write_bytes(gzip.compress(b"From x Mon Mar  2 12:00:00 2026\n" * 99)),
            lambda path: write_mbox(path, weekly_exchange("Mia <mia@mended.test>", SINCE, 3)),
            ("is no mbox", "unpack it"),
            id="compressed mbox",
        ),
        pytest.param(
            f'kind = "mbox"\npath = "x"\naddress = "{ME}"',
            lambda path: path.mkdir(),
            _mend_folder,
            ("cannot be read: Is a directory", "path"),
            id="folder instead of mbox",
        ),
        pytest.param(
            f'kind = "maildir"\npath = "x"\naddress = "{ME}"',
            None,
            lambda path: write_maildir(path, weekly_exchange("Mia <mia@mended.test>", SINCE, 3)),
            ("cannot be read: No such file or directory", "Check the account's path"),
            id="no maildir",
        ),
        pytest.param(
            f'kind = "maildir"\npath = "x"\naddress = "{ME}"',
            lambda path: path.mkdir(),
            lambda path: write_maildir(path, weekly_exchange("Mia <mia@mended.test>", SINCE, 3)),
            ("is no Maildir", "the folder that holds cur, new and tmp"),
            id="empty folder",
        ),
        pytest.param(
            'kind = "ics"\npath = "x"',
            None,
            lambda path: path.write_text(CALENDAR.format(events=event("ATTENDEE;CN=Mia:mailto:mia@mended.test"))),
            ("there is no calendar at", "Check `path`"),
            id="no calendar",
        ),
    ],
)
def test_a_source_that_cannot_be_read_is_told_with_the_cure_and_read_once_it_is_mended(
    place: Callable[[str], Place],
    account: str,
    broken: Callable[[Path], object] | None,
    mended: Callable[[Path], object],
    told: tuple[str, str],
) -> None:
    here = place(account)
    if broken:
        broken(here.folder / "x")
    first = here.keepwarm.run("sync", status=IN_PART)
    line, cure = _told_of("tried", first.err)
    assert told[0] in line
    assert told[1] in cure
    assert "Traceback" not in first.err
    assert told[0] in here.doctor()
    before = _stored(here)
    assert {name for name, *_ in before.values()} == {"Bob", "Eve"}
    mended(here.folder / "x")
    assert here.sync(FINE)["tried"]["problems"] == []
    after = _stored(here)
    assert {name for name, *_ in after.values()} == {"Bob", "Eve", "Mia"}
    assert before.items() <= after.items()


def _told_of(account: str, err: str) -> tuple[str, str]:
    """Give the one line that tells of an account, and the cure below it."""
    lines = err.splitlines()
    (number,) = [at for at, line in enumerate(lines) if line.startswith(f"{account}: ")]
    assert lines[number + 1].startswith("  ")
    return lines[number], lines[number + 1]


def _stored(here: Place) -> dict[str, Any]:
    """Give what is known of each contact, which no failure may take away."""
    return {row["id"]: (row["name"], row["last_in"], row["last_out"]) for row in here.keepwarm.json("contacts")}


def test_a_server_that_cannot_be_reached_is_told_and_nothing_of_it_is_lost(
    place: Callable[[str], Place], mail_account: MailAccount
) -> None:
    mail_account.deliver(*(note.raw for note in weekly_exchange("Mia <mia@mended.test>", SINCE, 3)), at=SINCE)
    here = place(_imap(mail_account, mail_account.server.tls_port))
    (here.folder / "secret").write_text(mail_account.password)
    (here.folder / "secret").chmod(0o600)
    assert here.sync(FINE)["tried"]["messages"] == 6
    before = _stored(here)
    here = place(_imap(mail_account, free_port()))
    line, cure = _told_of("tried", here.keepwarm.run("sync", status=IN_PART).err)
    assert "cannot be reached: Connection refused" in line
    assert "tried again" in cure
    assert _stored(here) == before
    here = place(_imap(mail_account, mail_account.server.tls_port))
    assert here.sync(FINE)["tried"]["messages"] == 0


def test_a_wrong_password_is_told_with_the_cure_and_never_shown(
    place: Callable[[str], Place], mail_account: MailAccount
) -> None:
    mail_account.deliver(*(note.raw for note in weekly_exchange("Mia <mia@mended.test>", SINCE, 3)), at=SINCE)
    here = place(_imap(mail_account, mail_account.server.tls_port))
    secret = here.folder / "secret"
    secret.write_text("hunter2-wrong\n")
    secret.chmod(0o600)
    line, cure = _told_of("tried", here.keepwarm.run("sync", status=IN_PART).err)
    assert "refused" in line or "failed" in line
    assert "Check user and password" in cure
    with_tracebacks = here.keepwarm.run("--verbose", "sync", status=IN_PART).err
    assert "hunter2" not in with_tracebacks + here.doctor() + here.keepwarm.run("status", "--json").out
    assert here.names() == {"Bob", "Eve"}
    secret.chmod(0o644)
    assert "chmod 600" in _told_of("tried", here.keepwarm.run("sync", status=IN_PART).err)[1]
    secret.write_text(mail_account.password)
    secret.chmod(0o600)
    assert here.sync(FINE)["tried"]["problems"] == []
    assert here.names() == {"Bob", "Eve", "Mia"}


def _imap(account: MailAccount, port: int) -> str:
    return (
        f'kind = "imap"\naddress = "{ME}"\nhost = "127.0.0.1"\nport = {port}\nuser = "{account.user}"\n'
        f'ca_file = "{account.server.ca_file}"\npassword = {{ file = "secret" }}'
    )


# Messages.


def _raw(number: int, *lines: bytes, drop: tuple[bytes, ...] = ()) -> bytes:
    """Give a mail of Mia's, with some header fields instead of the usual ones."""
    usual = {
        b"From": b"Mia <mia@odd.test>",
        b"To": ME.encode(),
        b"Date": b"Mon, 16 Nov 2026 09:00:00 +0000",
        b"Message-ID": b"<odd-%d@odd.test>" % number,
        b"Subject": b"Odd",
    }
    named = {line.partition(b":")[0] for line in lines}
    kept = [name + b": " + value for name, value in usual.items() if name not in named and name not in drop]
    return b"\n".join([*lines, *kept, b"", b"Hello.", b""])


ODD = {
    "header of 1 MB": _raw(1, b"X-Big: " + b"x" * 1_000_000),
    "folded header of 1 MB": _raw(2, b"X-Big: x" + b"\n y" * 350_000),
    "NUL bytes": _raw(3, b"Subject: a\0b\0\0c", b"X-Nul: " + b"\0" * 5000),
    "10,000 recipients": _raw(4, b"To: " + ME.encode() + b"".join(b", p%d@crowd.test" % n for n in range(10_000))),
    "dated 1601": _raw(5, b"Date: Mon, 01 Jan 1601 00:00:00 +0000"),
    "dated 9999": _raw(6, b"Date: Fri, 31 Dec 9999 23:59:59 -1200"),
    "no Message-ID": _raw(7, drop=(b"Message-ID",)),
    "no From": _raw(8, drop=(b"From",)),
    "a charset that lies": _raw(9, b"Subject: =?utf-8?q?=FF=FE=E9?= =?x-none?b?!!!?= =?us-ascii?q?=C3=A9?="),
    "raw bytes of another charset": _raw(10, b"Subject: Caf\xe9 \xff\xfe"),
    "RFC 2047 across lines": _raw(
        11,
        b"From: =?utf-8?q?Mia_?=\n =?utf-8?b?SsOkZ2Vy?=\n\t<mia@odd.test>",
        b"Subject: =?utf-8?q?caf=C3?=\n =?utf-8?q?=A9?=",
    ),
    "no date at all": _raw(12, drop=(b"Date",)),
    "CR alone at line ends": _raw(13).replace(b"\n", b"\r"),
    "an address that is none": _raw(14, b'From: <<>>@@, "', b"To: undisclosed-recipients:;, " + ME.encode()),
}
BROKEN = {"empty": b"", "nothing but NULs": b"\0" * 5000, "no header": b"\nbody only\n"}


@pytest.mark.parametrize("kind", ["maildir", "mbox"])
def test_a_broken_message_is_told_and_named_and_every_other_is_read(place: Callable[[str], Place], kind: str) -> None:
    here = place(f'kind = "{kind}"\npath = "x"\naddress = "{ME}"')
    notes = list(weekly_exchange("Mia <mia@odd.test>", SINCE, 12))
    raws = [*(note.raw for note in notes), *ODD.values(), *BROKEN.values()]
    _write(here.folder / "x", kind, raws)
    done = here.keepwarm.run("sync", status=IN_PART)
    line, cure = _told_of("tried", done.err)
    assert "could not be read" in line
    assert "keepwarm doctor" in cure
    assert here.names() >= {"Bob", "Eve"}
    stored = {one["name"]: one for one in here.keepwarm.json("status")["accounts"]}["tried"]
    assert stored["messages"] + stored["rejected"] >= len(raws) - 1  # an empty mail of an mbox is none
    assert 1 <= stored["rejected"] <= len(BROKEN) + 1
    (mia,) = [row for row in here.keepwarm.json("contacts") if "mia@odd.test" in row["addresses"]]
    # A date far off is no date: the server's time, or the file's, stands for it.
    assert "2026-06" < mia["last_in"] <= NOW.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert mia["name"] in {"Mia", "Mia Jäger"}
    told = here.doctor()
    assert told.count("tried/") == stored["rejected"]
    again = here.sync(FINE)
    assert [again[name]["messages"] for name in again] == [0, 0, 0]
    assert here.keepwarm.json("replay", "--check")["differ"] == []
    here.keepwarm.run("report")
    here.keepwarm.run("export")


def _write(path: Path, kind: str, raws: list[bytes]) -> None:
    day = timedelta(hours=1)
    start = NOW - timedelta(days=2)
    if kind == "mbox":
        path.write_bytes(b"".join(b"From x Wed Nov 18 12:00:00 2026\n" + raw + b"\n\n" for raw in raws))
        return
    write_maildir(path, ())
    for number, raw in enumerate(raws):
        deliver(path, raw, start + number * day / 2)


# Calendars.


def test_a_file_that_is_no_calendar_is_told_and_named_until_it_is_mended(place: Callable[[str], Place]) -> None:
    here = place('kind = "ics"\npath = "x.ics"')
    file = here.folder / "x.ics"
    file.write_text("<html>Sign in to see this calendar</html>")
    line, _ = _told_of("tried", here.keepwarm.run("sync", status=IN_PART).err)
    assert "x.ics: this is no iCalendar" in line
    assert here.names() == {"Bob", "Eve"}
    assert "x.ics" in here.doctor()
    here.sync(FINE)  # told once; the doctor goes on
    assert "x.ics" in here.doctor()
    file.write_text(CALENDAR.format(events=event("SUMMARY:Mended")))
    assert here.sync(FINE)["tried"]["meetings"] == 1
    assert all(row["well"] for row in here.keepwarm.json("doctor"))
    file.write_text("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n" + event("SUMMARY:Mended")[:80])
    here.sync(IN_PART)
    bob = next(row for row in here.keepwarm.json("contacts") if row["name"] == "Bob")
    assert bob["next_meeting"] == "2026-12-17T09:00:00Z"  # a torn file cancels nothing


def test_odd_events_are_read_as_well_as_they_can_be(place: Callable[[str], Place]) -> None:
    here = place('kind = "ics"\npath = "x.ics"')
    odd = (
        event("DTSTART;TZID=Mars/Olympus:20261124T090000", "DTEND;TZID=Mars/Olympus:20261124T100000", uid="zone"),
        event("DTSTART:20200101T060000Z", "DURATION:PT1M", "RRULE:FREQ=SECONDLY", uid="endless"),
        event("DTSTART:20260105T070000Z", "RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", uid="never"),
        event("DTSTART:20261125T090000Z", "SUMMARY:No end", uid="no-end"),
        event("DTSTART:20261126T090000Z", "DTEND:20261126T100000Z", "SEQUENCE:1", uid="double"),
        event("DTSTART:20261127T090000Z", "DTEND:20261127T100000Z", "SEQUENCE:2", uid="double"),
        event("DTSTART:20261128T090000Z", "DTEND:20261127T100000Z", uid="backwards"),
        event("DTSTART:when I can", uid="no-time"),
        event("DTSTART:20261130T090000Z", "DTEND:20261130T100000Z", "SUMMARY:Good", uid="good"),
    )
    (here.folder / "x.ics").write_text(CALENDAR.format(events="".join(odd)))
    done = here.keepwarm.run("sync", status=IN_PART)
    assert "could not be read" in _told_of("tried", done.err)[0]
    meetings = here.keepwarm.json("contacts", "show", "bob@beside.test")["meetings"]
    starts = [meeting["start"][:10] for meeting in meetings]
    assert "2026-11-25" in starts  # without an end
    assert ("2026-11-26" in starts, "2026-11-27" in starts) == (False, True)  # the higher SEQUENCE
    assert "2026-11-30" in starts
    assert "2026-11-24" in starts  # of a zone that nobody knows: the owner's
    assert len(meetings) < 2_000  # the endless one is bounded
    assert "x.ics, line" in here.doctor()
    assert here.sync(FINE)["tried"]["meetings"] == 0
    assert here.keepwarm.json("replay", "--check")["differ"] == []


# The configuration.


def test_every_mistake_in_the_configuration_is_told_at_once_with_file_key_and_what_is_allowed(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text(
        '[owner]\ntimezone = "Berlin"\nworking_days = ["mon", "funday"]\n'
        '[[account]]\nname = "work"\nkind = "imapp"\n'
        '[[account]]\nname = "home"\nkind = "imap"\naddress = "me"\nhost = "h.test"\npassword = "hunter2"\npol = "5m"\n'
        '[report]\nlanguage = "fr"\n'
    )
    done = Keepwarm(config).run("sync", status=2)
    assert str(config) in done.err
    assert done.out == ""
    for key, allowed in (
        ("owner.timezone", "Europe/Berlin"),
        ("owner.working_days", "mon, tue"),
        ('account[1] "work".kind', "imap"),
        ('account[2] "home".address', "me@example.com"),
        ('account[2] "home".password', "command"),
        ('account[2] "home".pol', "poll"),
        ("report.language", "de"),
    ):
        (line,) = [line for line in done.err.splitlines() if key in line]
        assert allowed in line
    assert "hunter2" not in done.err
    assert not (tmp_path / "data").exists()


def test_a_rule_file_with_a_mistake_is_told_before_anything_is_read(place: Callable[[str], Place]) -> None:
    here = place('kind = "ics"\npath = "x.ics"')
    config = here.keepwarm.config
    config.write_text(config.read_text() + '[rules]\nfiles = ["mine.toml"]\n')
    (here.folder / "mine.toml").write_text('[[rule]]\nid = "mine"\nwhen = ["no_such_fact > 1"]\n')
    said = here.keepwarm.run("sync", status=2).err
    assert "mine.toml" in said
    assert "no_such_fact" in said
    assert here.keepwarm.json("status")["stored"]["messages"] == 0
