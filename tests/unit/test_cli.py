"""The command line: what it loads, how it exits, and what it tells."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click
import pytest

from keepwarm.daemon.cli import keepwarm
from keepwarm.daemon.configuration import ConfigurationError
from keepwarm.daemon.exit_status import exit_status
from keepwarm.daemon.failure import BadUsage, DoneInPart, Failure
from keepwarm.daemon.lazy_group import Entry, LazyGroup
from keepwarm.daemon.secret import SecretError
from keepwarm.daemon.session import Session

if TYPE_CHECKING:
    from pathlib import Path

HEAVY = (
    "sqlalchemy",
    "alembic",
    "pydantic",
    "rich",
    "imapclient",
    "icalendar",
    "googleapiclient",
    "google_auth_oauthlib",
    "httplib2",
    "requests",
    "structlog",
    "keyring",
    "holidays",
)

HELP_AND_LIST_MODULES = """
import sys
from keepwarm.daemon.cli import main
try:
    main(["--help"])
except SystemExit as end:
    print("status", end.code)
print("loaded", *sorted({name.partition(".")[0] for name in sys.modules}))
print("commands", *(name for name in sys.modules if name.startswith("keepwarm.daemon.commands.")))
"""


def child(*arguments: str) -> subprocess.CompletedProcess[str]:
    code = "from keepwarm.daemon.cli import main; main()"
    return subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False)


def status_of(error: BaseException, *arguments: str) -> int:
    @click.group()
    @click.option("--verbose", is_flag=True)
    def group(verbose: bool) -> None:
        pass

    @group.command()
    def fail() -> None:
        raise error

    return exit_status(group, [*arguments, "fail"])


def test_help_loads_no_command_and_nothing_heavy() -> None:
    said = subprocess.run(
        [sys.executable, "-c", HELP_AND_LIST_MODULES], capture_output=True, text=True, check=True
    ).stdout
    lines = dict(line.partition(" ")[::2] for line in said.splitlines() if line)
    assert lines["status"] == "0"
    assert "click" in lines["loaded"].split()
    assert not set(HEAVY) & set(lines["loaded"].split())
    assert lines["commands"] == ""


def test_help_is_there_at_once() -> None:
    def seconds() -> float:
        began = time.perf_counter()
        child("--help")
        return time.perf_counter() - began

    # The least of some: what other processes take of the machine is not the program's doing.
    assert min(seconds() for _ in range(7)) < 0.3


def test_help_lists_every_command_with_its_line() -> None:
    said = child("--help").stdout
    for name in ("init", "sync", "run", "status", "doctor", "contacts", "signals", "why", "report", "export",
                 "rules", "replay", "db"):  # fmt: skip
        assert f"\n  {name} " in said


def test_the_version_is_told() -> None:
    assert child("--version").stdout.startswith("keepwarm 0.")


def test_bad_usage_is_status_2_with_the_nearest_command() -> None:
    done = child("snyc")
    assert done.returncode == 2
    assert "Did you mean 'sync'?" in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize("arguments", [[], ["--no-such-option"], ["--verbose", "--quiet", "init"]])
def test_a_command_line_that_means_nothing_is_status_2(arguments: list[str]) -> None:
    assert exit_status(keepwarm, arguments) == 2


@pytest.mark.parametrize("as_of", ["yesterday", "2026-13-01", "0001-01-01", "9999-12-31", ""])
def test_a_bad_moment_is_status_2_and_told(as_of: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_status(keepwarm, ["--as-of", as_of, "init"]) == 2
    assert "--as-of" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (Failure("why", "cure"), 1),
        (BadUsage("why", "cure"), 2),
        (DoneInPart("why", "cure"), 3),
        (SecretError("why", "cure"), 1),
    ],
)
def test_a_failure_is_told_with_its_cure_and_has_its_status(
    error: Exception, status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert status_of(error) == status
    captured = capsys.readouterr()
    assert captured.err == "keepwarm: why\ncure\n"
    assert captured.out == ""


def test_a_bad_configuration_is_status_2_and_every_problem_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "config.toml"
    file.write_text("[oner]\n[bands]\ncool = 99")
    with pytest.raises(ConfigurationError) as refused:
        _ = Session(config=file).configuration
    assert status_of(refused.value) == 2
    told = capsys.readouterr().err
    assert str(file) in told
    assert "\n  oner: unknown key" in told
    assert "\n  bands: found" in told


def test_an_unexpected_error_is_one_sentence_without_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    assert status_of(ZeroDivisionError("by zero")) == 1
    told = capsys.readouterr().err
    assert told.startswith("keepwarm: unexpected ZeroDivisionError: by zero\n")
    assert "Traceback" not in told


def test_verbose_shows_the_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    assert status_of(ZeroDivisionError("by zero"), "--verbose") == 1
    assert "Traceback" in capsys.readouterr().err


def test_an_error_of_the_system_is_told_with_its_file(capsys: pytest.CaptureFixture[str]) -> None:
    assert status_of(OSError(28, "No space left on device", "/tmp/report.html")) == 1
    assert capsys.readouterr().err == "keepwarm: /tmp/report.html: No space left on device\n"


def test_what_is_told_cannot_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    status_of(Failure("from \x1b]0;owned\x07Bob\u202e\x1b[2J", "cu\u2066re"))
    assert capsys.readouterr().err == "keepwarm: from Bob\ncure\n"


@pytest.mark.parametrize("error", [KeyboardInterrupt(), click.Abort()])
def test_an_interruption_is_quiet_and_status_130(error: BaseException, capsys: pytest.CaptureFixture[str]) -> None:
    assert status_of(error) == 130
    assert capsys.readouterr().err == ""


def test_a_command_may_end_with_a_status_of_its_own() -> None:
    assert status_of(click.exceptions.Exit(3)) == 3


def test_a_reader_that_has_gone_is_no_traceback() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    code = "from keepwarm.daemon.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code, "--help"], stdout=writer, stderr=subprocess.PIPE, text=True, check=False
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (141, "")


def test_a_lazy_command_is_loaded_by_name_only_when_called(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "keepwarm_test_command.py").write_text(
        "import click\n@click.command()\n@click.pass_context\ndef command(ctx):\n    ctx.exit(7)\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    group = LazyGroup("x", entries={"there": Entry("keepwarm_test_command", "Do it.")})
    assert exit_status(group, ["--help"]) == 0
    assert "keepwarm_test_command" not in sys.modules
    assert exit_status(group, ["there"]) == 7
    del sys.modules["keepwarm_test_command"]


def test_now_is_the_clock_unless_a_moment_is_given() -> None:
    before = datetime.now(UTC)
    assert before <= Session().now() <= datetime.now(UTC)


def test_a_moment_with_an_offset_needs_no_configuration(tmp_path: Path) -> None:
    session = Session(config=tmp_path / "none", as_of=datetime.fromisoformat("2026-11-16T09:00+01:00"))
    assert session.now() == datetime(2026, 11, 16, 8, tzinfo=UTC)


def test_a_naive_moment_is_read_in_the_owners_zone(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text('[owner]\ntimezone = "America/New_York"')
    session = Session(config=file, as_of=datetime.fromisoformat("2026-07-01"))
    assert session.now() == datetime(2026, 7, 1, 4, tzinfo=UTC)


def test_the_options_before_the_command_reach_it(tmp_path: Path) -> None:
    seen: list[Session] = []

    @click.command()
    @click.pass_obj
    def look(session: Session, /) -> None:
        seen.append(session)

    with keepwarm.make_context("keepwarm", ["--config", "x.toml", "--as-of", "2026-11-16", "--quiet", "init"]) as ctx:
        ctx.invoked_subcommand = "init"
        assert keepwarm.callback is not None
        ctx.invoke(keepwarm.callback, **ctx.params)
        ctx.invoke(look)
    assert str(seen[0].config) == "x.toml"
    assert seen[0].as_of == datetime(2026, 11, 16)  # noqa: DTZ001 - naive until the owner's zone is known
    assert seen[0].verbosity.value == "quiet"
