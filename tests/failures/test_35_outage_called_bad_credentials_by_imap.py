"""Failure 35, by IMAP: an outage is called bad credentials; and its twin, a password that is wrong, tried for ever.

Whoever takes an outage for a refusal sends the owner looking for a fault that is not theirs. Whoever takes a refusal
for an outage has the account locked, or this machine banned.
"""

from __future__ import annotations

import os
import pty
import subprocess
from typing import TYPE_CHECKING

import pytest

from keepwarm.connectors.contract import Later, SignInNeeded
from tests.daemon import PATIENCE, SETTINGS, count, end, running, until, write_secret
from tests.imap import scripted
from tests.keepwarm import Keepwarm
from tests.letters import ME
from tests.servers.scripted_imap import ScriptedImap

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

OUTAGES = (
    "NO [UNAVAILABLE] Temporary authentication failure. [mx:2026-11-25 09:00:00]",
    "NO [INUSE] Mailbox in use",
    "NO [LIMIT] Maximum number of connections from user+IP exceeded",
    "NO [SERVERBUG] LOGIN Server error - Please try again later",
    "NO Temporary authentication failure (rate-limit)",
    "NO [ALERT] Too many simultaneous connections. (Failure)",
    "NO Internal server error",
    "BAD User is authenticated but not connected.",
    "BAD Server Unavailable. 15",
    "BAD Command received in an invalid state.",
)
REFUSALS = (
    "NO [AUTHENTICATIONFAILED] Authentication failed.",
    "NO [AUTHENTICATIONFAILED] Invalid login or password, please try again",
    "NO [AUTHENTICATIONFAILED] Too many failures: account locked",
    "NO [AUTHORIZATIONFAILED] No such authorization-ID",
    "NO [EXPIRED] Your password has expired",
    "NO [ALERT] Application-specific password required: https://support.example/ (Failure)",
    "NO [WEBALERT https://accounts.example/x] Web login required.",
    "NO LOGIN failed.",
    "NO AUTHENTICATE failed.",
    "BAD invalid password",
)


def answering(sign_in: str) -> ScriptedImap:
    return ScriptedImap({"LOGIN": f"TAG {sign_in}\r\n".encode()})


@pytest.mark.parametrize("said", OUTAGES)
def test_an_outage_is_waited_for(said: str) -> None:
    with answering(said) as server, pytest.raises(Later):
        scripted(server).streams()


@pytest.mark.parametrize("said", REFUSALS)
def test_a_refusal_is_told_with_what_to_do(said: str) -> None:
    with answering(said) as server, pytest.raises(SignInNeeded) as refused:
        scripted(server).streams()
    assert refused.value.what_to_do


@pytest.mark.parametrize("said", [b"", b"* BYE going down\r\n", b"* BYE [UNAVAILABLE] too many\r\nTAG NO failed\r\n"])
def test_a_connection_that_ends_while_signing_in_is_an_outage(said: bytes) -> None:
    with ScriptedImap({"LOGIN": said}) as server, pytest.raises(Later):
        scripted(server, answer_seconds=1.0).streams()


# The daemon


class Guard:
    """Signs in whoever has the password that is right at the time."""

    def __init__(self) -> None:
        self.says = "NO [AUTHENTICATIONFAILED] Authentication failed."
        self.server = ScriptedImap(
            {
                "CAPABILITY": b"* CAPABILITY IMAP4rev1\r\nTAG OK done\r\n",
                "LOGIN": lambda _line: f"TAG {self.says}\r\n".encode(),
                "STATUS": b"* STATUS INBOX (UIDVALIDITY 7 UIDNEXT 1)\r\nTAG OK done\r\n",
                "EXAMINE": b"* 0 EXISTS\r\n* OK [UIDVALIDITY 7] .\r\n* OK [UIDNEXT 1] .\r\nTAG OK done\r\n",
            },
            b"* OK hello\r\n",
        )

    def attempts(self) -> int:
        return sum(line.startswith("LOGIN") for line in self.server.script.heard)


def daemon_of(folder: Path, guard: Guard) -> tuple[Keepwarm, Callable[[], int]]:
    """Give the command for an account there, and what counts how often its password was looked up."""
    command = "echo x >> looked_up; cat secret"
    write_secret(folder / "secret", "first")
    (folder / "config.toml").write_text(
        f'{SETTINGS}[[account]]\nname = "work"\nkind = "imap"\npoll = "1s"\naddress = "{ME}"\nhost = "127.0.0.1"\n'
        f'port = {guard.server.port}\ntls = "none"\npassword = {{ command = "cd {folder}; {command}" }}\n'
    )
    looked_up = folder / "looked_up"
    return Keepwarm(folder / "config.toml"), lambda: len(looked_up.read_text()) // 2 if looked_up.exists() else 0


