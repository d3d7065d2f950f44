"""Small talk: which touches are informal, which are catch-ups, and which of those talk business.

A touch is classified by the title of a meeting, the subject of a message, or the kind of one that was logged by hand;
the words are data (``touch_words/``). Some are business by nature, as a weekly call is: of those no small talk is
expected. Where no subjects are kept nothing is known, and nothing is in the log.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING

from keepwarm.rules.phrases import phrases_of, words_of
from keepwarm.rules.sources import Source, of_message, of_revision, of_touch
from keepwarm.rules.trail import Trail

if TYPE_CHECKING:
    from datetime import datetime

    from keepwarm.rules.meetings import Step
    from keepwarm.storage.histories import MessageFact, TouchFact

SAME_OCCASION = timedelta(days=14)
"""So far apart the mail about a lunch and the lunch itself are one touch."""

INFORMAL_KINDS = frozenset({"lunch", "coffee", "drinks", "dinner", "walk", "golf", "visit", "event"})
"""Of touches logged by hand."""

SPOKEN_KINDS = frozenset({"call", "chat", "meeting"})
"""Of those: they are what their text says. A letter or a gift is none of all this."""


class TouchClass(StrEnum):
    """What a touch is by the words it goes by."""

    INFORMAL = "informal"
    CATCH_UP = "catch_up"
    BUSINESS = "business"
    CALL = "call"  # business by nature
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Touch:
    """An informal touch, or a catch-up."""

    at: datetime
    business: bool  # its words talk business
    by_mail: bool
    source: Source


@lru_cache(maxsize=4096)
def class_of(text: str) -> tuple[TouchClass, bool]:
    """Classify a title or a subject, and tell whether it talks business."""
    words, known = words_of(text), phrases_of("keepwarm.rules.touch_words")
    business = known["business"].are_in(words)
    if known["informal"].are_in(words) and not known["not_informal"].are_in(words):
        return TouchClass.INFORMAL, business
    if known["by_nature"].are_in(words):
        return TouchClass.CALL, True
    if known["catch_up"].are_in(words):
        return TouchClass.CATCH_UP, business
    return (TouchClass.BUSINESS if business else TouchClass.UNKNOWN), business


@dataclass(slots=True)
class SmallTalk:
    """Takes touches in the order of time."""

    informal: Trail[Touch] = field(default_factory=Trail)
    catch_ups: Trail[Touch] = field(default_factory=Trail)
    known_since: datetime | None = None  # since when there have been words to tell touches by
    _threads: set[int] = field(default_factory=set)  # that have counted

    def answered(self, message: MessageFact) -> None:
        """Take in an answer: from then on a thread is a touch, whoever began it, and only once."""
        if message.subject is None:
            return
        kind, business = self._classified(message.subject, message.at)
        if kind in (TouchClass.INFORMAL, TouchClass.CATCH_UP) and message.thread not in self._threads:
            self._threads.add(message.thread)
            self._add(kind, Touch(message.at, business, True, of_message(message)))

    def met(self, step: Step) -> None:
        """Take in a meeting that has just ended."""
        if step.meeting.summary is None:
            return
        end = step.revision.end
        kind, business = self._classified(step.meeting.summary, end)
        self._add(kind, Touch(end, business, False, of_revision(step.meeting, step.revision)))

    def logged(self, touch: TouchFact) -> None:
        """Take in a touch that the owner wrote down."""
        if touch.kind not in INFORMAL_KINDS | SPOKEN_KINDS:
            return
        kind, business = self._classified(touch.text, touch.at)
        if touch.kind in INFORMAL_KINDS:
            kind = TouchClass.INFORMAL
        self._add(kind, Touch(touch.at, business, False, of_touch(touch)))

    def _classified(self, text: str, at: datetime) -> tuple[TouchClass, bool]:
        self.known_since = self.known_since or at
        return class_of(text)

    def _add(self, kind: TouchClass, touch: Touch) -> None:
        if kind is TouchClass.INFORMAL:
            _append(self.informal, touch)
        elif kind is TouchClass.CATCH_UP:
            _append(self.catch_ups, touch)


def _append(trail: Trail[Touch], touch: Touch) -> None:
    last = trail.last
    if last is None or touch.at - last.at > SAME_OCCASION or not (last.by_mail or touch.by_mail):
        trail.add(touch.at, touch)
    elif not touch.by_mail:  # the lunch itself says more than the mail that arranged it
        trail.items[-1] = touch
