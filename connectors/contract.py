"""The contract of all connectors.

A connector reads one account. It never writes to its source, never sleeps, never touches the database. Broken items are
handed over as ``Rejected``; an error it raises says what to do about it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from keepwarm.storage.observations import Batch, Cursor, Stream


SOON = timedelta(minutes=1)
"""When to try again, if the source does not say."""


class ConnectorError(Exception):
    """Something kept a stream, or a whole account, from being read; the message is one sentence for the user."""

    of_account = False
    """Whether it keeps the whole account from being read, whichever stream it was met with: nobody was let in."""


class Later(ConnectorError):
    """The source cannot be read now; try again after ``after``.

    ``asked``: there is a reason for just that time, above all that the source itself has named it; nothing is asked
    before. So it is, unless said otherwise, whenever a time is given. A short time is waited for at once, and the
    stream pulled again from where it was: what was read so far is to be handed over before this is raised.
    """

    def __init__(self, why: str, after: timedelta | None = None, *, asked: bool | None = None) -> None:
        super().__init__(why)
        self.after = SOON if after is None else after
        self.asked = after is not None if asked is None else asked


class Busy(Later):
    """The source was reached, and turned us away for now: it has too much to do, or from us too many connections."""


class CursorLost(ConnectorError):
    """The cursor no longer means anything to the source: the stream is read anew, as a new generation."""


class SignInNeeded(ConnectorError):
    """The source refused the credentials; ``what_to_do`` is the cure, for the user."""

    def __init__(self, why: str, what_to_do: str) -> None:
        super().__init__(why)
        self.what_to_do = what_to_do


class Refused(ConnectorError):
    """The source said no for good, or is not what the configuration says; waiting will not help.

    ``what_to_do`` is the cure, for the user.
    """

    def __init__(self, why: str, what_to_do: str = "") -> None:
        super().__init__(why)
        self.what_to_do = what_to_do


class Connector(Protocol):
    """What the daemon needs of a source."""

    def streams(self) -> Sequence[Stream]:
        """List what there is to read.

        Raises Later, SignInNeeded or Refused.
        """

    def pull(self, stream: Stream, cursor: Cursor | None) -> Iterator[Batch]:
        """Read what is new since ``cursor`` (None: everything), oldest state first, in bounded batches.

        A ``NewestFirst`` may read what it never read before the other way round.
        The last batch of a pull leaves a cursor from which the next pull finds nothing, if nothing changed.
        A pull with nothing new may yield no batch at all. Raises Later, CursorLost, SignInNeeded or Refused.
        """

    def wait(self, stream: Stream, seconds: float) -> bool:
        """Wait for a hint that ``stream`` has something new; True if there was one.

        A connector without push returns False at once: polling is the daemon's work.
        """

    def close(self) -> None:
        """Let go of connections and files; the connector may be used again afterwards."""


@runtime_checkable
class NewestFirst(Protocol):
    """A connector whose first batch of a stream is the newest, and whose first streams matter most.

    So the daemon can show something after a few seconds of a first read. One that marks the batches after which only
    history comes (``Batch.history_follows``) may be left there: the next pull gives what is new, then goes on.
    """

    newest_first: bool


@runtime_checkable
class Isolates(Protocol):
    """A connector that can read items in a process of their own."""

    def isolate_next_batch(self) -> None:
        """Read the first batch of the next pull so: the last process that read it died.

        So is each batch of the pull that may have been that first one then, and comes later now.
        An item is rejected only if it, alone, ends such a process three times.
        """


@runtime_checkable
class Pushes(Protocol):
    """What a connector has beside, if its source can say by itself that there is something new.

    ``wait`` is then called again and again, on a connector that does nothing else and in a thread of its own. What
    comes between two calls must not be lost. It raises Later, SignInNeeded or Refused, and may be called again then.
    """

    def watched(self) -> Sequence[Stream]:
        """Name those of the streams given last that are worth waiting for, the most important first."""

    def interrupt(self) -> None:
        """Have ``wait``, now and from now on, return False soon.

        It is called by another thread: the one thing of a connector that may be.
        """
