"""The straightforward model: what Keepwarm should tell of the deeds, and how each meeting should stand in the end.

It knows the words of the design ("Attribution"), and nothing of how Keepwarm works them out: an attendee's
counter-proposal, refusal or tentative answer, or else their mail in the thread, within 72 hours before the organiser's
change makes it theirs; what only vanished from a calendar was cancelled by nobody knows whom, unless the owner is the
organiser; what the owner had declined goes on without them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from tests.model.operations import ME

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.model.world import Deed, Meeting

SHORTLY = timedelta(hours=72)
ANSWERS = ("accepted", "tentative", "declined")


class Key(NamedTuple):
    """A meeting, a series ("" for ``rid``), or one of its occurrences."""

    uid: str
    rid: str


class Standing(NamedTuple):
    """How a meeting stands; nothing more is said of one that is off."""

    on: bool
    span: tuple[datetime, datetime] | None = None
    answers: dict[str, str] | None = None


OFF = Standing(on=False)


Told = dict[Key, list[str]]
"""What was told of each meeting, oldest first, in words: "rescheduled by ana@acme.example, 03-16 09:00 to ..."."""


def told(deeds: Iterable[Deed], *, calendar: bool, mail: bool) -> Told:
    """Say what should be told of the deeds by who sees the calendar, the mail, or both.

    What is done to a series as a whole is told once, of the series.
    """
    told: Told = {}
    lives: dict[str, _Life] = {}
    for deed in deeds:
        if (mail and deed.by_mail) or (calendar and deed.in_calendar):
            life = lives.setdefault(deed.uid, _Life())
            line = life.line(deed, vanishes=not mail)
            if line:
                told.setdefault(Key(deed.uid, deed.rid), []).append(line)
    return told


class _Prompt(NamedTuple):
    outright: bool
    at: datetime
    who: str
    rid: str


@dataclass(slots=True)
class _Life:
    """What is known of a meeting and its occurrences, as far as it bears on what is told next."""

    prompts: list[_Prompt] = field(default_factory=list)
    changed: dict[str, datetime] = field(default_factory=dict)  # last change, by occurrence
    declined: set[str] = field(default_factory=set)  # by the owner
    off: set[str] = field(default_factory=set)

    def line(self, deed: Deed, *, vanishes: bool) -> str:
        """Take in a deed; give what is told of it, "" if nothing is."""
        match deed.did:
            case "created":
                return f"created by {deed.who}"
            case "proposed" | "wrote" | "accepted" | "tentative" | "declined":
                return self._said(deed)
            case "moved" | "moved back":
                word = "rescheduled" if deed.did == "moved" else "restored"
                return f"{word} by {self._change(deed)}, {_span(deed)}"
            case "resized":
                return f"resized by {self._change(deed)}"
            case "restored":
                return self._back(deed)
            case "cancelled":
                return self._called_off(deed)
            case "remade" if vanishes:
                return self._vanished(deed, made_anew=True)
            case "remade":
                return self._called_off(deed)
            case "deleted":
                return self._vanished(deed) if vanishes else self._called_off(deed)
        return ""

    def _said(self, deed: Deed) -> str:
        self.prompts = [
            prompt for prompt in self.prompts
            if not (prompt.who == deed.who and deed.did in ANSWERS and deed.rid in ("", prompt.rid))
        ]  # fmt: skip
        if deed.did != "accepted":
            self.prompts.append(_Prompt(deed.did != "wrote", deed.at, deed.who, deed.rid))
        if deed.did in ANSWERS and deed.who == ME:
            (self.declined.add if deed.did == "declined" else self.declined.discard)(deed.rid)
        if deed.did == "wrote":
            return ""
        return f"{deed.did} by {deed.who}" + (f", {_span(deed)}" if deed.did == "proposed" else "")

    def _change(self, deed: Deed) -> str:
        """Say who is behind a change; it answers what was asked for, and voids what was answered."""
        who = self._cause(deed)
        self.changed[deed.rid] = deed.at
        if deed.did in ("moved", "moved back", "resized"):
            self.declined -= self.declined if deed.rid == "" else {deed.rid}
        return who

    def _cause(self, deed: Deed) -> str:
        both = ("", deed.rid)
        since = max([deed.at - SHORTLY, *(self.changed[rid] for rid in both if rid in self.changed)])
        asked = [prompt for prompt in self.prompts if prompt.rid in both and prompt.at >= since]
        return max(asked).who if asked else deed.who

    def _called_off(self, deed: Deed) -> str:
        self.off.add(deed.rid)
        return f"cancelled by {self._change(deed)}"

    def _vanished(self, deed: Deed, *, made_anew: bool = False) -> str:
        if {deed.rid, ""} & self.declined:
            return ""
        self.off.add(deed.rid)
        who = self._change(deed)
        if made_anew:
            return f"superseded by {deed.who}"
        return f"cancelled by {who if deed.who == ME else 'nobody'}"

    def _back(self, deed: Deed) -> str:
        if deed.rid not in self.off:
            return ""
        self.off.discard(deed.rid)
        return f"reinstated by {self._change(deed)}"


def _span(deed: Deed) -> str:
    return f"{deed.before:%m-%d %H:%M} to {deed.after:%m-%d %H:%M}"


def standings(meetings: Iterable[Meeting]) -> dict[Key, Standing]:
    """Say how each meeting that a calendar shows stands."""
    return {
        Key(one.uid, one.rid(week)): OFF if part.cancelled else Standing(True, part.span, part.answers)
        for one in meetings
        if one.shown
        for week, part in one.parts().items()
    }
