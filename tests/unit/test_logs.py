"""Logs: on stderr, as loud as was asked for, without secrets and without anything that steers a terminal."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

CODE = """
import structlog
from keepwarm.daemon.logs import configure
from keepwarm.daemon.session import Verbosity
configure(Verbosity({verbosity!r}), foreground={foreground})
log = structlog.get_logger()
log.debug("debugging"); log.info("informing"); log.warning("warning"); log.error("failing")
{more}
"""


def logged(more: str = "", verbosity: str = "normal", *, foreground: bool = False) -> str:
    code = CODE.format(verbosity=verbosity, foreground=foreground, more=more)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == ""
    return done.stderr


@pytest.mark.parametrize(
    ("verbosity", "foreground", "events"),
    [
        ("normal", False, ["warning", "failing"]),
        ("normal", True, ["informing", "warning", "failing"]),
        ("quiet", True, ["failing"]),
        ("verbose", False, ["debugging", "informing", "warning", "failing"]),
    ],
)
def test_each_verbosity_has_its_threshold(verbosity: str, foreground: bool, events: list[str]) -> None:
    lines = logged(verbosity=verbosity, foreground=foreground).splitlines()
    assert [line.rpartition("event=")[2] for line in lines] == events
    assert all(line.startswith("timestamp=") for line in lines)


def test_what_sounds_like_a_secret_is_not_logged_at_any_depth() -> None:
    said = logged(
        'log.error("x", password="hunter2", '
        'request={"Authorization": "hunter2", "list": [{"api_key": "hunter2"}]}, '
        'refresh_token=["hunter2"], client_secret={"a": "hunter2"}, account="work")'
    )
    assert "hunter2" not in said
    assert said.count("***") == 5
    assert "account=work" in said


def test_a_hostile_value_stays_one_harmless_line() -> None:
    said = logged('log.error("x", subject="a\\x1b[2J\\nb\\u202ec", names=["\\x1b[2J\\u202e"])')
    assert len(said.splitlines()) == 3
    assert said.replace("\n", "").isprintable()
    assert 'subject="a bc"' in said


def test_a_traceback_is_logged_without_control_sequences() -> None:
    said = logged('try:\n    raise ValueError("\\x1b[2Jbad")\nexcept ValueError:\n    log.exception("x")')
    assert "ValueError: bad" in said
    assert "\x1b" not in said


def test_a_log_that_cannot_be_written_ends_nobody() -> None:
    code = (
        "import structlog\nfrom keepwarm.daemon import logs\nfrom keepwarm.daemon.session import Verbosity\n"
        "logs.configure(Verbosity.VERBOSE)\nstructlog.get_logger().warning('told')\nprint('went on')\n"
    )
    with Path("/dev/full").open("w") as full:
        done = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=full, check=False, text=True)
    assert done.stdout == "went on\n"
