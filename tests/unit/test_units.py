"""The systemd units: what systemd itself says of them, and whose they are."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from keepwarm.daemon.unit import UnitFile, system_unit, user_unit

NOT_YET = "Unknown key 'Restart"  # of a systemd before 254, which goes on without RestartSteps and RestartMaxDelaySec
EXPOSED = {"keepwarm.service": 19, "keepwarm@anna.service": 13}  # tenths, at most; docs/reliability.md has them


@pytest.fixture(params=sorted(EXPOSED))
def unit(request: pytest.FixtureRequest, tmp_path: Path) -> UnitFile:
    """Give a unit as it would be installed."""
    file = UnitFile(tmp_path / request.param)
    command = ["/bin/true", "--config", "/etc/my config%n $HOME.toml", "run"]
    user = request.param == "keepwarm.service"
    file.write(user_unit(command, [tmp_path / "a %n b"], ["X=1"]) if user else system_unit(Path("/bin/true")))
    return file


def analyze(program: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [program, *arguments],
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, "XDG_RUNTIME_DIR": str(folder)},
        check=False,
    )


def test_systemd_finds_nothing_wrong_with_a_unit(unit: UnitFile, systemd_analyze: Path, tmp_path: Path) -> None:
    of = ["--user"] if unit.path.name == "keepwarm.service" else []
    done = analyze(systemd_analyze, tmp_path, *of, "verify", "--man=no", str(unit.path))
    assert [line for line in done.stderr.splitlines() if NOT_YET not in line] == []
    assert done.returncode == 0


def test_a_unit_is_as_well_closed_as_the_docs_say(unit: UnitFile, systemd_analyze: Path, tmp_path: Path) -> None:
    threshold = EXPOSED[unit.path.name]
    of = ["--user"] if unit.path.name == "keepwarm.service" else []
    done = analyze(
        systemd_analyze, tmp_path, *of, "security", "--offline=true", f"--threshold={threshold}", str(unit.path)
    )
    assert done.returncode == 0, done.stdout


def test_what_a_unit_holds_is_taken_word_by_word(tmp_path: Path) -> None:
    lines = user_unit(["/a b/keepwarm", "$X%n", 'q"\\'], [tmp_path / "a%b"], ["XDG_DATA_HOME=/a b"]).splitlines()
    assert 'ExecStart="/a b/keepwarm" "$$X%%n" "q\\"\\\\"' in lines
    assert 'Environment="XDG_DATA_HOME=/a b"' in lines
    assert f"ReadWritePaths=-{tmp_path}/a%%b" in lines


def test_a_unit_that_was_changed_is_known_and_its_drop_ins_too(unit: UnitFile) -> None:
    assert unit.is_ours
    assert unit.drop_ins == []
    assert unit.text is not None
    assert not unit.write(unit.text)  # it stands there already
    (unit.path.parent / f"{unit.path.name}.d").mkdir()
    (unit.path.parent / f"{unit.path.name}.d" / "mine.conf").touch()
    assert [Path(file).name for file in unit.drop_ins] == ["mine.conf"]
    unit.path.write_text(unit.text.replace("Nice=10", "Nice=11"))
    assert not unit.is_ours
