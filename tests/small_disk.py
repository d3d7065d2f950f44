"""A disk of a few megabytes, in memory, that only the test and the commands it runs there can see."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.keepwarm import Keepwarm
from tests.servers.processes import MissingServerError

_MOUNT = 'mount -t tmpfs -o "size=$2k" none "$1" && echo ready && exec sleep infinity'


class SmallDisk:
    """Is mounted at ``at``, a folder, in a mount namespace of its own, until ``remove``."""

    def __init__(self, at: Path, kilobytes: int) -> None:
        """Raise MissingServerError where nothing may be mounted."""
        self.at = at
        at.mkdir(parents=True, exist_ok=True)
        for how, join in ((("-m",), ("-m",)), (("-r", "-m"), ("-U", "--preserve-credentials", "-m"))):
            self._holder = subprocess.Popen(
                ["unshare", *how, "sh", "-c", _MOUNT, "sh", str(at), str(kilobytes)],
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                encoding="utf-8",
            )
            assert self._holder.stdout is not None
            if self._holder.stdout.readline() == "ready\n":
                self.inside = ("nsenter", "-t", str(self._holder.pid), *join, f"--wd={Path.cwd()}")
                return
            self.remove()
        raise MissingServerError("nothing may be mounted here, not even in a namespace (unshare -r -m)")

    def path(self, name: str) -> Path:
        """Give a file on the disk, as it is seen from outside."""
        return Path(f"/proc/{self._holder.pid}/root{self.at}") / name

    def resize(self, kilobytes: int) -> None:
        """Make it larger, or smaller."""
        self._mount(f"size={kilobytes}k")

    def make_read_only(self) -> None:
        """Have it refuse to be written."""
        self._mount("ro")

    def make_writable(self) -> None:
        """Have it be written again."""
        self._mount("rw")

    def fill(self) -> None:
        """Leave no room."""
        with self.path("ballast").open("wb", buffering=0) as ballast:
            try:
                while True:
                    ballast.write(b"\0" * 4096)
            except OSError:
                return

    def remove(self) -> None:
        """Take it away, with all that it holds."""
        self._holder.kill()
        self._holder.communicate()

    def _mount(self, option: str) -> None:
        subprocess.run([*self.inside, "mount", "-o", f"remount,{option}", str(self.at)], check=True)


@dataclass(frozen=True)
class KeepwarmInside(Keepwarm):
    """The command, run where it sees the disk."""

    inside: tuple[str, ...] = ()

    def command(self, *arguments: str) -> list[str]:
        """Give the command line."""
        return [*self.inside, *Keepwarm.command(self, *arguments)]


def inside(keepwarm: Keepwarm, disk: SmallDisk) -> KeepwarmInside:
    """Give the same command, run where it sees the disk."""
    return KeepwarmInside(keepwarm.config, keepwarm.as_of, keepwarm.environment, disk.inside)
