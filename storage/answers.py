"""What the attendees of a meeting have answered. An answer belongs to the times that it answered."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from keepwarm.storage.observations import Answer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from keepwarm.storage.sightings import Answers


@dataclass(slots=True)
class AnswerBook:
    """The answers to the times that hold now."""

    _given: dict[str, Answer] = field(default_factory=dict)
    _carried: dict[str, Answer] = field(default_factory=dict)  # to the times before the last move

    def invite(self, addresses: Iterable[str]) -> None:
        """Add attendees who have not answered."""
        for address in addresses:
            self._given.setdefault(address, Answer.NONE)

    def remove(self, addresses: Iterable[str]) -> list[str]:
        """Take attendees off the list; gives those who were on it."""
        return [address for address in addresses if self._given.pop(address, None) is not None]

    def names(self, address: str) -> bool:
        """Tell whether somebody is invited."""
        return address in self._given

    def addresses(self) -> set[str]:
        """Give all who are invited."""
        return set(self._given)

    def as_tuple(self) -> Answers:
        """Give all answers, by address."""
        return tuple(sorted(self._given.items()))

    def reset(self, keep: Callable[[str], bool]) -> None:
        """Let nobody be bound by an answer to another time, but for those ``keep`` is true of."""
        self._carried = {who: answer for who, answer in self._given.items() if answer is not Answer.NONE}
        self._given = {who: answer if keep(who) else Answer.NONE for who, answer in self._given.items()}

    def show(self, address: str, answer: Answer, *, changed: bool) -> bool:
        """Take an answer that a snapshot shows; true if it is news.

        Calendars keep showing an answer after the meeting was moved. So an answer that was already given to
        the former times counts again only if the snapshot's source showed another one in between
        (``changed``).
        """
        if answer is Answer.NONE:
            self._carried.pop(address, None)
        elif changed or self._carried.get(address) is not answer:
            return self.give(address, answer)
        self.invite([address])
        return False

    def give(self, address: str, answer: Answer) -> bool:
        """Take an attendee's word; true if it is news."""
        self._carried.pop(address, None)
        self.invite([address])
        if answer in (Answer.NONE, self._given[address]):
            return False
        self._given[address] = answer
        return True
