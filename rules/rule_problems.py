"""Problems: what is wrong with rule files, and where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A mistake in a rule file."""

    file: str
    line: int
    column: int
    rule: str
    why: str
    hint: str = ""

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}:{self.column}: "
        which = f"rule {self.rule}: " if self.rule else ""
        return where + which + self.why + (f" ({self.hint})" if self.hint else "")


class RuleFileError(Exception):
    """One or more mistakes in rule files; the message has a line for each."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = tuple(problems)
