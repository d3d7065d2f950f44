"""The real command, run as a child process: what a user types, and what they get."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from tests.feed import valid_lines
from tests.warm_start import run_warm

if TYPE_CHECKING:
    from collections.abc import Mapping

PROGRAM = Path(sys.executable).with_name("keepwarm")
SECONDS = 120.0

# What an interpreter, or the C library, reads when it starts.
_ABOUT_LOADING = re.compile("PYTHON(?!_KEYRING)|LANG|LC_|TZ|LD_|MALLOC")


def _run_cold(command: list[str], environment: dict[str, str], seconds: float) -> tuple[int, str, str]:
    done = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=seconds, env=environment, check=False)
    return done.returncode, done.stdout, done.stderr


def _prints_the_feed(arguments: tuple[str, ...]) -> bool:
    return arguments[0] == "export" and not {"--schema", "--format", "--out"} & set(arguments)


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What a command said, and its exit status."""

    status: int
    out: str
    err: str


@dataclass(frozen=True, slots=True)
class Keepwarm:
    """The command with one configuration; ``as_of`` is "" for the clock's time."""

    config: Path
    as_of: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)

    def at(self, as_of: str) -> Keepwarm:
        """Give the same command as of another moment."""
        return replace(self, as_of=as_of)

    def command(self, *arguments: str) -> list[str]:
        """Give the command line."""
        as_of = ("--as-of", self.as_of) if self.as_of else ()
        return [str(PROGRAM), "--config", str(self.config), *as_of, *arguments]

    def run(self, *arguments: str, status: int = 0) -> Done:
        """Run a command, which must end with ``status``; of the feed each line must fit its schema."""
        command = self.command(*arguments)
        is_plain = command[0] == str(PROGRAM) and not any(map(_ABOUT_LOADING.match, self.environment))
        run = run_warm if is_plain else _run_cold
        ended, out, err = run(command, {**os.environ, **self.environment}, SECONDS)
        assert ended == status, f"{arguments}: {ended} {out[-2000:]} {err[-4000:]}"
        if _prints_the_feed(arguments) and not status:
            valid_lines(out)
        return Done(status=ended, out=out, err=err)

    def json(self, *arguments: str, status: int = 0) -> Any:
        """Run a command with ``--json``; its whole output must be one document."""
        return json.loads(self.run(*arguments, "--json", status=status).out)

    def start(self, *arguments: str, log: int | IO[str] = subprocess.PIPE) -> subprocess.Popen[str]:
        """Start a command and go on; what it logs goes to ``log``."""
        return subprocess.Popen(
            self.command(*arguments),
            stdout=subprocess.DEVNULL,
            stderr=log,
            encoding="utf-8",
            env={**os.environ, **self.environment},
        )
