"""The life of a meeting, worked out from all that was ever seen of it.

Snapshots arrive in any order and more than once: from mails, from several calendars, read anew after a
crash. So nothing is built on what arrived last; the whole life is derived from all sightings in the order
in which they were written, and any order of arrival gives the same revisions.

Nobody speaks for another: an update or cancellation counts if it comes from the organiser (see ``trust``), an
answer or a proposal for the attendee who sent it. The organiser may pass on what other attendees answered,
but not what the owner did: that would make a meeting that the owner never heard of one that they agreed to.
Nor does anybody but the owner make a meeting known, or themselves an attendee of one, by answering: what they
say waits until a calendar, the organiser, or who delegated to them (RFC 5546, 3.2.3) bears it out.
What is not believed leaves no trace.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from keepwarm.storage.answers import AnswerBook
from keepwarm.storage.attribution import SHORTLY, Cause, Prompt, Prompts, Weight
from keepwarm.storage.hindsight import with_hindsight
from keepwarm.storage.inheritance import Inheritance
from keepwarm.storage.observations import Answer, MeetingStatus, Method
from keepwarm.storage.sightings import (
    Answers,
    Change,
    Remark,
    Revision,
    Sighting,
    Span,
    Testimony,
    in_order,
    revision_ref,
    span_of,
)
from keepwarm.storage.times import Times
from keepwarm.storage.trust import Trust

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

__all__ = ["Answers", "Change", "Remark", "Revision", "Sighting", "Testimony", "revisions"]

_CANCELLED = MeetingStatus.CANCELLED
_SAID = {
    Answer.ACCEPTED: (Change.ACCEPTED, "accepted"),
    Answer.TENTATIVE: (Change.TENTATIVE, "accepted with reservations"),
    Answer.DECLINED: (Change.DECLINED, "declined"),
}
_FIRST_SEEN = {
    Method.CALENDAR: "the meeting was found in a calendar",
    Method.REPLY: "the meeting was first seen in an answer to its invitation",
}


def revisions(
    sightings: Iterable[Sighting],
    remarks: Iterable[Remark] = (),
    testimonies: Iterable[Testimony] = (),
    *,
    owner: frozenset[str],
    meeting: str = "",
    occurrence: str = "",
) -> tuple[Revision, ...]:
    """Give the revisions of one meeting, oldest first, from all sightings of it, others' mails and the owner's word.

    ``remarks`` are mails in its thread. ``owner`` holds the owner's addresses in lower case; they count as one
    person. ``meeting`` is a stable key of the meeting, which keeps the refs of two meetings apart. Of an
    ``occurrence``, its RECURRENCE-ID, the sightings may be of its whole series too, by mail.
    """
    known = in_order(sightings)
    seen = [one for one in known if one.method is not Method.ATTENDANCE]
    named_by = frozenset(one.source for one in seen if one.recurrence_id)
    life = _Life(
        trust=Trust(owner),
        meeting=meeting,
        heir=Inheritance(occurrence, named_by),
        excuses=[one for one in seen if one.method is Method.REPLY and one.away],
    )
    unread = deque(sorted(set(remarks)))
    for sighting in seen:
        while unread and unread[0].at < sighting.at:
            life.read(unread.popleft())
        life.see(sighting)
    return tuple(with_hindsight(life.revisions, life.times.now, known, testimonies, meeting))


@dataclass(slots=True)
class _Life:
    """The state of a meeting while its sightings are told, one after another."""

    trust: Trust
    meeting: str
    heir: Inheritance
    excuses: list[Sighting]  # refusals by mail for being out of the office, whenever they come
    revisions: list[Revision] = field(default_factory=list)
    times: Times = field(default_factory=Times)
    status: MeetingStatus = MeetingStatus.CONFIRMED
    vanished: bool = False  # it is cancelled only because it vanished
    superseded: bool = False  # it went because its series changed
    with_series: bool = False  # it is cancelled because its series is
    answers: AnswerBook = field(default_factory=AnswerBook)
    prompts: Prompts = field(default_factory=Prompts)
    shown: dict[str, Sighting] = field(default_factory=dict)  # what each calendar copy showed last
    waiting: list[Sighting] = field(default_factory=list)  # what attendees said of what is not known yet
    proposals: set[tuple[str, Span]] = field(default_factory=set)

    def see(self, sighting: Sighting) -> None:
        """Take the next sighting."""
        if self.heir.is_of_series(sighting):
            self._inherit(sighting)
        else:
            self._see(self.heir.placed(sighting))

    def _see(self, sighting: Sighting) -> None:
        if sighting.gone:
            self._vanish(sighting)
        elif sighting.method is Method.CALENDAR:
            self._copy(sighting)
        elif sighting.method in (Method.REPLY, Method.COUNTER):
            self._hear_out(sighting, sighting.at)
        elif self.trust.speaks_for_organizer(sighting, first=self.times.now is None):
            self._update(sighting)

    def read(self, remark: Remark) -> None:
        """Take the next mail in the thread: it may have asked an attendee's wish of the organiser."""
        invited = any(self.trust.is_same(remark.author, one) for one in self.answers.addresses())
        if invited and not self.trust.is_organizer(remark.author):
            self.prompts.note(Prompt(remark.at, remark.author, "wrote in its thread", remark.ref, Weight.WROTE))

    def _inherit(self, whole: Sighting) -> None:
        """Take what a mail says of the whole series, as far as it bears on this occurrence."""
        if whole.method in (Method.REPLY, Method.COUNTER):
            self._inherit_answer(whole)
        elif self.trust.speaks_for_organizer(whole, first=self.times.now is None):
            off = self.status is _CANCELLED and not (self.superseded or self.with_series)
            said = self.heir.of_organizer(whole, self.times.now, self.times.sequence, off=off)
            if said is not None:
                self.superseded = self.superseded or (off and said.method is Method.REQUEST)
                self._see(said)

    def _inherit_answer(self, whole: Sighting) -> None:
        if self.heir.is_too_late(whole, self.times.now):
            return
        if whole.method is Method.REPLY:
            self._hear_out(self.heir.of_answer(whole, self.times.sequence), whole.at)
        elif self.answers.names(whole.sent_by) and not self.trust.is_organizer(whole.sent_by):
            self.prompts.note(Prompt(whole.at, whole.sent_by, "proposed a new time for its series", whole.ref))

    # What the organiser sent.

    def _update(self, sighting: Sighting) -> None:
        if self.times.now is not None and sighting.sequence < self.times.sequence:
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
        others = {address for address in self.answers.addresses() if not self.trust.is_organizer(address)}
        return sighting.status is not _CANCELLED and bool(named) and bool(others - named)

    def _remove(self, sighting: Sighting) -> None:
        removed = self.answers.remove(address for address, _ in sighting.answers)
        if not removed or self.status is _CANCELLED:
            return
        if any(self.trust.is_owner(one) for one in removed):
            self.status, self.with_series = _CANCELLED, self.heir.is_of_series(sighting)  # for the owner it is over
        why = f"the organiser took {', '.join(sorted(removed))} off the list"
        self._write(Change.REMOVED, sighting, Cause(self.trust.organizer, why))

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
            if not last.sequence < sighting.sequence < self.times.sequence:  # else it is only catching up
                self._take(sighting, fresh, changed=same_times)
        elif self.times.are_those_of(sighting) and self.status is not _CANCELLED:
            self.trust.follow(sighting)
            self._hear(sighting, fresh, changed=True)
            self._hear_the_waiting(sighting)

    def _is_behind(self, sighting: Sighting) -> bool:
        """Tell a copy that shows what was: it has not followed yet, and so moves nothing back."""
        if self.times.now is None or sighting.sequence > self.times.sequence:
            return False
        over = self.status is _CANCELLED and sighting.status is not _CANCELLED and not self.vanished
        return sighting.is_older_than(self.times.sequence) or over or self.times.were_those_of(sighting)

    def _vanish(self, sighting: Sighting) -> None:
        """Take a copy away; a meeting to come whose last copy vanished was cancelled."""
        self.shown.pop(sighting.source, None)
        now = self.times.now
        if now is None or self.shown or now.start <= sighting.at:
            return
        if self.status is _CANCELLED:
            self.superseded = self.superseded or (sighting.superseded and not self.with_series)
            return
        if any(answer is Answer.DECLINED for who, answer in self.answers.as_tuple() if self.trust.is_owner(who)):
            return  # what the owner declined goes on without them
        organizer = self.trust.organizer
        if sighting.superseded:
            self.status, self.superseded = _CANCELLED, True
            self.vanished = sighting.method is Method.CALENDAR
            why = "its series was changed or ended" if self.heir.recurrence_id else "it goes on under another UID"
            self._write(Change.SUPERSEDED, sighting, Cause(organizer, why))
            self.times.over()
            return
        if sighting.sequence > self.times.sequence:
            cause = self._cause(sighting, "took it out of its series")
        elif self.trust.is_owner(organizer):
            did = "it was deleted from your calendar, and you are its organiser"
            cause = self.prompts.cause(sighting.at, organizer, did)
        else:
            cause = Cause("", "it vanished from the calendar, and nobody said why")
        self._cancel(sighting, cause)
        self.vanished = True

    # Changes.

    def _take(self, sighting: Sighting, fresh: dict[str, Answer], *, changed: bool = False) -> None:
        """Follow a snapshot that is believed; ``fresh`` holds the answers that it has to tell."""
        if self.times.now is None and sighting.timeless:
            return  # of a meeting that nothing else is known of
        self.trust.follow(sighting)
        if sighting.method is Method.CANCEL or sighting.status is _CANCELLED:
            if self.times.now is None:
                self.times.hold(sighting, Change.CANCELLED)
            self.times.sequence = max(self.times.sequence, sighting.sequence)
            if self.status is not _CANCELLED:
                self._cancel(sighting, self._cause(sighting, "cancelled it"))
            return
        change = self._change_to(sighting)
        self.status, self.vanished = sighting.status, False
        self.superseded = self.with_series = False
        self.answers.invite(fresh)
        if change is None:
            self.times.follow(sighting)
        else:
            self._apply(change, sighting)
        self._hear(sighting, fresh, changed=changed)
        self._hear_the_waiting(sighting)

    def _change_to(self, sighting: Sighting) -> Change | None:
        if self.status is not _CANCELLED:
            return self.times.change_to(sighting)
        # What comes back with its series is told of the series.
        return Change.CREATED if self.superseded and self.heir.recurrence_id else Change.REINSTATED

    def _apply(self, change: Change, sighting: Sighting) -> None:
        before = self.times.now
        if sighting.method is Method.CALENDAR:
            did = "changed it in the calendar"
        else:
            did = "sent an invitation" if before is None else "sent the update"
        if before is None and sighting.method in _FIRST_SEEN:
            cause = Cause(self.trust.organizer, _FIRST_SEEN[sighting.method])
        else:
            cause = self._cause(sighting, did)
        if before is not None:
            self._void_answers(change, sighting)
        self.times.hold(sighting, change)
        self._write(change, sighting, cause, None if change is Change.CREATED else before)
        self._settle()

    def _void_answers(self, change: Change, sighting: Sighting) -> None:
        """Let nobody be bound by an answer to other times, or to what was before its series came back."""
        if change is Change.CREATED and self.times.are_those_of(sighting):
            shown, given = dict(sighting.answers), dict(self.answers.as_tuple())
            self.answers.reset(keep=lambda who: self.trust.is_organizer(who) or shown.get(who) is given[who])
        elif change is not Change.REINSTATED or not self.times.are_those_of(sighting):
            self.answers.reset(keep=self.trust.is_organizer)

    def _cause(self, sighting: Sighting, did: str) -> Cause:
        who = "the organiser's assistant" if self.trust.is_by_agent(sighting) else "the organiser"
        return self.prompts.cause(sighting.at, self.trust.organizer, f"{who} {did}")

    def _cancel(self, sighting: Sighting, cause: Cause) -> None:
        self.status, self.with_series = _CANCELLED, self.heir.is_of_series(sighting)
        self._write(Change.CANCELLED, sighting, cause)
        self.times.over()
        self._settle()

    def _settle(self) -> None:
        """Close what was asked for: a change has answered it, and it explains no later one."""
        self.prompts.answered()
        self.proposals.clear()

    # What attendees say.

    def _hear(self, sighting: Sighting, fresh: dict[str, Answer], *, changed: bool) -> None:
        how = "the calendar" if sighting.method is Method.CALENDAR else "the organiser's update"
        for address, answer in sorted(fresh.items()):
            if self.trust.is_organizer(address):
                self.answers.give(address, answer)
            elif self.trust.may_tell(sighting, address, answer) and self.answers.show(address, answer, changed=changed):
                self._answered(address, answer, sighting, f"{how} shows that {{}} {{}}", sighting.at)

    def _hear_the_waiting(self, sighting: Sighting) -> None:
        """Hear out what was said before it could be believed, as of ``sighting``, which makes it so."""
        waiting, self.waiting = self.waiting, []
        for one in waiting:
            self._hear_out(one, sighting.at)

    def _hear_out(self, sighting: Sighting, at: datetime) -> None:
        """Take an answer or a proposal; what cannot be believed yet waits."""
        said = {who: answer for who, answer in sighting.answers if self.trust.is_same(who, sighting.sent_by)}
        if not said or self.trust.is_organizer(sighting.sent_by, sighting.organizer):
            return
        address, answer = next(iter(said.items()))
        by_owner = self.trust.is_owner(address)
        if self.times.now is None and by_owner and sighting.method is Method.REPLY and not sighting.timeless:
            self.trust.follow(sighting)
            self._apply(Change.CREATED, sighting)
        if self.times.now is None or not (by_owner or self.answers.names(address)):
            self.waiting.append(sighting)
        elif sighting.method is Method.COUNTER:
            self._propose(sighting, address, at)
        elif self.times.are_answered_by(sighting):
            self._reply(sighting, address, answer, at)
        elif sighting.sequence >= self.times.sequence:
            self.waiting.append(sighting)

    def _reply(self, sighting: Sighting, address: str, answer: Answer, at: datetime) -> None:
        if answer is Answer.DELEGATED:
            self.answers.invite(who for who, _ in sighting.answers)
        if self.answers.give(address, answer):
            self._answered(address, answer, sighting, "{} {} by mail", at)

    def _answered(self, address: str, answer: Answer, sighting: Sighting, why: str, at: datetime) -> None:
        if answer not in _SAID:
            return
        change, said = _SAID[answer]
        away = answer is Answer.DECLINED and self._is_excused(address, sighting, at)
        reason = ", being out of the office" if away else ""
        self._write(change, sighting, Cause(address, why.format(address, said) + reason, away=away), at=at)
        self.prompts.withdrawn(address)
        if change is not Change.ACCEPTED:
            weight = Weight.AWAY if away else Weight.OUTRIGHT
            self.prompts.note(Prompt(at, address, said, sighting.ref, weight))

    def _is_excused(self, address: str, sighting: Sighting, at: datetime) -> bool:
        """Tell a refusal for being out of the office. A calendar does not say why, and may show it first."""
        return (sighting.away and sighting.method is Method.REPLY) or any(
            self.trust.is_same(address, one.sent_by)
            and abs(one.at - at) <= SHORTLY
            and (self.heir.is_of_series(one) or self.times.are_answered_by(self.heir.placed(one)))
            for one in self.excuses
        )

    def _propose(self, sighting: Sighting, proposer: str, at: datetime) -> None:
        stale = sighting.is_older_than(self.times.sequence) or self.times.are_those_of(sighting)
        proposal = (proposer, span_of(sighting))
        if stale or proposal in self.proposals:
            return
        self.proposals.add(proposal)
        self._write(
            Change.PROPOSED, sighting, Cause(proposer, f"{proposer} proposed a new time"), self.times.now, at=at
        )
        self.prompts.note(Prompt(at, proposer, "proposed a new time", sighting.ref))

    def _write(
        self,
        change: Change,
        sighting: Sighting,
        cause: Cause,
        before: Sighting | None = None,
        *,
        at: datetime | None = None,
    ) -> None:
        shown = sighting if change is Change.PROPOSED else self.times.now or sighting
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
                prompt=cause.prompt,
                sighting=sighting.ref,
                all_day=shown.all_day,
                busy=shown.busy,
                away=sighting.away or cause.away,
                organizer=self.trust.organizer,
                answers=self.answers.as_tuple(),
            )
        )
