"""Accounts of kind microsoft by the real command: the real msal signs in, and mail and calendars are read over HTTP."""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.keepwarm import Keepwarm
from tests.microsoft import ME, Microsoft, attendee, message
from tests.servers.graph_identity import CLIENT_ID, REVOKED, Identity, browse
from tests.servers.web import certificate

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOW = datetime.now(UTC).replace(microsecond=0)


@dataclass(slots=True)
class Signing:
    """The servers, and the command with an account there."""

    microsoft: Microsoft
    identity: Identity
    keepwarm: Keepwarm
    folder: Path
    data: Path = field(init=False)

    def __post_init__(self) -> None:
        self.data = self.folder / "data" / "keepwarm"

    def grants(self) -> list[Path]:
        return sorted((self.data / "grants").glob("*.json"))


@pytest.fixture
def signing(tmp_path: Path) -> Iterator[Signing]:
    context, ca_file = certificate(tmp_path)
    microsoft = Microsoft()
    identity = Identity(microsoft.graph, context, ca_file)
    config = tmp_path / "config.toml"
    config.write_text(settings(microsoft, identity))
    environment = {
        "XDG_DATA_HOME": str(tmp_path / "data"),
        "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
    }
    yield Signing(microsoft, identity, Keepwarm(config, environment=environment), tmp_path)
    identity.stop()
    microsoft.stop()


def settings(microsoft: Microsoft, identity: Identity) -> str:
    return f"""
[owner]
timezone = "Europe/Berlin"
[[account]]
name = "work"
kind = "microsoft"
address = "{ME}"
client_id = "{CLIENT_ID}"
authority = "{identity.authority}"
endpoint = "{microsoft.graph.url}"
ca_file = "{identity.ca_file}"
"""


def by_browser(signing: Signing) -> tuple[int, str, str]:
    """Sign in as a person does who opens the address that is printed."""
    command = signing.keepwarm.command("login", "work", "--no-browser")
    environment = {**os.environ, **signing.keepwarm.environment, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8", env=environment
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        out = ""
        for line in process.stdout:
            out += line
            if found := re.search(r"https://\S+/authorize\S+", line):
                browse(found[0], signing.identity.ca_file)
        err = process.stderr.read()
    return process.returncode, out, err


def sync(signing: Signing, status: int = 0) -> str:
    done = signing.keepwarm.run("sync", status=status)
    return done.out + done.err


def of_now(number: int, **more: Any) -> dict[str, Any]:
    at = NOW - timedelta(days=number)
    stamp = f"{at:%Y-%m-%dT%H:%M:%SZ}"
    return {**message(number, **more), "sentDateTime": stamp, "receivedDateTime": stamp}


def fill(microsoft: Microsoft) -> None:
    for number in (30, 20, 10):
        microsoft.mailbox.add(of_now(number))
        sent = of_now(number - 1, sender=ME, to=["ana@acme.example"])
        microsoft.mailbox.add({**sent, "internetMessageId": f"<sent{number}@example.com>"}, "sentitems")
    microsoft.calendars.add(NOW + timedelta(days=3), attendees=[attendee("ana@acme.example", "accepted")])


def test_signing_in_through_a_browser_and_reading(signing: Signing) -> None:
    fill(signing.microsoft)
    status, out, err = by_browser(signing)
    assert (status, out.splitlines()[-1]) == (0, f"work: signed in as {ME}."), err
    assert signing.identity.grants == ["authorization_code"]
    sync(signing)
    [ana] = signing.keepwarm.json("contacts")
    assert ana["addresses"] == ["ana@acme.example"]
    assert ana["next_meeting"]
    assert not signing.microsoft.graph.was_concurrent


def test_the_weekly_report_goes_by_microsoft_once(signing: Signing) -> None:
    fill(signing.microsoft)
    config = signing.keepwarm.config
    config.write_text(config.read_text() + '[report]\nvia = "microsoft"\n')
    by_browser(signing)
    sync(signing)
    signing.keepwarm.run("report", "--send")
    assert "was sent before" in signing.keepwarm.run("report", "--send").out
    [mail] = signing.microsoft.mailbox.sent
    assert b"X-Keepwarm: report " in mail


def test_signing_in_by_a_code_on_another_device(signing: Signing) -> None:
    done = signing.keepwarm.run("login", "work", "--device")
    assert "ABCD-1234" in done.out
    assert set(signing.identity.grants) == {"urn:ietf:params:oauth:grant-type:device_code"}
    assert "signed out" in signing.keepwarm.run("logout", "work").out
    assert not signing.grants()


def test_the_grant_is_the_users_alone_and_in_no_output(signing: Signing) -> None:
    _, out, err = by_browser(signing)
    [grant] = signing.grants()
    assert grant.stat().st_mode & 0o077 == 0
    secrets = re.findall(r"(?:access|refresh)-[0-9a-f]{16}", grant.read_text())
    assert secrets
    told = out + err + signing.keepwarm.run("doctor", status=0).out + sync(signing)
    database = signing.data / "keepwarm.db"
    assert not any(secret in told or secret.encode() in database.read_bytes() for secret in secrets)


def test_two_processes_at_once_stay_signed_in(signing: Signing) -> None:
    signing.identity.lasts = 60
    by_browser(signing)
    processes = [signing.keepwarm.start("sync") for _ in range(2)]
    assert {process.wait(120) for process in processes} <= {0, 3}  # 3: the other one holds the lease
    sync(signing)


def test_a_refusal_is_told_with_the_next_step(signing: Signing) -> None:
    signing.identity.lasts = 60
    by_browser(signing)
    signing.identity.fails = REVOKED
    told = sync(signing, status=3)
    assert "The grant was revoked" in told
    assert "keepwarm login work" in told
    assert "BAD account work: The grant was revoked" in signing.keepwarm.run("doctor", status=1).out


def test_nobody_signed_in_yet(signing: Signing) -> None:
    told = sync(signing, status=3)
    assert "Nobody has signed in to this account yet" in told
    assert "keepwarm login work" in told
    doctor = signing.keepwarm.run("doctor", status=1).out
    assert "BAD account work: Nobody has signed in" in doctor
