"""What can happen to meetings, and to those who read of them; a list of these is a story, and a readable one."""

from __future__ import annotations

from dataclasses import dataclass

ME, ANA, BOB, EVE = "me@carter.example", "ana@acme.example", "bob@acme.example", "eve@evil.example"
"""The owner, two contacts who are invited to everything, and a stranger who is invited to nothing."""


@dataclass(frozen=True)
class Create:
    """``organizer`` invites the other two; ``weekly`` meetings come four times."""

    meeting: int
    organizer: str
    weekly: bool = False


@dataclass(frozen=True)
class Crowd:
    """Ana puts twelve more meetings into the calendar."""


@dataclass(frozen=True)
class Disperse:
    """All of the crowd's meetings are deleted at once."""


@dataclass(frozen=True)
class Move:
    """The organiser moves a meeting, or a whole series."""

    meeting: int
    days: int


@dataclass(frozen=True)
class MoveBack:
    """The organiser puts a meeting, or a whole series, back to where it was before the last move."""

    meeting: int


@dataclass(frozen=True)
class MoveOne:
    """The organiser moves one occurrence to so many days after its own; 0 puts it back."""

    meeting: int
    week: int
    days: int


@dataclass(frozen=True)
class Shorten:
    """The organiser makes a meeting, or a whole series, ten minutes shorter."""

    meeting: int


@dataclass(frozen=True)
class Cancel:
    """The organiser cancels a meeting, which stays in the calendar as a cancelled one."""

    meeting: int


@dataclass(frozen=True)
class CancelOne:
    """The organiser cancels one occurrence, which stays in the calendar as a cancelled one."""

    meeting: int
    week: int


@dataclass(frozen=True)
class Delete:
    """The organiser cancels a meeting, which disappears from the calendar."""

    meeting: int


@dataclass(frozen=True)
class DropOne:
    """The organiser cancels one occurrence, which disappears from the calendar (EXDATE)."""

    meeting: int
    week: int


@dataclass(frozen=True)
class Restore:
    """The organiser makes a cancelled or deleted meeting again, with the same UID."""

    meeting: int


@dataclass(frozen=True)
class Remake:
    """The organiser, or their program, makes a single meeting anew: at the same time, with another UID."""

    meeting: int


@dataclass(frozen=True)
class Split:
    """The organiser moves this and the following occurrences: the series ends, and another one goes on."""

    meeting: int
    week: int
    days: int


@dataclass(frozen=True)
class End:
    """The organiser ends a series before this occurrence."""

    meeting: int
    week: int


@dataclass(frozen=True)
class Answer:
    """An attendee answers, for a whole series if it is one; ``said`` is "accepted", "tentative" or "declined"."""

    meeting: int
    who: str
    said: str


@dataclass(frozen=True)
class AnswerOne:
    """An attendee answers for one occurrence."""

    meeting: int
    week: int
    who: str
    said: str


@dataclass(frozen=True)
class Propose:
    """An attendee proposes another time for a single meeting."""

    meeting: int
    who: str
    days: int


@dataclass(frozen=True)
class Write:
    """An attendee writes to the owner, in the thread of the invitation."""

    meeting: int
    who: str


@dataclass(frozen=True)
class Forge:
    """A stranger sends a cancellation, as if they were the organiser."""

    meeting: int


@dataclass(frozen=True)
class Wait:
    """Time passes; between any two operations two hours do."""

    hours: int


@dataclass(frozen=True)
class Poll:
    """Keepwarm reads everything, and again when the settling time is over."""


@dataclass(frozen=True)
class Share:
    """The meeting is from now on in a second calendar, too."""

    meeting: int


@dataclass(frozen=True)
class Again:
    """The last mail is delivered a second time, and all events are written anew with nothing in them changed."""


@dataclass(frozen=True)
class Expire:
    """What the sources gave as cursors means nothing to them any more."""


@dataclass(frozen=True)
class BreakOff:
    """Keepwarm is stopped in the middle of reading, and started again."""


Happening = (
    Create | Crowd | Disperse | Move | MoveBack | MoveOne | Shorten | Cancel | CancelOne | Delete | DropOne | Restore
    | Remake     | Split | End | Answer | AnswerOne | Propose | Write | Forge
)  # fmt: skip
Operation = Happening | Wait | Poll | Share | Again | Expire | BreakOff
