"""Mails that kill whatever process reads them, so many times: by a character set whose codec ends the process."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

ALWAYS = 1_000_000

_CODECS = """\
import codecs, os, signal
from pathlib import Path

def find(name):
    left = Path({lives!r}) / name
    if left.exists() and int(left.read_text()):
        left.write_text(str(int(left.read_text()) - 1))
        os.kill(os.getpid(), signal.SIGKILL)

codecs.register(find)
"""


class Deadly:
    """The codecs, in a folder; Python takes them in with ``environment``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir()
        (folder / "sitecustomize.py").write_text(_CODECS.format(lives=str(folder)))

    @property
    def environment(self) -> dict[str, str]:
        """Give what to set in the environment of the processes that are to be killed."""
        return {"PYTHONPATH": str(self._folder)}

    def subject(self, number: int, *, kills: int = ALWAYS) -> str:
        """Give a subject that ends the first ``kills`` processes that read it."""
        (self._folder / f"cp{number}").write_text(str(kills))
        return f"=?cp{number}?q?deadly?="

    def kills_left(self, number: int) -> int:
        """Say how many processes it would end still."""
        return int((self._folder / f"cp{number}").read_text())
