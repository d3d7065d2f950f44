"""``keepwarm service``, with a stand-in for systemctl that notes what it was told."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.daemon import SETTINGS
from tests.keepwarm import PROGRAM, Keepwarm
from tests.letters import ME

if TYPE_CHECKING:
    from pathlib import Path

SYSTEMCTL = """\
#!/bin/sh
echo "$0 $*" | sed "s|.*/||" >> "$STAND_IN/told"
[ -e "$STAND_IN/says" ] && { cat "$STAND_IN/says" >&2; exit 1; }
case "$*" in *show*keepwarm.service*)
  printf 'ActiveState=active\\nUnitFileState=enabled\\nMainPID=42\\nNRestarts=1\\nStatusText=Accounts: 1.\\n' ;; esac
exit 0
"""
LOGINCTL = "#!/bin/sh\necho no\n"


@pytest.fixture
def keepwarm(tmp_path: Path) -> Keepwarm:
    for name, text in (("systemctl", SYSTEMCTL), ("loginctl", LOGINCTL)):
        file = tmp_path / "bin" / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)
        file.chmod(0o755)
    (tmp_path / "config.toml").write_text(
        f'{SETTINGS}[export]\ndir = "out"\n'
        f'[[account]]\nname = "mail"\nkind = "maildir"\npath = "mail"\naddress = "{ME}"\n'
    )
    environment = {
        "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}",
        "XDG_CONFIG_HOME": str(tmp_path / "xdg"),
        "XDG_DATA_HOME": str(tmp_path / "share"),
        "STAND_IN": str(tmp_path),
    }
    return Keepwarm(tmp_path / "config.toml", environment=environment)


def unit(keepwarm: Keepwarm) -> Path:
    return keepwarm.config.parent / "xdg" / "systemd" / "user" / "keepwarm.service"


def told(keepwarm: Keepwarm) -> list[str]:
    return keepwarm.config.with_name("told").read_text().splitlines()


def test_the_unit_is_put_in_place_started_told_of_and_taken_away(keepwarm: Keepwarm) -> None:
    folder = keepwarm.config.parent
    assert "loginctl enable-linger" in keepwarm.run("service", "install").out
    lines = unit(keepwarm).read_text().splitlines()
    assert f"ExecStart={PROGRAM} --config {keepwarm.config} run" in lines
    assert f"ReadWritePaths=-{folder}/data -{folder}/out -{folder}/share/keepwarm" in lines
    assert (folder / "out").is_dir()
    assert told(keepwarm)[1:] == [
        "systemctl --user daemon-reload",
        "systemctl --user enable --now keepwarm.service",
        "systemctl --user try-restart keepwarm.service",
    ]
    assert "was in place already" in keepwarm.run("service", "install").out
    assert told(keepwarm)[-1] == "systemctl --user enable --now keepwarm.service"  # nothing is restarted for nothing
    status = keepwarm.json("service", "status")
    assert (status["installed"], status["active"], status["process"], status["restarts"]) == (True, "active", 42, 1)
    assert (status["changed_by_hand"], status["outdated"], status["says"]) == (False, False, "Accounts: 1.")
    assert "The daemon runs (process 42, restarts: 1). Accounts: 1." in keepwarm.run("service", "status").out
    found = {one["about"]: one for one in keepwarm.json("doctor", status=1)}
    assert found["service"]["what"] == f"{unit(keepwarm)}: the daemon runs"
    keepwarm.run("service", "remove")
    assert not unit(keepwarm).exists()
    assert told(keepwarm)[-2:] == ["systemctl --user disable --now keepwarm.service", "systemctl --user daemon-reload"]
    assert keepwarm.json("service", "status")["installed"] is False
    assert "There is no" in keepwarm.run("service", "remove").out


def test_a_unit_that_was_changed_by_hand_is_left_as_it_is_unless_that_is_said(keepwarm: Keepwarm) -> None:
    keepwarm.run("service", "install")
    changed = unit(keepwarm).read_text().replace("Nice=10", "Nice=11")
    unit(keepwarm).write_text(changed)
    for command in ("install", "remove"):
        assert "changed by hand" in keepwarm.run("service", command, status=1).err
        assert unit(keepwarm).read_text() == changed
    assert keepwarm.json("service", "status")["changed_by_hand"] is True
    keepwarm.run("service", "install", "--force")
    assert "Nice=10" in unit(keepwarm).read_text()


def test_a_dry_run_prints_and_does_nothing(keepwarm: Keepwarm) -> None:
    said = keepwarm.run("service", "install", "--dry-run").out
    assert f"ExecStart={PROGRAM}" in said
    assert "# systemctl --user enable --now keepwarm.service" in said
    assert "# systemctl --user disable" in keepwarm.run("service", "remove", "--dry-run").out
    assert not unit(keepwarm).exists()
    assert not keepwarm.config.with_name("told").exists()


@pytest.mark.parametrize(
    ("says", "variable", "sentence"),
    [
        ("System has not been booted with systemd as init system (PID 1). Can't operate.", "", "is it a container?"),
        ("System has not been booted with systemd as init system (PID 1). Can't operate.", "Debian", "in this WSL"),
        ("Unit keepwarm.service could not be found.", "", "ended with status 1: Unit keepwarm.service could not"),
    ],
)
def test_without_systemd_nothing_is_written_and_the_cure_is_told(
    keepwarm: Keepwarm, says: str, variable: str, sentence: str
) -> None:
    keepwarm.config.with_name("says").write_text(says)
    if variable:
        keepwarm = Keepwarm(keepwarm.config, environment={**keepwarm.environment, "WSL_DISTRO_NAME": variable})
    assert sentence in keepwarm.run("service", "install", status=1).err
    assert not unit(keepwarm).exists()
    assert "not installed" in keepwarm.run("service", "status").out


def test_wrong_settings_are_told_before_anything_is_done(keepwarm: Keepwarm) -> None:
    keepwarm.config.write_text("[[account]\n")
    assert "this is no TOML" in keepwarm.run("service", "install", status=2).err
    assert not unit(keepwarm).exists()


def test_a_service_of_the_system_is_for_a_user_of_its_own(keepwarm: Keepwarm) -> None:
    assert "is no name for an instance" in keepwarm.run("service", "status", "--system", "a b", status=2).err
    assert "# systemctl disable --now keepwarm@anna.service" in (
        keepwarm.run("service", "remove", "--system", "anna", "--dry-run").out
    )