def test_a_refused_password_is_not_offered_again_until_it_is_another_one(tmp_path: Path) -> None:
    guard = Guard()
    keepwarm, looked_up = daemon_of(tmp_path, guard)
    with guard.server, running(keepwarm) as daemon:
        until(lambda: looked_up() >= 4, daemon)  # for the sign-in, when it was refused, and two times since
        assert guard.attempts() == 1
        (account,) = keepwarm.json("status")["accounts"]
        assert "refused the password" in account["problem"]
        assert "the command in the configuration" in account["what_to_do"]
        assert "once it is another one" in account["what_to_do"]
        report = keepwarm.run("report", "--text", "-").out
        assert "refused the password" in report
        assert "Check user and password" in report
        guard.says = "OK signed in"
        write_secret(tmp_path / "secret", "second")
        until(lambda: guard.attempts() >= 2, daemon)
        until(lambda: not keepwarm.json("status")["accounts"][0]["problem"], daemon)
        end(daemon)
    assert [line for line in guard.server.script.heard if line.startswith("LOGIN")][:2] == [
        f'LOGIN "{ME}" "first"',
        f'LOGIN "{ME}" "second"',
    ]


def test_neither_the_daemon_started_again_nor_a_timer_nor_doctor_offers_a_refused_password_again(
    tmp_path: Path,
) -> None:
    guard = Guard()
    keepwarm, looked_up = daemon_of(tmp_path, guard)
    with guard.server:
        with running(keepwarm) as daemon:
            until(lambda: guard.attempts() == 1, daemon)
            until(lambda: bool(keepwarm.json("status")["accounts"][0]["problem"]), daemon)
            end(daemon)
        told = keepwarm.json("sync", status=3)["accounts"][0]["problems"][0]
        assert "It is still the same one, which is not offered again before" in told["why"]
        assert "`keepwarm sync` on a terminal offers it at once" in told["what_to_do"]
        (finding,) = (one for one in keepwarm.json("doctor", status=1) if one["about"] == "account work")
        assert "not offered again before" in finding["what"]
        before = looked_up()
        with running(keepwarm) as daemon:
            until(lambda: looked_up() >= before + 2, daemon)
            logged = end(daemon)
        assert logged.count("cannot be read") == 1
        assert guard.attempts() == 1
        write_secret(tmp_path / "secret", "second")
        guard.says = "OK signed in"
        assert keepwarm.json("sync")["accounts"][0]["problems"] == []
        assert guard.attempts() == 2


def test_who_syncs_on_a_terminal_has_the_same_password_offered_again(tmp_path: Path) -> None:
    guard = Guard()
    keepwarm, _ = daemon_of(tmp_path, guard)
    with guard.server:
        keepwarm.run("sync", status=3)
        guard.says = "OK signed in"  # the owner had the account unlocked
        main, terminal = pty.openpty()
        try:
            subprocess.run(keepwarm.command("sync"), stdin=terminal, capture_output=True, check=True, timeout=PATIENCE)
        finally:
            os.close(main)
            os.close(terminal)
        assert guard.attempts() == 2
        keepwarm.run("sync")  # and that is the end of it
        assert guard.attempts() == 3


def test_an_outage_pauses_nothing(tmp_path: Path) -> None:
    guard = Guard()
    guard.says = "BAD internal error"
    keepwarm, _ = daemon_of(tmp_path, guard)
    with guard.server, running(keepwarm) as daemon:
        until(lambda: count(tmp_path / "data" / "keepwarm.db", "account") == 1, daemon)
        until(lambda: bool(keepwarm.json("status")["accounts"][0]["problem"]), daemon)
        assert "lets nobody sign in now" in keepwarm.json("status")["accounts"][0]["problem"]
        end(daemon)


def test_doctor_says_what_to_do_about_a_refusal(tmp_path: Path) -> None:
    guard = Guard()
    keepwarm, _ = daemon_of(tmp_path, guard)
    with guard.server:
        (finding,) = (one for one in keepwarm.json("doctor", status=1) if one["about"] == "account work")
    assert "refused the password" in finding["what"]
    assert "Check user and password" in finding["cure"]
    assert "the command in the configuration" in finding["cure"]
