"""Tables: for a terminal, for a pipe, as JSON; and none of them lets a hostile name steer the display."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest

from keepwarm.daemon.tables import Column, plain, show, show_json

HOSTILE = "Bob\x1b[2J\x1b]0;owned\x07\u202egnp.exe\x9b31m\n[red]end"
COLUMNS = (Column("name", "Name"), Column("warmth", "Warmth", right=True))
ROWS = [{"name": "Änne", "warmth": 7.25, "id": "c_1"}, {"name": "日本", "warmth": 61.0, "id": "c_2"}]

ON_TERMINAL = f"""
from keepwarm.daemon.tables import Column, show
columns = (Column("name", "Name"), Column("warmth", "Warmth", right=True))
show([{{"name": {HOSTILE!r}, "warmth": 1.0}}], columns, as_json=False)
"""


def on_terminal(code: str) -> str:
    leader, follower = pty.openpty()
    environment = {**os.environ, "COLUMNS": "80", "NO_COLOR": "1", "TERM": "xterm"}
    subprocess.run([sys.executable, "-c", code], stdout=follower, check=True, env=environment)
    os.close(follower)
    said = b""
    while chunk := _read(leader):
        said += chunk
    os.close(leader)
    return re.sub(r"\x1b\[[01]m", "", said.decode())  # bold and its end are the headings' own


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65_536)
    except OSError:  # how Linux says that the other end of a terminal has closed
        return b""


def test_a_pipe_gets_aligned_text_by_width_not_by_count(capsys: pytest.CaptureFixture[str]) -> None:
    show(ROWS, COLUMNS, as_json=False)
    assert capsys.readouterr().out == "Name  Warmth\nÄnne     7.2\n日本    61.0\n"


def test_json_is_one_document_with_all_of_every_row(capsys: pytest.CaptureFixture[str]) -> None:
    show(ROWS, COLUMNS, as_json=True)
    assert json.loads(capsys.readouterr().out) == ROWS


def test_json_without_rows_is_an_empty_list_and_a_table_is_a_sentence(
    capsys: pytest.CaptureFixture[str],
) -> None:
    show([], COLUMNS, as_json=True, empty="Nobody yet.")
    assert json.loads(capsys.readouterr().out) == []
    show([], COLUMNS, as_json=False, empty="Nobody yet.")
    assert capsys.readouterr().out == "Nobody yet.\n"
    show([], COLUMNS, as_json=False)
    assert capsys.readouterr().out == ""


def test_a_hostile_cell_is_harmless_in_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    show([{"name": HOSTILE, "warmth": 1.0}], COLUMNS, as_json=False)
    (_, line) = capsys.readouterr().out.splitlines()
    assert line == "Bobgnp.exe [red]end     1.0"


def test_a_hostile_cell_is_harmless_on_a_terminal() -> None:
    said = on_terminal(ON_TERMINAL)
    assert "Bobgnp.exe [red]end" in said
    assert "Warmth" in said
    assert not {"\x1b", "\x9b", "\x07", "\u202e"} & set(said)


def test_json_keeps_hostile_text_whole_but_escapes_it(capsys: pytest.CaptureFixture[str]) -> None:
    show_json({"name": HOSTILE + "\U000e0041\ud800ä😀"})
    said = capsys.readouterr().out
    assert said.replace("\n", "").isprintable()
    assert "ä😀" in said
    assert json.loads(said)["name"] == HOSTILE + "\U000e0041\ud800ä😀"


def test_json_is_ascii_where_the_output_is() -> None:
    code = "from keepwarm.daemon.tables import show_json; show_json(['ä😀'])"
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, env=environment)
    assert json.loads(done.stdout.decode("ascii")) == ["ä😀"]


def test_json_has_moments_in_utc(capsys: pytest.CaptureFixture[str]) -> None:
    berlin = timezone(timedelta(hours=1))
    moment = datetime(2026, 11, 16, 8, 0, 5, tzinfo=berlin)
    show_json({"at": moment, "day": date(2026, 11, 16), "file": Path("/x"), "none": None})
    assert json.loads(capsys.readouterr().out) == {
        "at": "2026-11-16T07:00:05Z", "day": "2026-11-16", "file": "/x", "none": None,
    }  # fmt: skip


def test_json_refuses_what_json_does_not_have() -> None:
    with pytest.raises(ValueError, match="JSON"):
        show_json(float("nan"))
    with pytest.raises(TypeError, match="set"):
        show_json({1})


def test_a_long_cell_is_cut() -> None:
    assert len(Column("name", "Name").cell({"name": "x" * 10_000})) == 200


def test_a_column_may_show_its_value_in_its_own_way() -> None:
    assert Column("n", "N", text=lambda value: f"<{value}>").cell({"n": 3}) == "<3>"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (True, "yes"),
        (False, "no"),
        (3, "3"),
        (["a", None, 2.0], "a, , 2.0"),
        (datetime(2026, 11, 16, 8, 30, tzinfo=UTC), "2026-11-16 08:30Z"),
        (date(2026, 11, 16), "2026-11-16"),
    ],
)
def test_values_are_shown_plainly(value: object, text: str) -> None:
    assert plain(value) == text
