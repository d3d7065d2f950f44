"""An account at Google from the first command on: signing in, reading, what is kept, and what is told."""

from __future__ import annotations

import os
import stat
import subprocess
import threading
import webbrowser
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
import requests

from keepwarm.connectors.contract import Later, Refused, SignInNeeded
from keepwarm.daemon.configuration import load
from keepwarm.daemon.failure import BadUsage, Failure
from keepwarm.daemon.google_grant import GoogleGrant
from keepwarm.daemon.google_login import sign_in
from keepwarm.daemon.google_sending import send
from keepwarm.daemon.grants import Grants
from keepwarm.daemon.sources import connector_for
from tests.google_desk import ANA, ME, fill
from tests.keepwarm import Keepwarm
from tests.servers.google import Google

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from keepwarm.connectors.contract import Connector
    from keepwarm.daemon.accounts import GoogleAccount

NOW = datetime.now(UTC).replace(microsecond=0)
SCOPES = {"gmail.metadata", "calendar.events.readonly", "calendar.calendarlist.readonly"}


class Browser(webbrowser.BaseBrowser):
    """A browser whose user grants at once what they are asked for."""

    def open(self, url: str, new: int = 0, autoraise: bool = True) -> bool:
        threading.Thread(target=requests.get, args=(url,), kwargs={"timeout": 20}, daemon=True).start()
        return True


