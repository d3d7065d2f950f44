"""The systemd unit: what ships, with this machine's paths put in; and whether a unit in place is as it was written."""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256
from importlib import resources
from importlib.metadata import version
from typing import TYPE_CHECKING

from keepwarm.daemon.files import write_whole

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

USER_UNIT = "keepwarm.service"
SYSTEM_UNIT = "keepwarm@.service"

_MARK = re.compile(r"# Written by keepwarm \S+; changed since if this is not its sum: ([0-9a-f]{64})\n")


def user_unit(command: Sequence[str], writable: Iterable[Path], environment: Iterable[str] = ()) -> str:
    """Give the unit of one user, that starts ``command`` and lets it write into these folders."""
    text = _shipped(USER_UNIT)
    variables = "".join(f"\nEnvironment={_word(each)}" for each in environment)
    text = _with(text, "ExecStart", _command_line(command) + variables)
    return _marked(_with(text, "ReadWritePaths", " ".join(_word(f"-{path}") for path in writable)))


def system_unit(program: Path) -> str:
    """Give the unit of which each instance runs under a user of its own."""
    return _marked(_with(_shipped(SYSTEM_UNIT), "ExecStart", _command_line([str(program), "run"])))


@dataclass(frozen=True, slots=True)
class UnitFile:
    """A unit's place."""

    path: Path

    @property
    def text(self) -> str | None:
        """What stands there; None: nothing."""
        try:
            return self.path.read_text(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            return None

    @property
    def is_ours(self) -> bool:
        """Whether it was written here and not changed since; also if there is nothing."""
        return self.text is None or _is_as_written(self.text)

    @property
    def drop_ins(self) -> list[str]:
        """The user's own changes, which are theirs to keep."""
        return sorted(str(file) for file in self.path.with_name(f"{self.path.name}.d").glob("*.conf"))

    def write(self, text: str) -> bool:
        """Put it in place; False if it stands there already. Raises Failure."""
        if self.text == text:
            return False
        write_whole(self.path, text)
        self.path.chmod(0o644)  # nothing secret is in it, and the manager of a whole system is another user
        return True


def _shipped(name: str) -> str:
    return resources.files("keepwarm.systemd").joinpath(name).read_text(encoding="utf-8")


def _with(text: str, key: str, value: str) -> str:
    """Put ``value`` in the only line of ``key``."""
    before, found, after = re.split(rf"(?m)^({key}=).*$", text)
    return f"{before}{found}{value}{after}"


def _command_line(words: Iterable[str]) -> str:
    return " ".join(_word(word).replace("$", "$$") for word in words)  # only here variables would be put in


def _word(word: str) -> str:
    """Quote one word of a unit's line, see systemd.syntax(7)."""
    plain = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("\n", "\\n")
    return plain if re.fullmatch(r"[\w@%+=:,./~-]+", plain) else f'"{plain}"'


def _marked(text: str) -> str:
    return f"# Written by keepwarm {version('keepwarm')}; changed since if this is not its sum: {_sum(text)}\n{text}"


def _is_as_written(text: str) -> bool:
    mark = _MARK.match(text)
    return mark is not None and mark[1] == _sum(text[mark.end() :])


def _sum(text: str) -> str:
    return sha256(text.encode()).hexdigest()
