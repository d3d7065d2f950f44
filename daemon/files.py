"""Files that are written for the user: whole or not at all, and readable by their owner only."""

from __future__ import annotations

import filecmp
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from keepwarm.daemon.failure import Failure

if TYPE_CHECKING:
    from collections.abc import Iterable

_PRIVATE_FOLDER = 0o700
_COPIED_AT_ONCE = 1 << 20  # bytes


def write_whole(path: Path, text: str) -> None:
    """Write a file under a name of its own, then put it in place: nobody ever sees half of it.

    Raises Failure.
    """
    write_pieces(path, (text,))


def write_pieces(path: Path, pieces: Iterable[str], *, after: Path | None = None) -> bool:
    """Write a file that is given in pieces, as ``write_whole`` does; with ``after`` behind what that file holds.

    False if it held the same already: then it is not touched. A folder that has to be made is its owner's only. Raises
    Failure, and whatever making the pieces raises.
    """
    try:
        path.parent.mkdir(mode=_PRIVATE_FOLDER, parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        written = Path(name)
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
                if after is not None:
                    with after.open("rb") as before:
                        shutil.copyfileobj(before, file.buffer, _COPIED_AT_ONCE)
                file.writelines(pieces)
                file.flush()
                os.fsync(file.fileno())  # else a power cut could leave it in its place, and empty
            is_new = not (path.is_file() and filecmp.cmp(written, path, shallow=False))
            if is_new:
                written.replace(path)
        finally:
            written.unlink(missing_ok=True)
    except OSError as error:
        raise Failure(f"{path} cannot be written: {error.strerror}.", "Name a file in a folder of your own.") from error
    return is_new
