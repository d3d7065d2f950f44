"""An account at Google from the first command on: signing in, reading, what is kept, and what is told."""

from __future__ import annotations

import os
import resource
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
from tests.google import event, seconds
from tests.google_desk import ANA, ME, fill
from tests.integration.test_gmail import invitation
from tests.keepwarm import Keepwarm
from tests.servers.google import Google
from tests.servers.google_meet import guest

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
        account, *_ = load(self.keepwarm.config).accounts
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
    assert f"work: signed in as {ME}." in out
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
    connector = desk.connector()
    mail, calendar = connector.streams()
    with pytest.raises(Refused, match=r"gmail\.readonly") as caught:
        list(connector.pull(mail, None))
    assert "keepwarm login work" in caught.value.what_to_do
    assert list(connector.pull(calendar, None))
    desk.login()
    assert desk.scopes() == SCOPES - {"gmail.metadata"} | {"gmail.readonly"}
    assert desk.connector().streams()


def test_the_report_by_google_needs_the_right_to_send(desk: Desk) -> None:
    desk.configure('[report]\nvia = "google"\n')
    desk.login()
    assert desk.scopes() == SCOPES | {"gmail.send"}


@pytest.mark.parametrize(("to", "is_asked"), [(ME, True), ("other@example.com", False)])
def test_the_right_to_send_is_asked_for_only_of_the_account_that_sends(desk: Desk, to: str, is_asked: bool) -> None:
    other = '[[account]]\nname = "other"\nkind = "google"\naddress = "other@example.com"\nclient_file = "client.json"\n'
    desk.configure(f'{other}[report]\nvia = "google"\nto = "{to}"\n')
    desk.login()
    assert ("gmail.send" in desk.scopes()) is is_asked


def test_the_weekly_report_goes_by_google_once(desk: Desk) -> None:
    desk.configure('[report]\nvia = "google"\n')
    fill(desk.google, mails=6, meetings=3, first=NOW - timedelta(days=11))
    desk.login()
    desk.keepwarm.run("sync")
    desk.keepwarm.run("report", "--send")
    assert "was sent before" in desk.keepwarm.run("report", "--send").out
    (mail,) = desk.google.mail.sent
    assert b"X-Keepwarm: report " in mail
    assert b"Message-ID: <keepwarm.report." in mail


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


def test_a_mail_whose_sending_nobody_confirms_is_not_sent_again(desk: Desk) -> None:
    """httplib2 sends a request again, of its own, if the connection ends before there is an answer."""
    desk.configure('[report]\nvia = "google"\n')
    desk.login()
    settings = load(desk.keepwarm.config)
    desk.google.breaks_off = "/messages/send"
    with pytest.raises(Later, match="cannot be reached"):
        send(desk.account, settings, b"To: me@example.com\r\n\r\nAll quiet.\r\n")
    assert len(desk.google.mail.sent) == 1


def test_sending_renews_an_access_token_that_is_over(desk: Desk) -> None:
    desk.configure('[report]\nvia = "google"\n')
    desk.login()
    desk.google.tokens.end_access()
    assert send(desk.account, load(desk.keepwarm.config), b"To: me@example.com\r\n\r\nHello\r\n") == "sent-1"


def test_a_box_that_was_not_ticked_is_named_and_all_else_is_read(desk: Desk) -> None:
    fill(desk.google, mails=6, meetings=3, first=NOW - timedelta(days=11))
    desk.google.tokens.leaves_out = "calendar.events.readonly"
    assert "left out: calendars." in desk.login()
    done = desk.keepwarm.run("sync", status=3)
    assert "6 new messages" in done.out
    assert "calendar.events.readonly" in done.err
    assert "tick all boxes" in done.err
    assert "calendar.events.readonly" in desk.keepwarm.run("doctor", status=1).out
    desk.google.tokens.leaves_out = "gmail.metadata"
    assert "left out: mail." in desk.login()
    done = desk.keepwarm.run("sync", status=3)
    assert "3 new or changed meetings" in done.out
    assert "gmail.metadata" in done.err
    desk.google.tokens.leaves_out = ""
    assert "left out" not in desk.login()
    desk.keepwarm.run("sync")
    assert "Google Calendar" not in desk.keepwarm.run("status").out


def test_if_nothing_is_granted_nothing_is_kept(desk: Desk) -> None:
    desk.google.tokens.leaves_out = "readonly"
    desk.configure("[privacy]\nread_own_sent_bodies = true\n")
    with pytest.raises(Failure, match="Nothing was granted"):
        desk.login()
    assert desk.grant() is None


def test_no_core_is_dumped_of_who_signs_in_whatever_becomes_of_the_grant(desk: Desk) -> None:
    before = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (before[1], before[1]))
    desk.google.tokens.leaves_out = "readonly"
    desk.configure("[privacy]\nread_own_sent_bodies = true\n")
    try:
        with pytest.raises(Failure, match="Nothing was granted"):
            desk.login()
        assert resource.getrlimit(resource.RLIMIT_CORE)[0] in (0, 1)
    finally:
        resource.setrlimit(resource.RLIMIT_CORE, before)


def test_a_user_who_cancels_is_told_what_happened(desk: Desk) -> None:
    desk.google.tokens.denies = True
    with pytest.raises(Failure, match="not allowed") as caught:
        desk.login()
    assert "keepwarm login work" in caught.value.what_to_do


