"""The life of a meeting, worked out from all that was ever seen of it.

Snapshots arrive in any order and more than once: from mails, from several calendars, read anew after a
crash. So nothing is built on what arrived last; the whole life is derived from all sightings in the order
in which they were written, and any order of arrival gives the same revisions.

Nobody speaks for another (RFC 5546, 6.1): an update or cancellation counts if the organiser sent it, an
answer or a proposal for the attendee who sent it. The organiser may pass on what other attendees answered,
but not what the owner did: that would make a meeting that the owner never heard of one that they agreed to.
What is not believed leaves no trace.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from keepwarm.storage.answers import AnswerBook
from keepwarm.storage.attribution import Cause, Prompts
from keepwarm.storage.observations import Answer, MeetingStatus, Method
from keepwarm.storage.sightings import (
    Answers,
    Change,
    Remark,
    Revision,
    Sighting,
    Span,
    fits,
    in_order,
    revision_ref,
    rhythm_of,
    span_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

__all__ = ["Answers", "Change", "Remark", "Revision", "Sighting", "revisions"]

_CANCELLED = MeetingStatus.CANCELLED
_SAID = {
    Answer.ACCEPTED: (Change.ACCEPTED, "accepted"),
    Answer.TENTATIVE: (Change.TENTATIVE, "accepted with reservations"),
    Answer.DECLINED: (Change.DECLINED, "declined"),
}
_FIRST_SEEN = {
    Method.CALENDAR: "the meeting was found in a calendar",
    Method.REQUEST: "the organiser sent an invitation",
    Method.REPLY: "the meeting was first seen in an answer to its invitation",
}


def revisions(
    sightings: Iterable[Sighting], remarks: Iterable[Remark] = (), *, owner: frozenset[str], meeting: str = ""
) -> tuple[Revision, ...]:
    """Give the revisions of one meeting, oldest first, from all sightings of it and others' mails in its thread.

    ``owner`` holds the owner's addresses in lower case; they count as one person. ``meeting`` is a stable
    key of the meeting, which keeps the refs of two meetings apart.
    """
    life = _Life(owner=owner, meeting=meeting)
    unread = deque(sorted(remarks))
    for sighting in in_order(sightings):
        while unread and unread[0].at < sighting.at:
            life.read(unread.popleft())
        life.see(sighting)
    return tuple(life.revisions)


@dataclass(slots=True)
class _Life:
    """The state of a meeting while its sightings are told, one after another."""

    owner: frozenset[str]
    meeting: str
    revisions: list[Revision] = field(default_factory=list)
    now: Sighting | None = None  # the sighting whose times hold
    status: MeetingStatus = MeetingStatus.CONFIRMED
    vanished: bool = False  # it is cancelled only because it vanished
    sequence: int = 0
    organizer: str = ""
    pattern: str = ""
    answers: AnswerBook = field(default_factory=AnswerBook)
    prompts: Prompts = field(default_factory=Prompts)
    shown: dict[str, Sighting] = field(default_factory=dict)  # what each calendar copy showed last
    former: set[Span] = field(default_factory=set)
    early: list[Sighting] = field(default_factory=list)  # answers to times that are not known yet
    proposals: set[tuple[str, Span]] = field(default_factory=set)

    def see(self, sighting: Sighting) -> None:
        """Take the next sighting."""
        if sighting.gone:
            self._vanish(sighting)
        elif sighting.method is Method.CALENDAR:
            self._copy(sighting)
        elif sighting.method is Method.REPLY:
            self._reply(sighting)
        elif sighting.method is Method.COUNTER:
            self._counter(sighting)
        elif self._is_organizer(sighting.sent_by, sighting) and not self._hands_over(sighting):
            self._update(sighting)

    def read(self, remark: Remark) -> None:
        """Take the next mail in the thread: it may have asked an attendee's wish of the organiser."""
        if remark.author in self.answers.addresses() and not self._is_organizer(remark.author):
            self.prompts.note(remark.at, remark.author, "wrote in its thread", outright=False)

    def _is_same(self, one: str, other: str) -> bool:
        one, other = one.lower(), other.lower()
        return bool(one) and (one == other or {one, other} <= self.owner)

    def _is_organizer(self, address: str, sighting: Sighting | None = None) -> bool:
        claimed = "" if sighting is None else sighting.organizer
        return self._is_same(address, self.organizer or claimed)

    def _hands_over(self, sighting: Sighting) -> bool:
        """Tell a mail by which somebody else makes the owner the organiser: it would make them one who agreed."""
        return sighting.organizer.lower() in self.owner and sighting.sent_by.lower() not in self.owner

    # What the organiser sent.

    def _update(self, sighting: Sighting) -> None:
        if self.now is not None and sighting.sequence < self.sequence:
            return
        if sighting.method is Method.DECLINE_COUNTER:
            for address, _ in sighting.answers:
                self.prompts.withdrawn(address)
        elif sighting.method is Method.CANCEL and self._is_removal(sighting):
            self._remove(sighting)
        else:
            self._take(sighting, dict(sighting.answers))

    def _is_removal(self, sighting: Sighting) -> bool:
        """Tell a CANCEL that only takes some off the list (RFC 5546, 3.2.5): no STATUS, and not for all."""
        named = {address for address, _ in sighting.answers}
        others = {address for address in self.answers.addresses() if not self._is_organizer(address)}
        return sighting.status is not _CANCELLED and bool(named) and bool(others - named)

    def _remove(self, sighting: Sighting) -> None:
        removed = self.answers.remove(address for address, _ in sighting.answers)
        if not removed or self.status is _CANCELLED:
            return
        if self.owner.intersection(removed):
            self.status = _CANCELLED  # for the owner it is over
        why = f"the organiser took {', '.join(sorted(removed))} off the list"
        self._write(Change.REMOVED, sighting, Cause(self.organizer, why))

    # What a calendar shows.

    def _copy(self, sighting: Sighting) -> None:
        last = self.shown.get(sighting.source)
        self.shown[sighting.source] = sighting
        if last is None:
            if not self._is_behind(sighting):
                self._take(sighting, dict(sighting.answers))
            return
        told = dict(last.answers)
        fresh = {who: answer for who, answer in sighting.answers if told.get(who) is not answer}
        same_times = span_of(last) == span_of(sighting)
        if not same_times or (last.status, last.pattern) != (sighting.status, sighting.pattern):
            if not last.sequence < sighting.sequence < self.sequence:  # else it is only catching up
                self._take(sighting, fresh, changed=same_times)
        elif self.now is not None and span_of(self.now) == span_of(sighting) and self.status is not _CANCELLED:
            self._hear(sighting, fresh, changed=True)

    def _is_behind(self, sighting: Sighting) -> bool:
        """Tell a copy that shows what was: it has not followed yet, and so moves nothing back."""
        if self.now is None or sighting.sequence > self.sequence:
            return False
        over = self.status is _CANCELLED and sighting.status is not _CANCELLED and not self.vanished
        left = span_of(sighting) != span_of(self.now) and span_of(sighting) in self.former
        return sighting.sequence < self.sequence or over or left

    def _vanish(self, sighting: Sighting) -> None:
        """Take a copy away; a meeting to come whose last copy vanished was cancelled."""
        self.shown.pop(sighting.source, None)
        if self.now is None or self.shown or self.status is _CANCELLED or self.now.start <= sighting.at:
            return
        if any(answer is Answer.DECLINED for who, answer in self.answers.as_tuple() if who in self.owner):
            return  # what the owner declined goes on without them
        if sighting.superseded:
            self.status, self.vanished = _CANCELLED, True
            self._write(Change.SUPERSEDED, sighting, Cause(self.organizer, "its series was changed or ended"))
            return
        if self.organizer.lower() in self.owner:
            cause = Cause(self.organizer, "it was deleted from your calendar, and you are its organiser")
        else:
            cause = Cause("", "it vanished from the calendar, and nobody said why")
        self._cancel(sighting, cause)
        self.vanished = True

    # Changes.

    def _take(self, sighting: Sighting, fresh: dict[str, Answer], *, changed: bool = False) -> None:
        """Follow a snapshot that is believed; ``fresh`` holds the answers that it has to tell."""
        self.organizer = sighting.organizer or self.organizer
        self.sequence = max(self.sequence, sighting.sequence)
        if sighting.method is Method.CANCEL or sighting.status is _CANCELLED:
            if self.now is None and sighting.timeless:
                return  # of a meeting that nothing else is known of
            if self.now is None:
                self._hold(sighting)
            if self.status is not _CANCELLED:
                self._cancel(sighting, self._cause(sighting, "cancelled it"))
            return
        change = self._change(sighting)
        self.status, self.vanished = sighting.status, False
        self.pattern = sighting.pattern or self.pattern
        self.answers.invite(fresh)
        if change is not None:
            self._apply(change, sighting)
        self._hear(sighting, fresh, changed=changed)

    def _change(self, sighting: Sighting) -> Change | None:
        if self.now is None:
            return Change.CREATED
        if self.status is _CANCELLED:
            return Change.REINSTATED
        before, after = span_of(self.now), span_of(sighting)
        old, new = rhythm_of(self.pattern), rhythm_of(sighting.pattern)
        if before.start != after.start or (old and new and old != new):
            return Change.RESCHEDULED
        return Change.RESIZED if before.end != after.end else None

    def _apply(self, change: Change, sighting: Sighting) -> None:
        before = self.now
        if before is None:
            cause = Cause(self.organizer, _FIRST_SEEN[sighting.method])
        else:
            by_mail = sighting.method is not Method.CALENDAR
            cause = self._cause(sighting, "sent the update" if by_mail else "changed it in the calendar")
        if before is not None and (change is not Change.REINSTATED or span_of(before) != span_of(sighting)):
            self.answers.reset(keep=self._is_organizer)
        self._hold(sighting)
        self._write(change, sighting, cause, before)
        self._settle()
        waiting, self.early = self.early, []
        for reply in waiting:
            self._reply(reply, at=sighting.at)

    def _cause(self, sighting: Sighting, did: str) -> Cause:
        return self.prompts.cause(sighting.at, self.organizer, did)

    def _hold(self, sighting: Sighting) -> None:
        if self.now is not None:
            self.former.add(span_of(self.now))
        self.now = sighting

    def _cancel(self, sighting: Sighting, cause: Cause) -> None:
        self.status = _CANCELLED
        self._write(Change.CANCELLED, sighting, cause)
        self._settle()

    def _settle(self) -> None:
        """Close what was asked for: a change has answered it, and it explains no later one."""
        self.prompts.answered()
        self.proposals.clear()

    # What attendees say.

    def _hear(self, sighting: Sighting, fresh: dict[str, Answer], *, changed: bool) -> None:
        how = "the calendar" if sighting.method is Method.CALENDAR else "the organiser's update"
        for address, answer in sorted(fresh.items()):
            if self._is_organizer(address):
                self.answers.give(address, answer)
            elif self._may_tell(sighting, address, answer) and self.answers.show(address, answer, changed=changed):
                self._answered(address, answer, sighting, f"{how} shows that {{}} {{}}", sighting.at)

    def _may_tell(self, sighting: Sighting, address: str, answer: Answer) -> bool:
        """Tell whether a snapshot is believed about an answer: for the owner, no mail of somebody else's is."""
        of_owner = address.lower() in self.owner and answer is not Answer.NONE
        return not of_owner or sighting.method is Method.CALENDAR or sighting.sent_by.lower() in self.owner

    def _reply(self, sighting: Sighting, at: datetime | None = None) -> None:
        if self._is_organizer(sighting.sent_by, sighting):
            return
        for address, answer in sighting.answers:
            if self._is_same(address, sighting.sent_by):
                self._believe(sighting, address, answer, at or sighting.at)
                return

    def _believe(self, sighting: Sighting, address: str, answer: Answer, at: datetime) -> None:
        if self.now is None and not sighting.timeless:
            self.organizer, self.sequence, self.pattern = (
                sighting.organizer,
                sighting.sequence,
                sighting.pattern,
            )
            self._apply(Change.CREATED, sighting)
        if self.now is not None and fits(sighting, self.now, self.sequence):
            if self.answers.give(address, answer):
                self._answered(address, answer, sighting, "{} {} by mail", at)
        elif sighting.sequence >= self.sequence:
            self.early.append(sighting)

    def _answered(self, address: str, answer: Answer, sighting: Sighting, why: str, at: datetime) -> None:
        if answer not in _SAID:
            return
        change, said = _SAID[answer]
        self._write(change, sighting, Cause(address, why.format(address, said)), at=at)
        self.prompts.withdrawn(address)
        if change is not Change.ACCEPTED:
            self.prompts.note(at, address, said)

    def _counter(self, sighting: Sighting) -> None:
        proposer = next((who for who, _ in sighting.answers if self._is_same(who, sighting.sent_by)), "")
        stale = self.now is not None and (sighting.sequence < self.sequence or span_of(self.now) == span_of(sighting))
        proposal = (proposer, span_of(sighting))
        if not proposer or stale or proposal in self.proposals or self._is_organizer(proposer, sighting):
            return
        self.proposals.add(proposal)
        self._write(Change.PROPOSED, sighting, Cause(proposer, f"{proposer} proposed a new time"), self.now)
        self.prompts.note(sighting.at, proposer, "proposed a new time")

    def _write(
        self,
        change: Change,
        sighting: Sighting,
        cause: Cause,
        before: Sighting | None = None,
        *,
        at: datetime | None = None,
    ) -> None:
        shown = sighting if change is Change.PROPOSED else self.now or sighting
        at = at or sighting.at
        self.revisions.append(
            Revision(
                ref=revision_ref(self.meeting, change, at, shown.start, shown.end, cause.actor),
                at=at,
                change=change,
                start=shown.start,
                end=shown.end,
                previous_start=None if before is None else before.start,
                previous_end=None if before is None else before.end,
                status=self.status,
                actor=cause.actor,
                why=cause.why,
                sighting=sighting.ref,
                all_day=shown.all_day,
                busy=shown.busy,
                away=sighting.away,
                answers=self.answers.as_tuple(),
            )
        )
