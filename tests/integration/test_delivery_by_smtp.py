"""The report by SMTP: the real command, a real server, and the mail read back."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tests.servers.smtp import PASSWORD, USER, MailServer
from tests.servers.web import certificate

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.keepwarm import Keepwarm
    from tests.practice.world import World

MONDAY = "2026-11-23T08:05:00+01:00"


def by_smtp(world: World, folder: Path, server: MailServer, *more: str) -> Keepwarm:
    """Give the command on a copy of the practice, sending by this server."""
    mine = world.copy(folder / "mine")
    config = mine.practice.config
    settings = config.read_text().replace('via = "file"\npath = "reports"\n', f'via = "smtp"\n{"".join(more)}')
    smtp = (
        f'[report.smtp]\nhost = "localhost"\nport = {server.port}\ntls = "{server.tls}"\n'
        f'user = "{USER}"\npassword = {{ file = "secret" }}\nca_file = "{folder / "server.pem"}"\n'
    )
    config.write_text(settings + smtp)
    (config.parent / "secret").write_text(PASSWORD)
    (config.parent / "secret").chmod(0o600)
    return mine.keepwarm.at(MONDAY)


@pytest.fixture(params=["implicit", "starttls", "login"])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[MailServer]:
    """Give a server that wants TLS and a password, each way in turn."""
    tls = "starttls" if request.param == "login" else request.param
    context, _ = certificate(tmp_path, "localhost")
    with MailServer(tls=tls, context=context, needs_sign_in=True, only_login=request.param == "login") as running:
        yield running


def test_it_arrives_encrypted_and_signed_in_and_says_the_same_in_both_parts(
    world: World, tmp_path: Path, server: MailServer
) -> None:
    keepwarm = by_smtp(world, tmp_path, server)
    assert "The report of 2026-W47 is sent." in keepwarm.run("report", "--send").out
    (taken,) = server.taken
    assert (taken.tls, taken.signed_in) == (True, True)
    mail = taken.mail
    assert taken.recipients == (mail["To"].addresses[0].addr_spec,)
    assert mail["From"].addresses[0].display_name == "Keepwarm"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["X-Keepwarm"] == "report 2026-W47"
    assert mail["Message-ID"].startswith("<keepwarm.report.2026-W47.")
    assert mail["Date"].datetime.isoformat() == "2026-11-23T07:05:00+00:00"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    text, html = (part.get_content() for part in mail.iter_parts())
    assert "Week 47: 16 to 22 November 2026" in text
    assert "Week 47: 16 to 22 November 2026" in html
    assert len(taken.raw) < 100_000
    assert max(map(len, taken.raw.splitlines())) <= 998


def test_by_hand_it_is_not_sent_twice(world: World, tmp_path: Path) -> None:
    with MailServer() as server:
        keepwarm = by_smtp(world, tmp_path, server)
        config = keepwarm.config.read_text()
        keepwarm.config.write_text(config.replace(f'user = "{USER}"\npassword = {{ file = "secret" }}\n', ""))
        keepwarm.run("report", "--send")
        again = keepwarm.at("2026-11-24T12:00:00+01:00").run("report", "--send")
        assert "was sent before, and is not sent again" in again.out
        keepwarm.at("2026-11-24T12:00:00+01:00").run("report", "--week", "2026-W47", "--send")
        assert len(server.taken) == 1
        keepwarm.at("2026-11-30T09:00:00+01:00").run("report", "--send")
        assert [taken.mail["X-Keepwarm"] for taken in server.taken] == ["report 2026-W47", "report 2026-W48"]


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        ("password", "refused the sign-in of me@keepwarm.test"),
        ("untrusted", "could not be trusted"),
        ("port", "cannot be reached"),
        ("refusal", "refused the mail: 552 too much of it"),
        ("no_starttls", "offers no STARTTLS"),
    ],
)
def test_what_goes_wrong_is_told_with_its_cure_and_tried_again(
    world: World, tmp_path: Path, broken: str, told: str
) -> None:
    context, _ = certificate(tmp_path, "localhost")
    tls = "none" if broken == "no_starttls" else "starttls"
    with MailServer(tls=tls, context=context, needs_sign_in=broken != "no_starttls") as server:
        keepwarm = by_smtp(world, tmp_path, server)
        config = keepwarm.config.read_text()
        match broken:
            case "password":
                (keepwarm.config.parent / "secret").write_text("another")
            case "untrusted":
                config = "\n".join(line for line in config.splitlines() if not line.startswith("ca_file"))
            case "port":
                config = config.replace(f"port = {server.port}", "port = 1")
            case "refusal":
                server.answer = "552 too much of it"
            case "no_starttls":
                config = config.replace('tls = "none"', 'tls = "starttls"')
        keepwarm.config.write_text(config)
        failed = keepwarm.run("report", "--send", status=1)
        assert told in failed.err
        assert PASSWORD not in failed.err
        assert len(failed.err.strip().splitlines()) == 2  # why, and what to do
        assert server.taken == []
        report = keepwarm.json("status")["report"]
        assert told in report["problem"]
        if broken == "refusal":
            server.answer = "250 OK"
            keepwarm.at("2026-11-23T08:30:00+01:00").run("report", "--send")
            assert len(server.taken) == 1


def test_what_arrives_is_no_touch_and_nobody_new(world: World, tmp_path: Path) -> None:
    mine = world.practice.folder / "mail"
    with MailServer() as server:
        keepwarm = by_smtp(world, tmp_path, server, "tasks = true\n")
        config = keepwarm.config.read_text()
        open_doors = config.replace(f'user = "{USER}"\npassword = {{ file = "secret" }}\n', "")
        keepwarm.config.write_text(open_doors.replace('to = "', 'to = "elsewhere+'))
        server.maildir = keepwarm.config.parent / mine.name
        keepwarm.run("sync")
        before = keepwarm.json("contacts")
        keepwarm.run("report", "--send")
        keepwarm.run("sync")
    (taken,) = server.taken
    tasks = next(part for part in taken.mail.walk() if part.get_content_type() == "text/calendar")
    assert tasks.get_content().count("BEGIN:VTODO") >= 1
    with closing(sqlite3.connect(keepwarm.config.parent / "keepwarm.db")) as database:
        kinds = database.execute("SELECT kind FROM message ORDER BY id DESC LIMIT 1").fetchone()
    assert kinds == ("automated",)
    after = keepwarm.json("contacts")
    assert after == before