@pytest.mark.parametrize("box", ["", "gmail.metadata"])
def test_another_persons_account_at_the_next_sign_in_is_refused_and_the_grant_before_is_kept(
    desk: Desk, box: str
) -> None:
    assert f"signed in as {ME}" in desk.login()
    before = desk.grant()
    desk.google.mail.address = "somebody@else.example"
    desk.google.tokens.leaves_out = box
    with pytest.raises(Failure, match=r"somebody@else\.example was signed in, but .* is that of me@example\.com"):
        desk.login()
    assert desk.grant() == before


def test_without_an_address_in_the_configuration_it_is_whose_grant_there_was(desk: Desk) -> None:
    config = desk.keepwarm.config
    config.write_text(config.read_text().replace(f'address = "{ME}"\n', ""))
    desk.login()
    desk.login()
    desk.google.mail.address = "somebody@else.example"
    with pytest.raises(Failure, match=r"was that of me@example\.com so far"):
        desk.login()


def test_an_address_of_the_owners_own_is_theirs_unless_another_account_has_it(desk: Desk) -> None:
    desk.google.mail.address = "ME.too@example.com"
    config = desk.keepwarm.config
    config.write_text(config.read_text().replace("[owner]\n", '[owner]\naddresses = ["me.too@example.com"]\n'))
    assert "signed in as me.too@example.com" in desk.login()
    desk.configure(
        f'[[account]]\nname = "other"\nkind = "google"\naddress = "me.too@example.com"\n'
        f'client_file = "client.json"\nendpoint = "{desk.google.url}"\n'
    )
    with pytest.raises(Failure, match="address of the account 'other'"):
        sign_in(load(config).accounts[0], load(config), device=False, browser=True)  # type: ignore[arg-type]


def test_each_stream_goes_on_while_another_is_in_trouble(desk: Desk) -> None:
    fill(desk.google, mails=6, meetings=3, first=NOW - timedelta(days=11))
    desk.login()
    for within, status in (("calendarList", 403), ("calendarList", 500), ("/events", 500)):
        desk.google.fail(within, status, "accessNotConfigured" if status == 403 else "backendError", times=99)
        connector = desk.connector()
        mail, calendar = connector.streams()
        assert sum(len(batch.seen) for batch in connector.pull(mail, None)) == 6
        with pytest.raises((Later, Refused)):
            list(connector.pull(calendar, None))
        desk.google.faults.clear()
    desk.google.fail("/gmail/", 403, "accessNotConfigured", times=99)
    connector = desk.connector()
    mail, calendar = connector.streams()
    assert sum(len(batch.seen) for batch in connector.pull(calendar, None)) == 3
    with pytest.raises(Refused, match="Gmail API is not switched on"):
        list(connector.pull(mail, None))


def test_calendars_that_are_known_are_read_while_they_cannot_be_listed(desk: Desk) -> None:
    fill(desk.google, mails=0, meetings=3, first=NOW - timedelta(days=11))
    desk.login()
    connector = desk.connector()
    known = connector.streams()
    desk.google.fail("calendarList", 500, times=99)
    for _ in range(20):
        assert connector.streams() == known


def test_attendance_is_read_if_it_is_asked_for_and_only_then(desk: Desk) -> None:
    """From consent to the finding: alone in the call, the owner was stood up."""
    start = (NOW - timedelta(days=2)).replace(minute=0, second=0)
    meet = {"conferenceId": "abc-mnop-xyz", "conferenceSolution": {"key": {"type": "hangoutsMeet"}}}
    people = [{"email": ME, "self": True, "organizer": True, "responseStatus": "accepted"}]
    people += [{"email": ANA, "responseStatus": "accepted"}]
    fill(desk.google, mails=6, meetings=0, first=NOW - timedelta(days=11))
    own = {"organizer": {"email": ME, "self": True}, "attendees": people, "conferenceData": meet}
    desk.google.calendars.put(ME, event("call", start, **own))
    desk.google.meet.call("abc-mnop-xyz", start, start + timedelta(minutes=20), guest("Sam", desk.google.tokens.user))
    desk.login()
    desk.keepwarm.run("sync")
    assert desk.google.count("conferenceRecords") == 0
    assert desk.scopes() == SCOPES
    config = desk.keepwarm.config
    config.write_text(config.read_text() + "attendance = true\n")
    done = desk.keepwarm.run("sync", status=3)
    assert "Google Meet: This needs more than was granted at Google: meetings.space.readonly, openid." in done.err
    assert "keepwarm login work" in done.err
    desk.login()
    assert desk.scopes() == SCOPES | {"meetings.space.readonly", "openid"}
    desk.keepwarm.run("sync")
    [told] = [one for one in desk.keepwarm.json("signals") if one["rule"] == "stood_up"]
    assert told["contact"]["addresses"] == [ANA]


def test_invitations_are_read_if_they_are_asked_for_and_only_then(desk: Desk) -> None:
    config = desk.keepwarm.config
    config.write_text(config.read_text() + "invitations = true\n")
    desk.login()
    assert desk.scopes() == SCOPES - {"gmail.metadata"} | {"gmail.readonly"}
    desk.google.mail.deliver(invitation(1), seconds(1))
    connector = desk.connector()
    [message] = [one for batch in connector.pull(connector.streams()[0], None) for one in batch.seen]
    assert [one.ical_uid for one in message.meetings] == ["lunch@google.com"]  # type: ignore[union-attr]


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
    desk.login()
    desk.google.mail.address = "somebody@else.example"
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
