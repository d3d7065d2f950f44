"""``keepwarm init``: what it writes is private and accepted by ``load``; what is there it leaves alone."""

from __future__ import annotations

import os
import pty
import stat
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from keepwarm.daemon import system_guess
from keepwarm.daemon.accounts import GoogleAccount, IcsAccount, ImapAccount, MaildirAccount, MboxAccount
from keepwarm.daemon.cli import keepwarm
from keepwarm.daemon.configuration import Configuration, load
from keepwarm.daemon.exit_status import exit_status
from keepwarm.daemon.secret import Secret, SecretSource

if TYPE_CHECKING:
    from collections.abc import Iterator

MAIN = "from keepwarm.daemon.cli import main; main()"
OWNER = ["--name", "Jo", "--address", "jo@example.com", "--timezone", "Europe/Berlin"]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "config" / "config.toml"


@pytest.fixture(autouse=True)
def no_terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with Path(os.devnull).open() as nothing:
        monkeypatch.setattr(sys, "stdin", nothing)
        yield


def written(file: Path, *options: str) -> Configuration:
    assert exit_status(keepwarm, ["--config", str(file), "init", *OWNER, *options]) == 0
    return load(file)


def refused(file: Path, *options: str) -> int:
    status = exit_status(keepwarm, ["--config", str(file), "init", *options])
    assert not file.exists()
    return status


def test_an_imap_account_is_written_from_options(file: Path) -> None:
    read = written(file, "--password-command", "pass show mail", "--holidays", "DE")
    (account,) = read.accounts
    assert isinstance(account, ImapAccount)
    assert (account.host, account.user, account.port) == ("imap.example.com", "jo@example.com", 993)
    assert account.password == Secret(SecretSource.COMMAND, "pass show mail")
    assert (read.owner.name, read.owner.timezone.key, read.owner.holidays) == ("Jo", "Europe/Berlin", "DE")


@pytest.mark.parametrize(
    ("options", "secret"),
    [
        (["--password-env", "PW"], Secret(SecretSource.ENV, "PW")),
        (["--password-file", "/home/jo/pw"], Secret(SecretSource.FILE, "/home/jo/pw")),
        (["--keyring"], Secret(SecretSource.KEYRING, "mail")),
    ],
)
def test_every_way_to_a_password_can_be_written(file: Path, options: list[str], secret: Secret) -> None:
    (account,) = written(file, *options).accounts
    assert isinstance(account, ImapAccount)
    assert account.password == secret


