"""Delivery to the webhook: each line at least once, in order for each contact; what is not taken is tried for days."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from random import SystemRandom
from typing import TYPE_CHECKING

import structlog

from keepwarm.connectors.http_faults import place
from keepwarm.daemon.secret import SecretError
from keepwarm.daemon.webhook_post import Gone, NotTaken, Post, Taken
from keepwarm.daemon.webhook_signing import headers, signer
from keepwarm.outputs import feed as feed_text
from keepwarm.storage import webhook_queue as queue
from keepwarm.storage.webhook_queue import HELD_FOR, HeldElsewhere

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy import Connection
    from standardwebhooks import Webhook as Signer

    from keepwarm.daemon.settings import Webhook
    from keepwarm.daemon.workshop import Workshop
    from keepwarm.storage.database import Database
    from keepwarm.storage.webhook_queue import Claimed, Endpoint, Waiting

log = structlog.get_logger()

WAITS = tuple(
    timedelta(seconds=seconds) for seconds in (5, 5 * 60, 30 * 60, *(hours * 3600 for hours in (2, 5, 10, 14, 20, 24)))
)
"""Between the tries of a line, as the specification of Standard Webhooks suggests; three days, then it is given up."""

RESTS = tuple(timedelta(seconds=seconds) for seconds in (5, 30, 3 * 60, 15 * 60, 3600))
"""So long nothing is posted after the endpoint itself has failed, so many times one after the other."""

MOST_JITTER = 1.2
_NO_SECRET = timedelta(minutes=5)
_IF_GONE = "Take [webhook] out of the configuration, or have it posted to again: keepwarm webhook retry"
_NOTHING_DUE = timedelta(hours=1)

_chance = SystemRandom()


@dataclass(slots=True, kw_only=True)
class Delivered:
    """What a round has done: nothing is due before ``again``."""

    again: datetime
    sent: int = 0
    failed: int = 0
    elsewhere: bool = False  # another process is just posting


def deliver_due(
    workshop: Workshop, hook: Webhook, holder: str, clock: Callable[[], datetime], is_ending: Callable[[], bool]
) -> Delivered:
    """Post the lines that are due, one after the other, until there is none, or it ``is_ending``.

    ``holder`` names this process among those that might post. What goes wrong is noted and logged.

    Raises DatabaseError.
    """
    done = Delivered(again=clock())
    if _is_anything_due(workshop.database, hook, clock()):
        with workshop.database.writing() as connection:
            endpoint = queue.adopt(connection, hook.url, clock())
            queue.take_in(connection, endpoint, hook.events)
        post = Post(hook.url, private=hook.allow_private, ca_file=hook.ca_file)
        try:
            _Round(workshop.database, hook, endpoint, holder, clock, is_ending, post, done).go()
        except HeldElsewhere:
            done.elsewhere = True
        finally:
            post.close()
    done.again = clock() + HELD_FOR if done.elsewhere else _next(workshop.database, hook, clock())
    return done


def _is_anything_due(database: Database, hook: Webhook, now: datetime) -> bool:
    with database.reading() as connection:
        endpoint = queue.find(connection, hook.url)
        if endpoint is None or queue.is_behind(connection, endpoint):
            return True
        return _may_be_posted_to(endpoint, now) and any(_is_due(head, now) for head in queue.heads(connection))


def _next(database: Database, hook: Webhook, now: datetime) -> datetime:
    with database.reading() as connection:
        endpoint = queue.find(connection, hook.url)
        heads = queue.heads(connection)
    if endpoint is None or endpoint.gone_at is not None or not heads:
        return now + _NOTHING_DUE
    return max(min(head.retry_at or now for head in heads), endpoint.rests_until or now)


def _may_be_posted_to(endpoint: Endpoint, now: datetime) -> bool:
    return endpoint.gone_at is None and (endpoint.rests_until is None or endpoint.rests_until <= now)


def _is_due(one: Waiting, now: datetime) -> bool:
    return one.retry_at is None or one.retry_at <= now


@dataclass(slots=True)
class _Round:
    """One going-through of the queue."""

    database: Database
    hook: Webhook
    endpoint: Endpoint
    holder: str
    clock: Callable[[], datetime]
    is_ending: Callable[[], bool]
    post: Post
    done: Delivered
    _signing: Signer | None = field(default=None, init=False)

    def go(self) -> None:
        """Post until nothing is due. Raises HeldElsewhere and DatabaseError."""
        held = False
        try:
            while due := self._due():
                if not held and not self._has_secret():
                    return
                for one in due:
                    if self.is_ending() or not self._may_go_on():
                        return
                    self._send(one)
                    held = True
        finally:
            if held:
                with self.database.writing() as connection:
                    queue.let_go(connection, self.endpoint, self.holder)

    def _due(self) -> list[Waiting]:
        with self.database.reading() as connection:
            return [head for head in queue.heads(connection) if _is_due(head, self.clock())]

    def _may_go_on(self) -> bool:
        with self.database.reading() as connection:
            now = queue.find(connection, self.hook.url)
        return now is not None and _may_be_posted_to(now, self.clock())

    def _has_secret(self) -> bool:
        if self.hook.secret is None:
            return True
        try:
            self._signing = signer(self.hook.secret)
        except SecretError as error:
            problem = f"The secret of the webhook: {error}."
            log.warning("webhook not posted to", why=problem, cure=error.what_to_do)
            with self.database.writing() as connection:
                until = self.clock() + _NO_SECRET
                queue.rest(connection, self.endpoint, problem, error.what_to_do, until)
            return False
        return True

    def _send(self, one: Waiting) -> None:
        now = self.clock()
        with self.database.writing() as connection:
            queue.hold(connection, self.endpoint, self.holder, now)
            claimed = queue.claim(connection, one, now + _wait(one.attempts + 1))
        if claimed is None:
            return
        body = feed_text.line(claimed.entry)
        outcome = self.post.send(body.encode(), headers(claimed.entry.id, now, body, self._signing))
        with self.database.writing() as connection:
            self._note(connection, claimed, outcome)

    def _note(self, connection: Connection, claimed: Claimed, outcome: Taken | Gone | NotTaken) -> None:
        now = self.clock()
        match outcome:
            case Taken():
                queue.was_taken(connection, self.endpoint, claimed.entry.seq, now)
                self.done.sent += 1
            case Gone(problem):
                queue.is_gone(connection, self.endpoint, problem, _IF_GONE, now)
                log.error("webhook is not posted to any more", why=problem, cure=_IF_GONE)
                self.done.failed += 1
            case NotTaken():
                self._note_failure(connection, claimed, outcome, now)
                self.done.failed += 1

    def _note_failure(self, connection: Connection, claimed: Claimed, outcome: NotTaken, now: datetime) -> None:
        least = outcome.after or timedelta()
        retry_at = now + max(_wait(claimed.attempts), least) if claimed.attempts <= len(WAITS) else None
        dead_at = now if retry_at is None else None
        queue.was_not_taken(connection, claimed.entry.seq, outcome.problem, retry_at=retry_at, dead_at=dead_at)
        endpoint = queue.find(connection, self.hook.url)
        if outcome.of_endpoint and endpoint is not None:
            rests = RESTS[min(endpoint.failures, len(RESTS) - 1)]
            queue.rest(connection, endpoint, outcome.problem, outcome.what_to_do, now + max(_jittered(rests), least))
        say = log.warning if retry_at else log.error
        say(
            "line not posted" if retry_at else "line given up",
            line=claimed.entry.id,
            to=place(self.hook.url),
            why=outcome.problem,
            cure=outcome.what_to_do,
            attempts=claimed.attempts,
            again=retry_at.isoformat(timespec="seconds") if retry_at else "no more",
        )


def _wait(attempts: int) -> timedelta:
    """Give how long to wait after so many tries."""
    return _jittered(WAITS[min(attempts, len(WAITS)) - 1])


def _jittered(wait: timedelta) -> timedelta:
    return wait * _chance.uniform(1.0, MOST_JITTER)
