"""Replies: which message answers which, and how long the answer took in working time.

A reply is told by In-Reply-To; where that names nothing that is known, by the thread that References names; and by the
subject only where a message says "Re:" and neither helps.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from keepwarm.rules.contrast import Contrast
from keepwarm.rules.trail import Trail

if TYPE_CHECKING:
    from keepwarm.rules.counted_time import CountedTime
    from keepwarm.rules.working_time import WorkingTime
    from keepwarm.storage.histories import MessageFact

SIZED = 8
"""Of so many replies the size is compared with those before: one mail says nothing."""

SAME_SUBJECT_WITHIN = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Reply:
    """The first answer to a message."""

    message: MessageFact
    answers: MessageFact
    hours: float  # of the owner's working time, less absences


@dataclass(slots=True)
class ReplyLog:
    """Takes the messages of a pair in the order of time, and tells the replies among them."""

    working: WorkingTime | CountedTime
    theirs: Trail[Reply] = field(default_factory=Trail)
    owners: Trail[Reply] = field(default_factory=Trail)
    pace: Contrast = field(default_factory=lambda: Contrast(5, 40, 8))  # hours of theirs
    owners_pace: Contrast = field(default_factory=lambda: Contrast(5, 40, 8))
    sized: Trail[Reply] = field(default_factory=Trail)  # theirs to what began a matter: they quote one mail at most
    sizes: Contrast = field(default_factory=lambda: Contrast(SIZED, 40, 10))  # bytes of those, as whole mails
    their_follow_ups: int = 0  # messages of theirs that were replies themselves ...
    follow_ups_answered: int = 0  # ... and how many of those the owner answered in turn
    _by_key: dict[int, MessageFact] = field(default_factory=dict)
    _by_thread: dict[tuple[int, bool], MessageFact] = field(default_factory=dict)
    _by_subject: dict[tuple[int, bool], MessageFact] = field(default_factory=dict)
    _answered: set[int] = field(default_factory=set)

    def add(self, message: MessageFact) -> bool:
        """Take in the next message; True if it is the first answer to one of the other side."""
        answered = self.answered_by(message)
        is_first = answered is not None and self._note(message, answered)
        self._by_key[message.key] = message
        self._by_thread[message.thread, message.outbound] = message
        if message.subject_key is not None:
            self._by_subject[message.subject_key, message.outbound] = message
        return is_first

    def answered_by(self, message: MessageFact) -> MessageFact | None:
        """Find the message of the other side that this one answers; None if it begins something."""
        found = self._by_key.get(message.parent) if message.parent is not None else None
        if found is None and message.parent is not None:
            found = self._by_thread.get((message.thread, not message.outbound))
        if found is None and message.says_reply and message.subject_key is not None:
            found = self._by_subject.get((message.subject_key, not message.outbound))
            if found is not None and message.at - found.at > SAME_SUBJECT_WITHIN:
                found = None
        return found if found is not None and found.outbound != message.outbound else None

    def is_follow_up(self, message: MessageFact) -> bool:
        """Tell whether a message goes on with something, known or not, rather than beginning it."""
        return message.parent is not None or message.says_reply

    def _note(self, message: MessageFact, answered: MessageFact) -> bool:
        if not message.outbound:
            self.their_follow_ups += 1
        if answered.key in self._answered:
            return False
        self._answered.add(answered.key)
        reply = Reply(message, answered, self.working.hours_between(answered.at, message.at))
        (self.owners if message.outbound else self.theirs).add(message.at, reply)
        if not message.outbound:
            self._note_theirs(reply)
            return True
        self.owners_pace.add(reply.hours)
        if self.is_follow_up(answered):
            self.follow_ups_answered += 1
        return True

    def _note_theirs(self, reply: Reply) -> None:
        self.pace.add(reply.hours)
        if not self.is_follow_up(reply.answers):
            self.sized.add(reply.message.at, reply)
            self.sizes.add(reply.message.size)
