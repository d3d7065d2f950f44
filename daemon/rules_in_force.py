"""The rules in force: the built-in ones, and those of the owner's files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keepwarm.daemon.failure import BadUsage

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from keepwarm.daemon.settings import Configuration
    from keepwarm.rules.rule_file import RuleSet


def rule_set(configuration: Configuration) -> RuleSet:
    """Load the rules.

    Raises BadUsage, with file, line and column of every mistake.
    """
    return read(configuration.rules.files, "Mend the file, or take it out of [rules] files.")


def read(files: Iterable[Path], cure: str = "Mend the file.") -> RuleSet:
    """Load the built-in rules and those of some files.

    Raises BadUsage, with file, line and column of every mistake.
    """
    from keepwarm.rules import rule_file  # noqa: PLC0415 - CEL, only where rules are read

    try:
        return rule_file.read(files)
    except rule_file.RuleFileError as error:
        raise BadUsage(str(error), cure) from error