@dataclass(frozen=True, slots=True)
class Desk:
    """The configuration, its folder, and Google."""

    folder: Path
    google: Google
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def keepwarm(self) -> Keepwarm:
        return Keepwarm(self.folder / "config.toml", environment=self.environment)

    @property
    def account(self) -> GoogleAccount:
        [account] = load(self.keepwarm.config).accounts
        return account  # type: ignore[return-value]

    def login(self, *, device: bool = False) -> str:
        """Sign in, in this process, through a browser."""
        return sign_in(self.account, load(self.keepwarm.config), device=device, browser=True)

    def connector(self) -> Connector:
        return connector_for(self.account, load(self.keepwarm.config), lambda: NOW)

    def scopes(self) -> set[str]:
        return {scope.rpartition("/")[2] for scope in self.google.tokens.scopes}

    def grant(self) -> GoogleGrant | None:
        return GoogleGrant.read(Grants.of("work").load())

    def secrets(self) -> list[str]:
        return [self.google.tokens.refresh_token, self.google.tokens.client_secret, "access-token-"]

    def configure(self, more: str = "") -> None:
        self.keepwarm.config.write_text(
            f"""
[owner]
timezone = "UTC"
[database]
url = "sqlite:///keepwarm.db"
[[account]]
name = "work"
kind = "google"
address = "{ME}"
client_file = "client.json"
endpoint = "{self.google.url}"
{more}
"""
        )


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    environment = {
        "XDG_DATA_HOME": str(tmp_path / "data"),
        "OAUTHLIB_INSECURE_TRANSPORT": "1",  # Google's own token endpoint is asked by https only
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    webbrowser.register("of-the-tests", None, Browser(), preferred=True)
    with Google() as google:
        google.client_file(tmp_path / "client.json")
        google.calendars.add(ME)
        desk = Desk(tmp_path, google, environment)
        desk.configure()
        yield desk
    webbrowser._tryorder.remove("of-the-tests")  # type: ignore[attr-defined] # nothing else takes one back


def test_the_command_prints_the_address_and_keeps_the_grant_for_the_user_alone(desk: Desk) -> None:
    command = desk.keepwarm.command("login", "work", "--no-browser")
    environment = {**os.environ, **desk.environment}
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8", env=environment)
    assert child.stdout is not None
    told = ""
    for line in child.stdout:
        told += line
        if line.strip().startswith("http"):
            requests.get(line.strip(), timeout=20)
            break
    out, err = child.communicate(timeout=60)
    assert (child.returncode, err) == (0, "")
    assert "work: signed in." in out
    assert desk.scopes() == SCOPES
    [grant] = (desk.folder / "data").rglob("*.json")
    assert stat.S_IMODE(grant.stat().st_mode) == 0o600
    assert stat.S_IMODE(grant.parent.stat().st_mode) == 0o700
    assert desk.google.tokens.client_secret not in grant.read_text()
    assert not any(secret in told + out for secret in desk.secrets())
    assert "signed out" in desk.keepwarm.run("logout", "work").out
    assert desk.grant() is None


def test_a_synced_account_knows_mail_and_meetings_and_keeps_no_secret_elsewhere(desk: Desk) -> None:
    fill(desk.google, mails=6, meetings=3, first=NOW - timedelta(days=11))
    desk.login()
    done = desk.keepwarm.run("--verbose", "sync")
    assert "6 new messages, 3 new or changed meetings" in done.out
    [contact] = desk.keepwarm.json("contacts")
    assert contact["addresses"] == [ANA]
    assert contact["next_meeting"]
    assert contact["last_out"]
    before = desk.google.requests
    doctor = desk.keepwarm.run("doctor")
    assert "google: 2 streams to read" in doctor.out
    assert desk.google.requests - before == 1
    told = done.out + done.err + doctor.out + doctor.err
    kept = b"".join(file.read_bytes() for file in desk.folder.glob("keepwarm.db*"))
    for secret in desk.secrets():
        assert secret not in told
        assert secret.encode() not in kept


def test_a_poll_with_nothing_new_is_one_request_a_stream(desk: Desk) -> None:
    fill(desk.google, mails=6, meetings=3, first=NOW - timedelta(days=11))
    desk.login()
    connector = desk.connector()
    cursors = {stream: list(connector.pull(stream, None))[-1].cursor for stream in connector.streams()}
    before = desk.google.requests
    for stream in connector.streams():
        assert list(connector.pull(stream, cursors[stream])) == []
    assert desk.google.requests - before == len(cursors) == 2


def test_bodies_are_asked_for_only_if_the_owner_has_them_read(desk: Desk) -> None:
    desk.login()
    desk.configure("[privacy]\nread_own_sent_bodies = true\n")
    with pytest.raises(SignInNeeded, match=r"gmail\.readonly") as caught:
        desk.connector().streams()
    assert "keepwarm login work" in caught.value.what_to_do
    desk.login()
    assert desk.scopes() == SCOPES - {"gmail.metadata"} | {"gmail.readonly"}
    assert desk.connector().streams()


def test_the_report_by_google_needs_the_right_to_send(desk: Desk) -> None:
    desk.configure('[report]\nvia = "google"\n')
    desk.login()
    assert desk.scopes() == SCOPES | {"gmail.send"}


def test_a_mail_is_sent_once_and_only_with_the_right_to(desk: Desk) -> None:
    desk.configure('[report]\nvia = "google"\n')
    desk.login()
    settings = load(desk.keepwarm.config)
    mail = b"To: me@example.com\r\nMessage-ID: <week-47@keepwarm>\r\n\r\nAll quiet.\r\n"
    assert send(desk.account, settings, mail) == "sent-1"
    assert desk.google.mail.sent == [mail]
    desk.google.fail("/messages/send", 503, times=9)
    with pytest.raises(Later):
        send(desk.account, settings, mail)
    assert desk.google.count("/messages/send") == 2


def test_a_box_that_was_not_ticked_is_named_and_nothing_is_kept(desk: Desk) -> None:
    desk.google.tokens.leaves_out = "calendar.events.readonly"
    with pytest.raises(Failure, match=r"Not granted: calendar\.events\.readonly"):
        desk.login()
    assert desk.grant() is None


def test_a_user_who_cancels_is_told_what_happened(desk: Desk) -> None:
    desk.google.tokens.denies = True
    with pytest.raises(Failure, match="access_denied"):
        desk.login()


def test_a_client_in_testing_is_told_when_the_grant_will_end(desk: Desk) -> None:
    desk.google.tokens.test_mode = True
    assert f"on {datetime.now(UTC) + timedelta(days=7):%Y-%m-%d}" in desk.login()
    doctor = desk.keepwarm.run("doctor", status=1)
    assert "in testing" in doctor.out


def test_without_signing_in_the_account_says_what_to_do_and_asks_nothing(desk: Desk) -> None:
    with pytest.raises(SignInNeeded) as caught:
        desk.connector().streams()
    assert caught.value.what_to_do == "Sign in: keepwarm login work"
    assert desk.google.requests == 0


def test_a_revoked_grant_pauses_the_account_and_tells_the_user(desk: Desk) -> None:
    desk.login()
    connector = desk.connector()
    connector.streams()
    desk.google.tokens.revoke()
    for _ in range(2):
        done = desk.keepwarm.run("sync", status=3)
        assert "taken back" in done.err
        assert "keepwarm login work" in done.err
    assert desk.google.tokens.refreshes == 1
    desk.login()
    assert list(connector.pull(connector.streams()[0], None))


def test_an_access_token_that_ended_early_is_renewed_without_a_word(desk: Desk) -> None:
    fill(desk.google, mails=6, meetings=3, first=NOW - timedelta(days=11))
    desk.login()
    connector = desk.connector()
    desk.google.tokens.end_access()
    found = [one for stream in connector.streams() for batch in connector.pull(stream, None) for one in batch.seen]
    assert len(found) == 9
    assert desk.google.tokens.refreshes == 1


def test_somebody_elses_mailbox_is_refused(desk: Desk) -> None:
    desk.google.mail.address = "somebody@else.example"
    desk.login()
    connector = desk.connector()
    with pytest.raises(Refused, match=r"somebody@else\.example"):
        list(connector.pull(connector.streams()[0], None))


def test_a_calendar_api_that_is_switched_off_does_not_keep_the_mail(desk: Desk) -> None:
    fill(desk.google, mails=6, meetings=3, first=NOW - timedelta(days=11))
    desk.login()
    desk.google.fail("calendarList", 403, "accessNotConfigured", times=9)
    connector = desk.connector()
    mail, calendars = connector.streams()
    assert sum(len(batch.seen) for batch in connector.pull(mail, None)) == 6
    with pytest.raises(Refused, match="Google Calendar API is not switched on"):
        list(connector.pull(calendars, None))


def test_a_client_file_of_another_type_is_told_apart(desk: Desk) -> None:
    (desk.folder / "client.json").write_text('{"web": {"client_id": "x"}}')
    with pytest.raises(BadUsage, match="Web application") as caught:
        desk.login()
    assert "Desktop app" in caught.value.what_to_do


def test_there_is_no_sign_in_by_device_code(desk: Desk) -> None:
    with pytest.raises(BadUsage) as caught:
        desk.login(device=True)
    assert "--no-browser" in caught.value.what_to_do
