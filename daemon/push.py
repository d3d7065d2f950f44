"""Push: sources that can say by themselves that there is something new have their accounts read at once.

Each stream worth it is watched in a thread of its own, by a connector of its own, which never touches the database:
all that comes of it is a hint. Whatever goes wrong here costs nothing but time: polling goes on, and it is the polling
that tells the owner what is wrong.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import TYPE_CHECKING

import structlog

from keepwarm.connectors.contract import ConnectorError, Later, Pushes
from keepwarm.daemon.secret import SecretError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from keepwarm.connectors.contract import Connector
    from keepwarm.daemon.accounts import Account
    from keepwarm.storage.observations import Stream

log = structlog.get_logger()

_MOST = 2  # streams of one account: servers count connections
_A_DAY = 24 * 3600.0
_AT_A_TIME = 3600.0  # seconds of one wait
_PAUSE = 60.0  # seconds until a watch that did not hold is begun again; doubled each time, up to ...
_LONGEST_PAUSE = 15 * 60.0
_HOLDS = 10 * 60.0  # seconds after which a watch has held
_FAREWELL = 1.0  # seconds that the end of all threads may take; they hold nothing that could be lost


class Watcher(Thread):
    """Watches one stream for as long as its connection lasts.

    It does not sign in again by itself: the poll does that first, and finds out whether it may. So a password that was
    changed is offered once, not by each of them.
    """

    def __init__(
        self, account: str, stream: Stream, connector: Connector, hint: Callable[[str], None], losses: int = 0
    ) -> None:
        super().__init__(name=f"watch {account}/{stream.name}", daemon=True)
        self.losses = losses  # in a row, of watches that did not hold
        self.again_at = 0.0  # once it has ended: when another one may begin, by the clock that never jumps
        self.is_up = False
        self._account = account
        self._stream = stream
        self._connector = connector
        self._hint = hint
        self._over = Event()

    def end(self) -> None:
        """Have it end soon."""
        self._over.set()
        if isinstance(self._connector, Pushes):
            self._connector.interrupt()

    def run(self) -> None:
        """Watch, and say afterwards when it may be tried again."""
        began = time.monotonic()
        pause = _A_DAY  # unless it may be another time
        try:
            self._watch()
        except Later as lost:
            self.losses = 0 if time.monotonic() - began > _HOLDS else self.losses + 1
            pause = min(_PAUSE * 2.0 ** (self.losses - 1), _LONGEST_PAUSE) if self.losses else 0.0
            self._tell(lost)
        except (ConnectorError, SecretError) as error:
            self._tell(error)
        except Exception:
            # The boundary: a fault of ours, or of a library; polling goes on.
            log.exception("unexpected failure", account=self._account, stream=self._stream.name)
        finally:
            self.again_at = time.monotonic() + pause
            was_up, self.is_up = self.is_up, False
            self._connector.close()
        if was_up and not self._over.is_set():
            self._hint(self._account)  # for what may have come since; and to find out whether it can be reached

    def _watch(self) -> None:
        """Give a hint whenever there is one. Returns when it is over, or if nothing can be watched here."""
        self._connector.wait(self._stream, 0.0)
        self.is_up = True
        log.info("watching", account=self._account, stream=self._stream.name)
        self._hint(self._account)  # from here on nothing is missed; what came before is read now
        while not self._over.is_set():
            began = time.monotonic()
            if self._connector.wait(self._stream, _AT_A_TIME):
                self._hint(self._account)
            elif time.monotonic() - began < _AT_A_TIME / 2:
                return

    def _tell(self, error: Exception) -> None:
        if not self._over.is_set():
            tell = log.info if self.is_up or self.losses <= 1 else log.debug
            tell("not watching, only polling", account=self._account, stream=self._stream.name, why=str(error))


@dataclass(slots=True)
class Push:
    """All watchers of one daemon. ``hint`` is called with an account's name, by any thread."""

    connector: Callable[[Account], Connector]  # a new one at each call
    hint: Callable[[str], None]
    _watchers: dict[str, dict[str, Watcher]] = field(default_factory=dict)  # by account and stream; ended ones too
    _fewer: dict[str, tuple[int, float]] = field(default_factory=dict)  # by account: how many at most, and until when

    def watch(self, account: Account, streams: Sequence[Stream]) -> None:
        """Have these streams of an account watched, the first of them preferred, and no others.

        To be called after each pass that went well: it takes up what has ended.
        """
        wanted = {stream.name: stream for stream in streams[: self._most(account.name)]}
        mine = self._watchers.setdefault(account.name, {})
        for name in mine.keys() - wanted.keys():
            mine.pop(name).end()
        for name, stream in wanted.items():
            before = mine.get(name)
            if before is None or (not before.is_alive() and time.monotonic() >= before.again_at):
                losses = before.losses if before else 0
                mine[name] = Watcher(account.name, stream, self.connector(account), self.hint, losses)
                mine[name].start()

    def leave(self, account: Account, *, crowded: bool = False) -> None:
        """End all watches of an account that cannot be read.

        ``crowded``: its server was reached and sent it away, perhaps because the watches have taken all the connections
        that it allows. Then there is one less of them for a day.
        """
        mine = self._watchers.pop(account.name, {})
        up = sum(watcher.is_up for watcher in mine.values())
        if up and crowded:
            self._fewer[account.name] = (up - 1, time.monotonic() + _A_DAY)
        for watcher in mine.values():
            watcher.end()

    def stop(self) -> None:
        """End all watches."""
        watchers = [watcher for mine in self._watchers.values() for watcher in mine.values()]
        self._watchers.clear()
        for watcher in watchers:
            watcher.end()
        until = time.monotonic() + _FAREWELL
        for watcher in watchers:
            watcher.join(max(0.0, until - time.monotonic()))

    def _most(self, name: str) -> int:
        most, until = self._fewer.get(name, (_MOST, 0.0))
        return most if time.monotonic() < until else _MOST