def test_google_is_read_with_the_users_own_client(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (account,) = written(file, "--kind", "google", "--client-file", "/x/client.json").accounts
    assert isinstance(account, GoogleAccount)
    assert (account.address, account.client_file) == ("jo@example.com", Path("/x/client.json"))
    assert (account.invitations, account.attendance) == (False, False)
    said = capsys.readouterr().out.splitlines()
    assert said[1:] == [
        f"Sign in: keepwarm --config {file} login mail",
        f"Next: keepwarm --config {file} sync",
    ]
    text = file.read_text()
    file.write_text("\n".join(line.removeprefix("#") if line[1:2] != " " else line for line in text.splitlines()))
    (account,) = (one for one in load(file).accounts if isinstance(one, GoogleAccount))
    assert (account.invitations, account.attendance) == (True, True)


def test_paths_are_meant_from_where_the_user_is(file: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    mail, calendar = written(file, "--kind", "maildir", "--path", "Mail", "--calendar", "c.ics").accounts
    assert isinstance(mail, MaildirAccount)
    assert isinstance(calendar, IcsAccount)
    assert (mail.path, calendar.path) == (tmp_path / "Mail", tmp_path / "c.ics")


def test_a_calendar_can_be_the_address_of_a_feed(file: Path) -> None:
    feed = "webcal://cal.example.com/secret.ics"
    _, calendar = written(file, "--kind", "maildir", "--path", "/x/Mail", "--calendar", feed).accounts
    assert isinstance(calendar, IcsAccount)
    assert (calendar.path, calendar.url) == (None, "https://cal.example.com/secret.ics")


def test_an_mbox_can_be_read_first(file: Path) -> None:
    (account,) = written(file, "--kind", "mbox", "--path", "/x/takeout.mbox").accounts
    assert isinstance(account, MboxAccount)
    assert account.address == "jo@example.com"


def test_with_a_calendar_alone_the_address_is_the_owners(file: Path) -> None:
    read = written(file, "--kind", "ics", "--path", "/x/c.ics")
    assert [account.kind for account in read.accounts] == ["ics"]
    assert read.owner_addresses == ("jo@example.com",)


def test_every_commented_example_is_accepted_too(file: Path) -> None:
    written(file, "--kind", "mbox", "--path", "/x")
    text = file.read_text()
    assert "#[report]" in text
    file.write_text("\n".join(line.removeprefix("#") if line[1:2] != " " else line for line in text.splitlines()))
    assert load(file).labels[0].label == "client"


@pytest.mark.parametrize("name", ['Jo "the\\nose"', "Jö\tß\x7f", "it's [owner]\n[bands]\ncool = 99 #", "\x1b[2J"])
def test_any_answer_is_quoted_so_that_it_stays_a_text(file: Path, name: str) -> None:
    assert written(file, "--kind", "mbox", "--path", "/x", "--name", name).owner.name == name


def test_file_and_folder_are_private(file: Path) -> None:
    written(file, "--keyring")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_the_next_step_is_told(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written(file, "--keyring")
    said = capsys.readouterr().out.splitlines()
    assert said[0] == f"Wrote {file}."
    assert said[1].endswith("-m keyring set keepwarm mail")
    assert said[2] == f"Next: keepwarm --config {file} sync"


def test_a_terminal_that_lacks_a_letter_is_no_failure(tmp_path: Path) -> None:
    command = [sys.executable, "-c", MAIN, "--config", str(tmp_path / "ł.toml"), "init", *OWNER, "--keyring"]
    environment = {**os.environ, "PYTHONIOENCODING": "latin-1", "PYTHONUTF8": "0"}
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=True, env=environment)
    assert done.stdout.startswith(f"Wrote {tmp_path}/?.toml.\n".encode("ascii"))


def test_an_existing_file_is_never_written_over(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.parent.mkdir()
    file.write_text("mine")
    assert exit_status(keepwarm, ["--config", str(file), "init", *OWNER, "--keyring"]) == 1
    assert file.read_text() == "mine"
    assert f"{file} exists already" in capsys.readouterr().err


def test_a_dangling_link_is_an_existing_file(file: Path) -> None:
    file.parent.mkdir()
    file.symlink_to(file.parent / "elsewhere")
    assert exit_status(keepwarm, ["--config", str(file), "init", *OWNER, "--keyring"]) == 1
    assert not (file.parent / "elsewhere").exists()


def test_without_a_terminal_all_that_is_missing_is_told_at_once(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert refused(file, "--name", "Jo") == 2
    told = capsys.readouterr().err
    assert "--address, one of --password-command, --keyring" in told


def test_answers_that_cannot_be_used_are_told_and_nothing_is_written(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert refused(file, "--name", "Jo", "--address", "nope", "--timezone", "Mars", "--keyring") == 2
    told = capsys.readouterr().err
    assert "owner.timezone" in told
    assert ".address" in told


@pytest.mark.parametrize(
    "options",
    [
        ["--keyring", "--password-env", "PW"],
        ["--kind", "mbox", "--path", "/x", "--host", "imap.example.com"],
        ["--keyring", "--path", "/x"],
        ["--keyring", "--client-file", "/x.json"],
        ["--kind", "google", "--client-file", "/x.json", "--keyring"],
        ["--kind", "google", "--client-file", "/x.json", "--path", "/x"],
        ["--kind", "google"],
        ["--kind", "pop3"],
    ],
)
def test_options_that_contradict_each_other_are_bad_usage(file: Path, options: list[str]) -> None:
    assert refused(file, *OWNER, *options) == 2


def interviewed(file: Path, *answers: str) -> subprocess.CompletedProcess[bytes]:
    """Run init on a terminal and type ``answers``."""
    leader, follower = pty.openpty()
    os.write(leader, "".join(f"{answer}\n" for answer in answers).encode())
    environment = {**os.environ, "TZ": "Europe/Vienna", "LC_ALL": "de_AT.UTF-8"}
    done = subprocess.run(
        [sys.executable, "-c", MAIN, "--config", str(file), "init"],
        stdin=follower, capture_output=True, check=False, env=environment, timeout=60,
    )  # fmt: skip
    os.close(leader)
    os.close(follower)
    return done


def test_on_a_terminal_it_asks_and_offers_guesses(file: Path) -> None:
    done = interviewed(
        file, "Jo", "jo@gmx.net", "", "", "", "command", "pass show mail", "-", "", ""
    )  # name, address, kind, host, user, source, command, calendar, zone, country
    assert (done.returncode, done.stdout.decode().splitlines()[0]) == (0, f"Wrote {file}.")
    read = load(file)
    (account,) = read.accounts
    assert isinstance(account, ImapAccount)
    assert (account.host, account.user) == ("imap.gmx.net", "jo@gmx.net")
    assert (read.owner.timezone.key, read.owner.holidays) == ("Europe/Vienna", "AT")


def test_for_an_address_at_gmail_googles_own_interface_is_offered_and_imap_can_be_chosen(file: Path) -> None:
    done = interviewed(file, "Jo", "jo@gmail.com", "", "/x/client.json", "", "")
    assert (done.returncode, done.stdout.decode().splitlines()[0]) == (0, f"Wrote {file}.")
    asked = done.stderr.decode()
    assert "an OAuth client of your own first" in asked
    assert "app password" in asked
    (account,) = load(file).accounts
    assert isinstance(account, GoogleAccount)
    file.unlink()
    interviewed(file, "Jo", "jo@gmail.com", "imap", "", "", "keyring", "-", "", "")
    (other,) = load(file).accounts
    assert isinstance(other, ImapAccount)
    assert other.host == "imap.gmail.com"


def test_on_a_terminal_a_wrong_answer_is_asked_again(file: Path) -> None:
    done = interviewed(file, "Jo", "nope", "jo@example.com", "mbox", "/x", "/c.ics", "Mars", "Europe/Paris", "-")
    assert done.returncode == 0, done.stderr.decode()
    assert b"Allowed is a mail address" in done.stderr
    read = load(file)
    assert [account.kind for account in read.accounts] == ["mbox", "ics"]
    assert (read.owner.timezone.key, read.owner.holidays) == ("Europe/Paris", "")


def test_the_zone_is_guessed_from_the_environment_then_the_system(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    zones = tmp_path / "zoneinfo" / "Asia"
    zones.mkdir(parents=True)
    (zones / "Tokyo").touch()
    monkeypatch.delenv("TZ", raising=False)
    assert system_guess.zone_name(tmp_path) == "UTC"
    (tmp_path / "localtime").symlink_to(zones / "Tokyo")
    assert system_guess.zone_name(tmp_path) == "Asia/Tokyo"
    (tmp_path / "timezone").write_text("Europe/Oslo\n")
    assert system_guess.zone_name(tmp_path) == "Europe/Oslo"
    monkeypatch.setenv("TZ", ":Europe/Rome")
    assert system_guess.zone_name(tmp_path) == "Europe/Rome"
    monkeypatch.setenv("TZ", "CET-1CEST")
    assert system_guess.zone_name(tmp_path) == "Europe/Oslo"


@pytest.mark.parametrize(("locale", "country"), [("de_AT.UTF-8", "AT"), ("C.UTF-8", ""), ("en", "")])
def test_the_country_is_guessed_from_the_locale(locale: str, country: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", locale)
    assert system_guess.holidays_country() == country
