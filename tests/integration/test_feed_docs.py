"""docs/feed.md: what it shows works as it stands there, and it names all that there is."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from keepwarm.outputs import csv_tables
from keepwarm.outputs.feed import TYPES, schema
from tests.feed import valid_lines
from tests.keepwarm import PROGRAM

if TYPE_CHECKING:
    from tests.practice.world import World

TEXT = (Path(__file__).parents[2] / "docs" / "feed.md").read_text("utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
RUN = [(kind, code) for kind, code in BLOCKS if kind in {"sh", "python"}]


@pytest.fixture(scope="module")
def folder(world: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which a reader would try it."""
    made = tmp_path_factory.mktemp("docs")
    world.keepwarm.run("export", "--format", "jsonl,csv,ics,vcard,atom", "--out", str(made))
    return made


def run(world: World, folder: Path, kind: str, code: str) -> str:
    environment = {
        **os.environ,
        "PATH": f"{PROGRAM.parent}{os.pathsep}{os.environ['PATH']}",
        "KEEPWARM_CONFIG": str(world.practice.config),
    }
    command = ["bash", "-euo", "pipefail", "-c"] if kind == "sh" else [sys.executable, "-W", "error", "-c"]
    done = subprocess.run(
        [*command, code], cwd=folder, env=environment, capture_output=True, encoding="utf-8", timeout=120, check=False
    )
    assert done.returncode == 0, f"{code}\n{done.stderr}"
    return done.stdout


@pytest.mark.parametrize(("kind", "code"), RUN, ids=[f"{number}-{kind}" for number, (kind, _) in enumerate(RUN)])
def test_each_example_runs_as_it_is_written(world: World, folder: Path, kind: str, code: str) -> None:
    assert run(world, folder, kind, code).strip()


def test_all_the_promised_tools_are_shown() -> None:
    for tool in ("keepwarm export", "jq ", "import duckdb", "import pandas", "--since"):
        assert any(tool in code for _, code in RUN), tool


def test_the_open_signals_that_jq_finds_are_the_open_ones(world: World, folder: Path) -> None:
    (code,) = [code for _, code in RUN if code.startswith("jq")]
    rows = [line.split("\t") for line in run(world, folder, "sh", code).splitlines()]
    opened = {(row["contact"]["name"], row["rule"]) for row in world.keepwarm.json("signals")}
    assert len(rows) == 10
    assert {(row[1], row[2]) for row in rows} <= opened


def test_the_five_lines_go_on_where_they_stopped(world: World, tmp_path: Path) -> None:
    (code,) = [code for _, code in RUN if "cursor.txt" in code]
    assert len(list(filter(None, code.splitlines()))) == 5
    feed = valid_lines(world.keepwarm.run("export").out)
    (tmp_path / "cursor.txt").write_text(str(len(feed) - 3))
    assert len(run(world, tmp_path, "python", code).splitlines()) == 3
    assert run(world, tmp_path, "python", code) == ""


def test_the_example_of_a_line_fits_the_schema() -> None:
    (example,) = [code for kind, code in BLOCKS if kind == "json"]
    valid_lines(json.dumps(json.loads(example)) + "\n")


def test_every_type_key_and_column_is_named() -> None:
    definitions = schema()["$defs"]
    keys = {key for one in definitions.values() for key in one.get("properties", {})} | set(schema()["properties"])
    missing = [word for word in (*TYPES, *sorted(keys)) if word not in re.findall(r"[\w.]+", TEXT)]
    assert [word for word in missing if f"`{word}`" not in TEXT] == []
    for columns in (csv_tables.CONTACTS, csv_tables.SIGNALS, csv_tables.WARMTH, csv_tables.MEETINGS):
        assert ", ".join(columns) in TEXT
