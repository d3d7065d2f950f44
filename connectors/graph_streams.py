"""What mail and calendars at Microsoft have in common: a list that lasts an hour, and what faults mean."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypeVar

from keepwarm.connectors.contract import CursorLost, Later, Refused
from keepwarm.connectors.graph_client import NotAllowedError, NotThereError
from keepwarm.storage.observations import Stream

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from keepwarm.connectors.graph_client import GraphClient
    from keepwarm.storage.observations import Batch, Cursor

Item = TypeVar("Item")

LISTING_LASTS = 3600.0  # seconds for which the list is not asked for again


@dataclass(frozen=True, slots=True)
class Words:
    """How sentences name what is read, and the permission to."""

    holds: str  # of a Stream
    thing: str  # "folder"
    all: str  # "the mail"
    permission: str


@dataclass(slots=True)
class GraphStreams(ABC, Generic[Item]):
    """The streams of one kind; each stands for an item: a folder or a calendar."""

    client: GraphClient
    _items: Mapping[str, Item] = field(default_factory=dict, init=False)  # by stream
    _listed_at: float | None = field(default=None, init=False)  # by the monotonic clock

    def streams(self) -> Sequence[Stream]:
        """List what there is to read; asked anew once an hour. Raises Later, SignInNeeded or Refused."""
        if self._listed_at is None or time.monotonic() - self._listed_at > LISTING_LASTS:
            try:
                self._items = self._listed()
            except NotAllowedError:
                raise self._not_allowed() from None
            except CursorLost as lost:  # there is no cursor here: a page of the list led nowhere
                raise Later(str(lost)) from None
            except NotThereError:
                raise Later(f"Microsoft cannot list {self._words.all} now.") from None
            except Later:
                if not self._items:
                    raise
                return self._known()  # what was there an hour ago can still be tried
            self._listed_at = time.monotonic()
        return self._known()

    def pull(self, stream: Stream, cursor: Cursor | None) -> Iterator[Batch]:
        """Read what is new in a stream, in batches. Raises Later, CursorLost, SignInNeeded or Refused."""
        if stream.name not in self._items:
            self.streams()
        item, words = self._items.get(stream.name), self._words
        if item is None:
            raise Refused(f"There is no {words.thing} {stream.name} any more.", "Nothing, if it was deleted.")
        try:
            yield from self._read(item, cursor)
        except NotThereError:
            self._listed_at = None
            raise Later(f"The {words.thing} {stream.name} is no longer there.") from None
        except NotAllowedError:
            raise self._not_allowed() from None

    def wait(self, stream: Stream, seconds: float) -> bool:
        """Give no hint: the daemon polls."""
        del stream, seconds
        return False

    def close(self) -> None:
        """Let go of the connection; what was listed is kept."""
        self.client.close()

    @property
    @abstractmethod
    def _words(self) -> Words:
        """Give the words for sentences."""

    @abstractmethod
    def _listed(self) -> Mapping[str, Item]:
        """List the items by stream. Raises NotThereError, NotAllowedError, and the contract's errors."""

    @abstractmethod
    def _read(self, item: Item, cursor: Cursor | None) -> Iterator[Batch]:
        """Read what is new in an item. Raises NotThereError, NotAllowedError, and the contract's errors."""

    def _known(self) -> list[Stream]:
        return [Stream(name, holds=self._words.holds) for name in self._items]

    def _not_allowed(self) -> Refused:
        return Refused(
            f"Microsoft does not let this sign-in read {self._words.all}: the permission {self._words.permission} "
            "is missing.",
            f"Add it to your registration, then run `keepwarm login {self.client.account}`.",
        )
