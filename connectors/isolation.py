"""Mails read in a process of their own, where the process that read them before has died.

Whether one of them was at fault, and which, nobody knows: it may have been the machine's own end. So each is given to
a child; where the child dies of one, that one is given, alone, to others, and is left out only if it ends three.
"""

from __future__ import annotations

import signal
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Protocol

from keepwarm.connectors.contract import Later
from keepwarm.connectors.mail import observe
from keepwarm.storage.observations import Rejected

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

    from keepwarm.storage.observations import MessageSeen

    Observed = tuple[MessageSeen | None, Rejected | None]

TRIES = 3
START_SECONDS = 60.0
SECONDS = 20.0
"""What is not read by then, where a millisecond is usual, would never be."""

MEMORY = 1 << 30
"""Bytes that a child may take: far more than any mail needs, and less than makes the machine look for a victim."""


class Observing(Protocol):
    """What ``observe`` is."""

    def __call__(self, raw_header: bytes, **what: Any) -> Observed:
        """Read one mail."""


class Parser:
    """Reads mails: here, or after ``isolate`` in a child, until ``batch_is_read``."""

    def __init__(self) -> None:
        self._apart: IsolatedParser | None = None

    def isolate(self) -> None:
        """Read in a child from now on."""
        self._apart = self._apart or IsolatedParser()

    def batch_is_read(self) -> None:
        """Read here again: what was doubtful is past."""
        if self._apart is not None:
            self._apart.close()
            self._apart = None

    def observe(self, raw_header: bytes, **what: Any) -> Observed:
        """Read one mail, as ``observe``. Raises Later if no child can be had."""
        return (self._apart.observe if self._apart else observe)(raw_header, **what)


class IsolatedParser:
    """Reads mails in a child, which is made anew when it dies."""

    def __init__(self) -> None:
        self._child: _Child | None = None

    def observe(self, raw_header: bytes, **what: Any) -> Observed:
        """Read one mail, as ``observe``; one that ends three children, each of which read nothing else, is rejected.

        Raises Later if no child can be had.
        """
        found = self._tried(raw_header, what)
        if found is None:
            found = next(filter(None, (self._tried(raw_header, what) for _ in range(TRIES))), None)
        return found or (None, _set_aside(what))

    def close(self) -> None:
        """End the child."""
        if self._child is not None:
            self._child.end()
            self._child = None

    def _tried(self, raw_header: bytes, what: dict[str, Any]) -> Observed | None:
        """Let the child read a mail; None if it died of it. Then the next one will have read nothing before."""
        self._child = self._child or _Child()
        try:
            return self._child.observe(raw_header, what)
        except (EOFError, OSError):
            self.close()
            return None


class _Child:
    """One child, ready to read."""

    def __init__(self) -> None:
        """Start it. Raises Later if it does not come up: then no mail can be blamed."""
        from multiprocessing import get_context  # noqa: PLC0415 - hardly ever needed

        context = get_context("spawn")  # a copy of this process would share its open connections
        self._pipe: Connection
        self._pipe, theirs = context.Pipe()
        self._process: BaseProcess = context.Process(target=_read_mails, args=(theirs,), daemon=True)
        self._process.start()
        theirs.close()
        try:
            self._answer(START_SECONDS)
        except (EOFError, OSError) as error:
            self.end()
            raise Later("A process that was to read mails apart did not start.") from error

    def observe(self, raw_header: bytes, what: dict[str, Any]) -> Observed:
        """Read one mail. Raises EOFError or OSError if the child died of it, or would not end."""
        self._pipe.send((raw_header, what))
        found: Observed = self._answer(SECONDS)
        return found

    def end(self) -> None:
        """End it, whatever it does."""
        self._process.kill()
        self._process.join()
        self._process.close()
        self._pipe.close()

    def _answer(self, seconds: float) -> Any:
        if not self._pipe.poll(seconds):
            raise TimeoutError
        return self._pipe.recv()


def _read_mails(pipe: Connection) -> None:
    """Be the child: read what comes until nobody is there any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever presses Ctrl-C means the parent
    _bound_memory()
    pipe.send("ready")
    with suppress(EOFError, OSError):
        while True:
            raw_header, what = pipe.recv()
            pipe.send(observe(raw_header, **what))


def _bound_memory() -> None:
    try:
        import resource  # noqa: PLC0415 - not on every system
    except ImportError:
        return
    with suppress(ValueError, OSError):  # it is bounded more tightly already
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def _set_aside(what: dict[str, Any]) -> Rejected:
    reason = f"It ended {TRIES} processes, each of which read nothing else; it was set aside."
    return Rejected(source_key=what["source_key"], reason=reason, where=what["where"])
