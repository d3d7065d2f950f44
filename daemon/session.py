"""What one run of the command line was asked for, handed to every command."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from keepwarm.daemon.settings import Configuration


class Verbosity(Enum):
    """How much is told on stderr."""

    QUIET = "quiet"
    NORMAL = "normal"
    VERBOSE = "verbose"


@dataclass(frozen=True)  # without slots: the configuration is read on first use, and kept
class Session:
    """The options that stand before the command.

    ``as_of`` is as it was given, and may be naive: ``now`` reads it in the owner's zone.
    """

    config: Path | None = None
    as_of: datetime | None = None
    verbosity: Verbosity = Verbosity.NORMAL

    @cached_property
    def configuration(self) -> Configuration:
        """The configuration, read on first use.

        Raises ConfigurationError.
        """
        # pydantic: a tenth of a second or more, which --help must not pay for.
        from keepwarm.daemon.configuration import load  # noqa: PLC0415

        return load(self.config)

    def now(self) -> datetime:
        """Give the moment to work as of, in UTC: ``as_of`` if it was given, else the clock's.

        Raises ConfigurationError, if a naive ``as_of`` needs the owner's zone and there is none to be had.
        """
        if self.as_of is None:
            return datetime.now(UTC)
        if self.as_of.tzinfo is None:
            return self.as_of.replace(tzinfo=self.configuration.owner.timezone).astimezone(UTC)
        return self.as_of.astimezone(UTC)
