"""The rules in force: the built-in ones, and those of the owner's files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keepwarm.daemon.failure import BadUsage

if TYPE_CHECKING:
    from keepwarm.daemon.settings import Configuration
    from keepwarm.rules.rule import Rule


def rules_in_force(configuration: Configuration) -> tuple[Rule, ...]:
    """Load the rules.

    Raises BadUsage, with file, line and column of every mistake.
    """
    from keepwarm.rules.rule_file import RuleFileError, load  # noqa: PLC0415 - CEL, only where rules are read

    try:
        return load(configuration.rules.files)
    except RuleFileError as error:
        raise BadUsage(str(error), "Mend the file, or take it out of [rules] files.") from error
