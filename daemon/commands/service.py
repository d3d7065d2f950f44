"""``keepwarm service``: the systemd unit, put in place, taken away, and told of."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from keepwarm.daemon.failure import BadUsage, Failure
from keepwarm.daemon.harmless import harmless_lines
from keepwarm.daemon.paths import config_file
from keepwarm.daemon.systemctl import Systemctl, lingers
from keepwarm.daemon.tables import show_json
from keepwarm.daemon.unit import SYSTEM_UNIT, USER_UNIT, UnitFile, system_unit, user_unit
from keepwarm.daemon.unit_state import user_unit_file

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keepwarm.daemon.session import Session
    from keepwarm.daemon.settings import Configuration

_SYSTEM_FOLDER = Path("/etc/systemd/system")
_SETTINGS_FOLDER = Path("/etc/keepwarm")
_HOMES = (Path("/home"), Path("/root"), Path("/run/user"))  # ProtectHome= hides them

_dry = click.option("--dry-run", is_flag=True, help="Print what would be written and run, and do nothing.")
_system = click.option(
    "--system", "instance", metavar="NAME", help="For the whole system, under the user keepwarm-NAME; needs root."
)
_replace = click.option("--force", is_flag=True, help="Even if the unit was changed by hand.")


@click.group("service")
def command() -> None:
    """Have systemd start the daemon, and start it again."""


@command.command("install")
@_system
@_replace
@_dry
@click.pass_obj
def install(session: Session, /, instance: str | None, force: bool, dry_run: bool) -> None:
    """Put the unit in place, start the daemon, and have it started from now on.

    A unit that was changed by hand is not touched; changes belong into a drop-in: systemctl --user edit keepwarm.
    """
    unit, file, name, manager = _wanted(session, instance)
    steps = [("daemon-reload",), ("enable", "--now", name)]
    if dry_run:
        click.echo(f"# {file.path}\n{unit}")
        for step in steps:
            click.echo(f"# {manager.line(*step)}")
        return
    manager.check()
    _spare(file, force=force)
    if instance is None:
        for folder in _writable(session.configuration):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    written = file.write(unit)
    manager.tell("daemon-reload")
    if instance is not None and (missing := list(_missing(instance))):
        click.echo(f"{file.path} is in place. Now, as root:\n  " + "\n  ".join([*missing, manager.line(*steps[1])]))
        return
    manager.tell("enable", "--now", name)
    if written:
        manager.tell("try-restart", name)  # one that ran by another unit before
    click.echo(f"{file.path} {'is in place' if written else 'was in place already'}, and the daemon runs.")
    if file.drop_ins:
        click.echo(f"Your changes to it hold: {', '.join(file.drop_ins)}")
    if instance is None and lingers() is False:
        click.echo("It runs while you are signed in. To have it run always: loginctl enable-linger")


@command.command("remove")
@_system
@_replace
@_dry
def remove(instance: str | None, force: bool, dry_run: bool) -> None:
    """Stop the daemon, and take the unit away; settings, data and drop-ins stay."""
    file, name, manager = _place(instance)
    steps = [("disable", "--now", name), ("daemon-reload",)]
    if dry_run:
        for step in steps:
            click.echo(f"# {manager.line(*step)}")
        click.echo(f"# rm {file.path}")
        return
    if file.text is None:
        click.echo(f"There is no {file.path}.")
        return
    _spare(file, force=force)
    manager.tell(*steps[0])
    if instance is None:
        file.path.unlink()
    manager.tell(*steps[1])
    click.echo(f"{name} is stopped and will not be started any more.")
    if instance is not None:
        click.echo(f"{file.path} stays, for other instances.")
    elif file.drop_ins:
        click.echo(f"Your changes to it stay: {', '.join(file.drop_ins)}")


@command.command("status")
@_system
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@click.pass_obj
def status(session: Session, /, instance: str | None, as_json: bool) -> None:
    """Tell whether the unit is in place, and the daemon runs."""
    file, name, manager = _place(instance)
    told: dict[str, Any] = {"unit": name, "file": str(file.path), "installed": file.text is not None}
    told |= {"changed_by_hand": not file.is_ours, "drop_ins": file.drop_ins, "outdated": False}
    try:
        state = manager.state(name)
    except Failure as failure:
        told |= {"manager": str(failure), "what_to_do": failure.what_to_do}
        state = {}
    if told["installed"] and file.is_ours:
        try:
            told["outdated"] = file.text != _wanted(session, instance)[0]
        except BadUsage:  # the settings are wrong, which is another command's to say
            told["outdated"] = None
    told |= {
        "active": state.get("ActiveState"),
        "enabled": state.get("UnitFileState"),
        "process": int(state.get("MainPID") or 0) or None,
        "restarts": int(state.get("NRestarts") or 0),
        "says": state.get("StatusText", ""),
        "runs_signed_out": lingers() if instance is None else True,
    }
    if as_json:
        show_json(told)
    else:
        click.echo(harmless_lines("\n".join(_in_words(told))))


def _in_words(told: dict[str, Any]) -> Iterator[str]:
    if "manager" in told:
        yield f"{told['manager']}\n{told['what_to_do']}"
    if not told["installed"]:
        yield "The unit is not installed: keepwarm service install"
        return
    yield f"{told['file']} is in place" + (", and enabled." if told["enabled"] == "enabled" else ", and not enabled.")
    if told["changed_by_hand"]:
        yield "It was changed by hand. Changes belong into a drop-in: systemctl --user edit keepwarm"
    if told["drop_ins"]:
        yield f"Changed by: {', '.join(told['drop_ins'])}"
    if told["outdated"]:
        yield "It is not what this version, and these settings, would write: keepwarm service install"
    if told["active"] == "active":
        yield f"The daemon runs (process {told['process']}, restarts: {told['restarts']}). {told['says']}".rstrip()
    elif told["active"]:
        yield f"The daemon does not run: {told['active']}. See: journalctl --user -u keepwarm -n 20"
    if told["runs_signed_out"] is False:
        yield "It runs while you are signed in. To have it run always: loginctl enable-linger"


def _place(instance: str | None) -> tuple[UnitFile, str, Systemctl]:
    """Give the unit's place, its name for systemctl, and the manager. Raises BadUsage."""
    if instance is None:
        return user_unit_file(), USER_UNIT, Systemctl()
    if not instance.isascii() or not instance.replace("-", "").replace("_", "").isalnum() or len(instance) > 20:
        raise BadUsage(
            f"{instance!r} is no name for an instance.", "Use letters, digits, - and _, at most 20, such as a user's."
        )
    return UnitFile(_SYSTEM_FOLDER / SYSTEM_UNIT), f"keepwarm@{instance}.service", Systemctl(system=True)


