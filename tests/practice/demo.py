"""The demo: ``python -m tests.practice.demo FOLDER`` plays a year, reads and judges it with the real command."""

from __future__ import annotations

import argparse
import json
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tests.practice.practice import write_practice

if TYPE_CHECKING:
    from tests.practice.practice import Practice

MARK = ".keepwarm-demo"
"""A folder with this file in it was made by a demo, and may be made anew."""

PROGRAM = Path(sys.executable).with_name("keepwarm")


@dataclass(frozen=True, slots=True)
class Command:
    """The real command with the practice's configuration."""

    config: Path

    def line(self, *arguments: str) -> str:
        """Give what a user would type."""
        return shlex.join([_near(PROGRAM), "--config", _near(self.config), *arguments])

    def show(self, *arguments: str) -> None:
        """Run a command before the user's eyes. Raises CalledProcessError."""
        click.secho(f"\n$ {self.line(*arguments)}", bold=True)
        subprocess.run(self._command(*arguments), check=True)

    def ask(self, *arguments: str) -> Any:
        """Give the JSON that a command prints. Raises CalledProcessError."""
        done = subprocess.run(self._command(*arguments, "--json"), check=True, stdout=subprocess.PIPE)
        return json.loads(done.stdout)

    def _command(self, *arguments: str) -> list[str]:
        return [str(PROGRAM), "--config", str(self.config), *arguments]


def main() -> int:
    """Play, read, judge, report."""
    parser = argparse.ArgumentParser(prog="python -m tests.practice.demo", description=__doc__)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder.absolute()
    if not _is_ours(folder):
        click.echo(f"{folder} holds something else; name a folder that is not there yet.", err=True)
        return 1
    try:
        _run(Command(_played(folder).config), folder)
    except subprocess.CalledProcessError as error:
        return int(error.returncode)
    return 0


def _is_ours(folder: Path) -> bool:
    """Tell whether a folder may be made anew: it is not there, empty, or of an earlier demo."""
    return not folder.exists() or (folder.is_dir() and ((folder / MARK).exists() or not any(folder.iterdir())))


def _played(folder: Path) -> Practice:
    """Write a practice that ends today."""
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(mode=0o700, parents=True)
    (folder / MARK).touch()
    click.echo("Sam Carter is a consultant who does not exist. Writing a year of their mail and meetings ...")
    practice = write_practice(folder, seed=1, end=datetime.now(UTC).date())
    click.echo(
        f"{practice.messages:,} messages in a Maildir and an mbox, {practice.meetings} events in a calendar, "
        f"{len(practice.cast)} people."
    )
    return practice


def _run(keepwarm: Command, folder: Path) -> None:
    html, text = folder / "report.html", folder / "report.txt"
    keepwarm.show("sync")
    keepwarm.show("signals")
    keepwarm.show("report", "--html", _near(html), "--text", _near(text))
    _close(keepwarm, html)


def _close(keepwarm: Command, report: Path) -> None:
    people, signals = keepwarm.ask("contacts"), keepwarm.ask("signals")
    strongest = max(signals, key=lambda one: ("weak", "medium", "strong").index(one["strength"]))
    click.secho(f"\n{len(people)} people on the sonar, {len(signals)} signals open.", bold=True)
    click.echo("\nThe week's report, for your browser:")
    click.secho(f"  {report}", fg="cyan")
    click.echo("\nTry next:")
    for arguments in (("contacts",), ("why", strongest["id"][:12]), ("replay", "--check")):
        click.echo(f"  {keepwarm.line(*arguments)}")


def _near(path: Path) -> str:
    """Give a path from here, if it is below."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


if __name__ == "__main__":
    sys.exit(main())
