"""systemctl: asked and told, and a sentence with the cure where there is no systemd, or none for this user."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from keepwarm.daemon.failure import Failure
from keepwarm.outputs.safe_text import one_line

_SECONDS = 120.0  # a start waits until the daemon is ready
_STATE = (
    "LoadState",
    "ActiveState",
    "SubState",
    "UnitFileState",
    "MainPID",
    "NRestarts",
    "StatusText",
    "MemoryCurrent",
)


@dataclass(frozen=True, slots=True)
class Systemctl:
    """The manager of this user, or of the whole system."""

    system: bool = False

    def line(self, *arguments: str) -> str:
        """Give the command line, for people."""
        return shlex.join(self._command(*arguments))

    def check(self) -> None:
        """Find out whether there is a manager that answers. Raises Failure, with what to do."""
        self.tell("show", "--property=Version")

    def tell(self, *arguments: str) -> str:
        """Run it; give what it says. Raises Failure."""
        done = self._run(*arguments)
        if done.returncode:
            said = one_line((done.stderr or done.stdout).strip().rpartition("\n")[2])
            raise _without_manager(said, system=self.system) or Failure(
                f"`{self.line(*arguments)}` ended with status {done.returncode}: {said}", self._look()
            )
        return done.stdout

    def state(self, unit: str) -> dict[str, str]:
        """Give what the manager knows of a unit, by systemd's own names. Raises Failure."""
        told = self.tell("show", unit, f"--property={','.join(_STATE)}")
        return dict(line.partition("=")[::2] for line in told.splitlines() if "=" in line)

    def _look(self) -> str:
        return f"Look: journalctl {'' if self.system else '--user '}-u keepwarm -n 20"

    def _command(self, *arguments: str) -> list[str]:
        return ["systemctl", *(() if self.system else ("--user",)), *arguments]

    def _run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = self._command(*arguments)
        if shutil.which(command[0]) is None:
            raise _no_systemd()
        try:
            return subprocess.run(  # noqa: S603 - the words are ours, and a unit's name
                command,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                encoding="utf-8",
                errors="replace",
                timeout=_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise Failure(f"`{self.line(*arguments)}` gave no answer in {_SECONDS:g} seconds.", self._look()) from None


def lingers() -> bool | None:
    """Whether this user's services run while the user is not signed in; None if that cannot be told."""
    if shutil.which("loginctl") is None:
        return None
    done = subprocess.run(  # noqa: S603 - the words are ours
        ["loginctl", "show-user", str(os.getuid()), "--property=Linger", "--value"],  # noqa: S607 - found on the PATH
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    return {"yes": True, "no": False}.get(done.stdout.strip())


def _without_manager(said: str, *, system: bool) -> Failure | None:
    """Give the failure of a machine without systemd as its manager, or of a user without one; None for all others."""
    if "not been booted with systemd" in said or "Host is down" in said:
        return _no_systemd()
    if "connect to bus" not in said and "connect to user scope bus" not in said:
        return None
    if system or not Path("/run/systemd/system").exists():
        return _no_systemd()
    return Failure(
        f"systemd has no session of your user's: {said}",
        "Sign in as that user (a desktop, ssh, or: machinectl shell USER@), not by su or sudo; "
        "or have root run: loginctl enable-linger USER",
    )


def _no_systemd() -> Failure:
    if sys.platform == "darwin":
        return Failure("macOS has no systemd.", "Have launchd start `keepwarm run`, or start it in a terminal.")
    if "WSL_DISTRO_NAME" in os.environ:
        return Failure(
            "systemd is not running in this WSL.",
            'Switch it on: "[boot]" and "systemd=true" in /etc/wsl.conf, then: wsl --shutdown. '
            "Or start `keepwarm run` by hand.",
        )
    return Failure(
        "systemd does not run this machine (is it a container?).",
        "Have whatever starts programs here start `keepwarm run`: it stays in the foreground, and ends on SIGTERM.",
    )
