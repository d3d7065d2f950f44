"""Starts commands from a process that has loaded the program already: most of a short command's time is loading.

Each command is a process of its own all the same, forked before anything of it has run; with its own arguments,
environment, output and exit status. What is about loading itself, or runs beside the test, is started cold.

``python -m tests.warm_start`` reads a JSON object a line (``command``, ``environment``, ``out``, ``err``), answers each
with the process id, and with the exit status when it has ended.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import signal
import subprocess
import sys
import threading
from importlib import import_module
from pathlib import Path
from select import select
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import Any, NoReturn

ROOT = Path(__file__).parents[1]
BESIDES = ("calendar_parts", "caldav", "ics", "imap", "isolation", "maildir", "mbox")


class WarmStart:
    """One loaded process, which runs one command at a time."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.warm_start"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
            cwd=ROOT,
        )
        atexit.register(self._process.kill)

    def run(self, command: list[str], environment: dict[str, str], seconds: float) -> tuple[int, str, str]:
        """Run a command; give its exit status (negative: the signal that ended it) and what it wrote.

        Raises subprocess.TimeoutExpired; the command is killed then.
        """
        with TemporaryDirectory() as folder:
            out, err = Path(folder) / "out", Path(folder) / "err"
            request = {"command": command, "environment": environment, "out": str(out), "err": str(err)}
            assert self._process.stdin is not None
            assert self._process.stdout is not None
            self._process.stdin.write(json.dumps(request) + "\n")
            self._process.stdin.flush()
            child = int(self._process.stdout.readline())
            is_late = not select([self._process.stdout], [], [], seconds)[0]
            if is_late:
                os.kill(child, signal.SIGKILL)
            status = int(self._process.stdout.readline())
            if is_late:
                raise subprocess.TimeoutExpired(command, seconds)
            return status, out.read_text("utf-8"), err.read_text("utf-8")


_MINE = threading.local()


def run_warm(command: list[str], environment: dict[str, str], seconds: float) -> tuple[int, str, str]:
    """Run a command from the loaded process of this thread; see ``WarmStart.run``."""
    if not hasattr(_MINE, "start"):
        _MINE.start = WarmStart()
    found: tuple[int, str, str] = _MINE.start.run(command, environment, seconds)
    return found


def _load() -> None:
    from keepwarm.daemon import cli  # noqa: PLC0415 - this process alone loads everything

    for entry in cli.keepwarm.entries.values():  # type: ignore[attr-defined]
        import_module(entry.module)
    for name in BESIDES:
        import_module(f"keepwarm.connectors.{name}")
    import_module("keepwarm.daemon.sources")
    gc.freeze()


def _become(request: dict[str, Any]) -> NoReturn:
    """Be the command."""
    for number, path in ((0, os.devnull), (1, request["out"]), (2, request["err"])):
        opened = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        os.dup2(opened, number)
        os.close(opened)
    os.environ.clear()
    os.environ.update(request["environment"])
    sys.argv = request["command"]
    sys.modules["__main__"] = ModuleType("__main__")  # what the command starts must not load this file
    from keepwarm.daemon.cli import main  # noqa: PLC0415

    status: int | str | None = 1
    try:
        main()
    except SystemExit as end:
        status = end.code
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
    sys.exit(status)


def serve() -> None:
    """Run commands until there are no more."""
    _load()
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8", closefd=True)
    for line in sys.stdin:
        request = json.loads(line)
        child = os.fork()
        if not child:
            answers.close()
            _become(request)
        print(child, file=answers, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), file=answers, flush=True)


if __name__ == "__main__":
    serve()
