"""Files that commands write: whole or not at all, and readable by their owner only."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from keepwarm.daemon.failure import Failure


def write_whole(path: Path, text: str) -> None:
    """Write a file under a name of its own, then put it in place: nobody ever sees half of it.

    Raises Failure.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise Failure(f"{path} cannot be written: {error.strerror}.", "Name a file in a folder of your own.") from error
