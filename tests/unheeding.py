"""A watcher of passes that is told how it goes, and does not mind."""

from __future__ import annotations


class Nobody:
    """What ``run_pass`` tells of its way."""

    def reading(self, account: str, stream: str) -> None: ...

    def stored(self, batch: object) -> None: ...

    def judged(self, done: int, of: int) -> None: ...

    def wait(self, account: str, seconds: float, why: str) -> None: ...
