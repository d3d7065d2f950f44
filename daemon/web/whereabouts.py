"""Where the page is served: told by the daemon, in a file beside the database, to the commands of the same user."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from keepwarm.daemon.files import write_whole
from keepwarm.daemon.paths import data_folder
from keepwarm.daemon.web.seal import Seal

if TYPE_CHECKING:
    from keepwarm.daemon.settings import Configuration

_SQLITE = "sqlite:///"
_LONGEST = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """Where it is served, and by which run of the daemon."""

    origin: str  # "http://127.0.0.1:8642"
    instance: str  # another for each run


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """The files of one database's site."""

    stem: Path

    @classmethod
    def of(cls, configuration: Configuration) -> Whereabouts:
        """Give those of a configuration: beside an SQLite database, else in the data folder."""
        url = configuration.database.url
        if url.startswith(_SQLITE):
            return cls(Path(url.removeprefix(_SQLITE)).with_suffix(""))
        return cls(data_folder() / f"postgresql-{sha256(url.encode()).hexdigest()[:8]}")

    @property
    def seal(self) -> Seal:
        """The secret, in a file."""
        return Seal(self.stem.with_name(f"{self.stem.name}.web-secret"))

    @property
    def _file(self) -> Path:
        return self.stem.with_name(f"{self.stem.name}.web.json")

    def tell(self, served: Served) -> None:
        """Write down where it is served. Raises Failure."""
        write_whole(self._file, json.dumps(asdict(served)))

    def forget(self, served: Served) -> None:
        """Take it back, unless another run has written since."""
        if self.told() == served:
            with suppress(OSError):
                self._file.unlink(missing_ok=True)

    def told(self) -> Served | None:
        """Give where it was served last; None if that is not known. The daemon may have ended since."""
        try:
            with self._file.open("rb") as file:
                found = json.loads(file.read(_LONGEST))
            return Served(origin=str(found["origin"]), instance=str(found["instance"]))
        except (OSError, ValueError, TypeError, KeyError):
            return None