def _wanted(session: Session, instance: str | None) -> tuple[str, UnitFile, str, Systemctl]:
    """Give the unit as it is to be, and its place. Raises BadUsage, also for wrong settings."""
    program = _program()
    if instance is not None:
        if any(home in program.parents for home in _HOMES):
            raise BadUsage(
                f"{program} is in somebody's home, which a service of the system cannot look into.",
                "Install Keepwarm for all users, such as: pipx install --global keepwarm",
            )
        return (system_unit(program), *_place(instance))
    config = (session.config or config_file()).expanduser().absolute()
    command = [str(program), "--config", str(config), "run"]
    data = os.environ.get("XDG_DATA_HOME")
    environment = [f"XDG_DATA_HOME={data}"] if data else []
    return (user_unit(command, _writable(session.configuration), environment), *_place(None))


def _program() -> Path:
    """Give the path of this very program, be it in a virtual environment, pipx's or the system's."""
    called = Path(sys.argv[0])
    if called.name == "keepwarm" and called.is_file():
        return called.absolute()
    beside = Path(sys.executable).with_name("keepwarm")
    found = str(beside) if beside.is_file() else shutil.which("keepwarm")
    if found is None:
        raise Failure("The program `keepwarm` is not found.", "Install Keepwarm, such as: pipx install keepwarm")
    return Path(found).absolute()


def _writable(configuration: Configuration) -> list[Path]:
    """Give the folders that the settings have the daemon write to."""
    from sqlalchemy.engine import make_url  # noqa: PLC0415 - not for --help to load

    from keepwarm.daemon.paths import data_folder  # noqa: PLC0415

    folders = [data_folder(), configuration.report.path]  # the first has what accounts were granted, too
    url = make_url(configuration.database.url)
    if url.get_backend_name() == "sqlite" and url.database:
        folders.append(Path(url.database).parent)
    if configuration.export.dir is not None:
        folders.append(configuration.export.dir)
    return sorted(set(folders))


def _spare(file: UnitFile, *, force: bool) -> None:
    if not file.is_ours and not force:
        raise Failure(
            f"{file.path} was changed by hand, or not written by Keepwarm: it is left as it is.",
            "Put your changes into a drop-in (systemctl --user edit keepwarm); then again, with --force.",
        )


def _missing(instance: str) -> Iterator[str]:
    """Give the commands that root has yet to run for an instance."""
    import pwd  # noqa: PLC0415

    user, secrets = f"keepwarm-{instance}", _SETTINGS_FOLDER / f"{instance}.secrets"
    settings = _SETTINGS_FOLDER / f"{instance}.toml"
    if user not in {entry.pw_name for entry in pwd.getpwall()}:
        yield f"useradd --system --no-create-home --home-dir /var/lib/keepwarm/{instance} {user}"
    if not secrets.is_dir():
        yield f"install -d -m 0700 {secrets}"
    if not settings.exists():
        yield f"install -D -m 0640 -g {user} config.toml {settings}"
