"""A moment: all that is known of one contact up to a time, kept current while a history is played forward.

Facts read it; only ``take_in``, ``learn`` and setting ``now`` change it. What happened later cannot be seen from here.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from keepwarm.rules.attention import AttentionLog
from keepwarm.rules.beginning import Beginning
from keepwarm.rules.calls import CallLog
from keepwarm.rules.counted_time import CountedTime
from keepwarm.rules.days import DayComes
from keepwarm.rules.meetings import MeetingLog, Step
from keepwarm.rules.model import Pulse
from keepwarm.rules.promises import PromiseLog
from keepwarm.rules.replies import ReplyLog
from keepwarm.rules.small_talk import SmallTalk
from keepwarm.rules.touches import TouchLog
from keepwarm.rules.trail import Trail
from keepwarm.storage.histories import By, MessageFact, PromiseFact, TouchFact
from keepwarm.storage.observations import MessageKind
from keepwarm.storage.sightings import Change

if TYPE_CHECKING:
    from collections.abc import Sequence

    from keepwarm.rules.timeline import Event
    from keepwarm.rules.working_time import WorkingTime
    from keepwarm.storage.histories import History, Other

FAR = datetime.max.replace(tzinfo=UTC)
"""Later than anything: the time of what never comes."""

LONG_AGO = datetime.min.replace(tzinfo=UTC)

_PROPOSALS = (Change.CREATED, Change.PROPOSED)

MOST_RECIPIENTS = 10
"""A message to more people than this is no sign of a relationship (SIGNALS: definitions)."""

TWO = 2
"""What is written to more people than this may be answered by any of them: the others are not silent."""


@dataclass(frozen=True, slots=True)
class BrokenSilence:
    """They wrote, or met the owner, again after a silence that had been a signal."""

    at: datetime
    since: datetime  # when they had been heard before that
    days: float  # how long they had been silent, in counted time
    event: MessageFact | Step | TouchFact


@dataclass(slots=True)
class Moment:
    """One contact as of ``now``."""

    history: History
    working: WorkingTime
    now: datetime
    happened: datetime  # when the last event was
    time: CountedTime
    pulse: Pulse
    replies: ReplyLog
    calls: CallLog
    attention: AttentionLog
    meetings: MeetingLog = field(default_factory=MeetingLog)
    touches: TouchLog = field(default_factory=TouchLog)
    beginning: Beginning = field(default_factory=Beginning)
    small_talk: SmallTalk = field(default_factory=SmallTalk)
    invoices: Trail[MessageFact] = field(default_factory=Trail)  # the owner's
    promises: PromiseLog = field(default_factory=PromiseLog)
    inbound: Trail[MessageFact] = field(default_factory=Trail)
    outbound: Trail[MessageFact] = field(default_factory=Trail)
    heard_days: Trail[datetime] = field(default_factory=Trail)  # inbound days, at their first event
    touch_days: Trail[datetime] = field(default_factory=Trail)  # days on which either was in touch, or they met
    begun_by_them: Trail[MessageFact] = field(default_factory=Trail)
    addressed_by_them: Trail[MessageFact] = field(default_factory=Trail)  # theirs, where they chose to whom
    begun_by_owner: Trail[MessageFact] = field(default_factory=Trail)
    chasing: list[MessageFact] = field(default_factory=list)  # the owner's, since they were last heard
    owed: list[MessageFact] = field(default_factory=list)  # theirs that wait for the owner, oldest first
    others: defaultdict[type[Other], Trail[Other]] = field(default_factory=lambda: defaultdict(Trail))  # by kind
    broken_silence: BrokenSilence | None = None
    exchanged: int = 0  # messages of people, meetings held and touches logged, so far
    between_two: int = 0  # of these, what was between the two, or of one more
    events: int = 0  # taken in so far, absences among them
    learned: int = 0  # absences that are known so far

    @classmethod
    def before(cls, history: History, working: WorkingTime, now: datetime) -> Moment:
        """Give the moment at which nothing has happened yet."""
        time = CountedTime(working)
        return cls(
            history=history,
            working=working,
            now=now,
            happened=now,
            time=time,
            pulse=Pulse(working.zone, time),
            replies=ReplyLog(time),
            calls=CallLog(time),
            attention=AttentionLog(working),
        )

    def leaves_window(self, trail: Trail[Any], days: float) -> datetime:
        """Give the time at which the first thing drops out of a window of so many days; FAR if there is none in it."""
        oldest = trail.oldest_since(self.ago(days))
        return FAR if oldest is None else oldest + timedelta(days=days)

    def ago(self, days: float) -> datetime:
        """Give the time so many days before now."""
        return self.now - timedelta(days=days)

    def has_news(self, now: datetime) -> bool:
        """Tell whether an absence has become known by ``now`` that is not taken in yet."""
        absences = self.history.absences
        return self.learned < len(absences) and absences[self.learned].at <= now

    @property
    def next_news(self) -> datetime:
        """When the next absence becomes known; FAR if none does."""
        absences = self.history.absences
        return absences[self.learned].at if self.learned < len(absences) else FAR

    def learn(self, now: datetime) -> None:
        """Take in the absences that have become known by ``now``; they are no events between the two."""
        while self.has_news(now):
            changed_since = self.time.learn(self.history.absences[self.learned])
            self.learned += 1
            self.events += 1
            if changed_since is not None:
                self.pulse.recount(changed_since)

    def catch_up(self, past: Sequence[Event], learned: int, broken: BrokenSilence | None) -> None:
        """Become what it was when ``past`` was over, so many absences were known, and this silence was the last broken.

        Which silences were signals when they ended is not in the past, but in what was found.
        """
        for event in past:
            self.learn(event.at)
            self.take_in(event)
        if learned:
            self.learn(self.history.absences[learned - 1].at)
        self.broken_silence = broken

    def take_in(self, event: Event, *, silence_was_signal: bool = False) -> None:
        """Take in the next event, in the order of time; ``now`` becomes its time.

        ``silence_was_signal`` says that a signal about their silence is open as it happens.
        """
        self.now = self.happened = event.at
        self.events += 1
        if isinstance(event.what, MessageFact):
            self._message(event.what, silence_was_signal=silence_was_signal)
        elif isinstance(event.what, DayComes):
            pass  # nothing happens; the rules look
        elif not isinstance(event.what, Step):
            self.others[type(event.what)].add(event.at, event.what)
            if isinstance(event.what, PromiseFact):
                self.promises.write_down(event.what)
            if isinstance(event.what, TouchFact):
                self._logged(event.what, silence_was_signal=silence_was_signal)
        elif event.held:
            self._held(event.what, silence_was_signal=silence_was_signal)
        else:
            self.meetings.add(event.what)
            if event.what.revision.by is By.OWNER and event.what.revision.change in _PROPOSALS:
                self.promises.owner_was_in_touch()
            if event.what.revision.by is By.OWNER:  # an invitation, or an answer to one, is a word from the owner
                self.owed.clear()

    def _message(self, message: MessageFact, *, silence_was_signal: bool) -> None:
        if message.outbound:
            self.promises.owner_wrote(message)
        if message.recipients > MOST_RECIPIENTS:
            return
        if message.kind is MessageKind.INVOICE and message.outbound:
            self.invoices.add(message.at, message)
        if message.kind is not MessageKind.HUMAN:
            return
        if message.outbound:
            self._owner_wrote(message)
        else:
            self._they_wrote(message, silence_was_signal=silence_was_signal)
        self._exchanged(between_two=message.recipients <= TWO)

    def _owner_wrote(self, message: MessageFact) -> None:
        answers = self.replies.add(message)
        if answers:
            self.small_talk.answered(message)
        reply = self.replies.owners.last if answers else None
        self.beginning.wrote(message, reply)
        self.attention.wrote(message, reply)
        self.outbound.add(message.at, message)
        if not self.replies.is_follow_up(message):
            self.begun_by_owner.add(message.at, message)
        if message.direct:
            self.owed.clear()
            if not answers and message.recipients <= TWO:  # an answer waits for nothing, and a group for any of them
                self.chasing.append(message)
        self.pulse.owner_wrote(message.at)

    def _they_wrote(self, message: MessageFact, *, silence_was_signal: bool) -> None:
        chosen = self._chose_recipients(message)
        if self.replies.add(message):
            self.small_talk.answered(message)
        self.beginning.wrote(message, None)
        self._heard(message, silence_was_signal=silence_was_signal)
        self.inbound.add(message.at, message)
        self.attention.heard(message)
        if not self.replies.is_follow_up(message):
            self.begun_by_them.add(message.at, message)
        if chosen:
            self.addressed_by_them.add(message.at, message)
        if message.direct and self._wants_answer(message):
            self.owed.append(message)
        self.pulse.they_wrote(message.at)

    def _held(self, step: Step, *, silence_was_signal: bool) -> None:
        self._heard(step, silence_was_signal=silence_was_signal)
        self.meetings.add_held(step)
        self.calls.add(step)
        self.small_talk.met(step)
        self.beginning.met(step, self.now)
        self.promises.owner_was_in_touch()
        self.attention.met(step)
        self.pulse.they_met(self.now)
        self.owed.clear()
        self._exchanged(between_two=step.revision.people <= TWO + 1)

    def _logged(self, touch: TouchFact, *, silence_was_signal: bool) -> None:
        """Count a touch that both had as a meeting held, and one by the owner alone as a word that asks for nothing."""
        if touch.mutual:
            self._heard(touch, silence_was_signal=silence_was_signal)
            self.beginning.met(touch, self.now)
            self.pulse.they_met(self.now)
        else:
            self.pulse.owner_was_in_touch(self.now)
        self.touches.add(touch)
        self.small_talk.logged(touch)
        self.promises.owner_was_in_touch()
        self.owed.clear()
        self._exchanged(between_two=True)

    def _heard(self, event: MessageFact | Step | TouchFact, *, silence_was_signal: bool) -> None:
        silent, since = self.pulse.silent_days(self.now), self.pulse.last_heard
        if silence_was_signal and silent is not None and since is not None:
            self.broken_silence = BrokenSilence(self.now, since, silent, event)
        self.chasing.clear()
        if not self._same_day(self.heard_days):
            self.heard_days.add(self.now, self.now)

    def _exchanged(self, *, between_two: bool) -> None:
        self.exchanged += 1
        self.between_two += between_two
        if not self._same_day(self.touch_days):
            self.touch_days.add(self.now, self.now)

    def _same_day(self, days: Trail[datetime]) -> bool:
        last = days.last
        return last is not None and self.working.local_day(last) == self.working.local_day(self.now)

    def _chose_recipients(self, message: MessageFact) -> bool:
        """Tell whether they chose to whom they wrote: who answers to all has it from whoever asked."""
        answered = self.replies.answered_by(message)
        return answered.recipients == 1 if answered else not self.replies.is_follow_up(message)

    def _wants_answer(self, message: MessageFact) -> bool:
        """Tell whether the owner would usually answer it.

        What begins a matter wants an answer. What goes on with one often ends it ("thanks, great"): it counts as
        waiting only where the owner has answered such messages of theirs at least every second time.
        """
        if not self.replies.is_follow_up(message):
            return True
        return self.replies.follow_ups_answered * 2 >= max(4, self.replies.their_follow_ups)
