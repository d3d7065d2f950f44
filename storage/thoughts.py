"""Thoughts: what the owner answers, by mail, when they are asked how somebody left a meeting.

The letter that asks numbers the people. Its Message-ID cannot be made up by who has not this database's key, and it is
kept in the outbox with what it asked: an answer counts only to such a letter. Of several answers to one letter each
number has the newest; what was answered once is not taken a second time, however often the mail is read, so that what
the owner corrects or takes back by command stays so.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from keepwarm.storage import agenda, outbox
from keepwarm.storage.identity import hash63, meeting_id
from keepwarm.storage.own_letters import is_ours
from keepwarm.storage.reflections import REFLECTIONS
from keepwarm.storage.tables import address, contact, meeting, reflection
from keepwarm.storage.views import AskedView

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection

    from keepwarm.storage.agenda import MeetingView
    from keepwarm.storage.messages import Keeping
    from keepwarm.storage.observations import MessageSeen
    from keepwarm.storage.outbox import Letter
    from keepwarm.storage.reflections import Met

KIND = "reflect"
"""Of the letters that ask."""

LONGEST = 4096
"""Characters of an answer that are read."""

_LETTERS = 100
_MOOD = r"([1-5])(?:\s*/\s*5)?(?![0-9.,]?[0-9])(?:\s*[:;,.)\-\u2013\u2014]+)?(?:\s+|\Z)"
_NUMBERED = re.compile(rf"\s*#?([0-9]{{1,2}})\s*(?:[:)]\s*|\.\s+){_MOOD}(.*)")
_NUMBER_ALONE = re.compile(r"\s*#?[0-9]{1,2}\s*[:.)]\s*[0-9]")
_SINGLE = re.compile(rf"\s*{_MOOD}(.*)")
_UNSEEN = "\ufeff\u200b\u200e\u200f"


@dataclass(frozen=True, slots=True)
class Thought:
    """What was said of one of those who were asked about."""

    number: int  # from 1
    mood: int  # 1 to 5
    text: str


@dataclass(frozen=True, slots=True)
class Understood:
    """What an answer says, and why some of it could not be read: a key of the catalogue's, or ""."""

    thoughts: tuple[Thought, ...]
    unread: str = ""  # not_numbered, not_which, not_asked, cut_short


def understood(answer: str, asked: int) -> Understood:
    """Read the answer to a letter that asked of so many.

    Of one: a number from 1 to 5, and what else there is. Of several: a line for each, "2: 4 she wants the offer by
    Friday", which goes on until the next of them.
    """
    unread = "cut_short" if len(answer) > LONGEST else ""
    found: dict[int, Thought] = {}
    number = 0  # whose line it was last
    for line in (line.strip(_UNSEEN) for line in answer[:LONGEST].splitlines()):
        if said := _NUMBERED.match(line):
            number = int(said[1])
            if 1 <= number <= asked:
                found[number] = Thought(number, int(said[2]), said[3].strip())
            else:
                unread, number = "not_asked", 0
        elif _NUMBER_ALONE.match(line):
            unread, number = "not_numbered", 0
        elif asked == 1 and not found and (single := _SINGLE.match(line)):
            number = 1
            found[1] = Thought(1, int(single[1]), single[2].strip())
        elif number and line.strip():
            before = found[number]
            found[number] = Thought(number, before.mood, f"{before.text}\n{line.strip()}".strip())
    if not found and not unread:
        unread = "not_which" if asked > 1 and _SINGLE.match(answer.strip(_UNSEEN)) else "not_numbered"
    return Understood(tuple(found[number] for number in sorted(found)), unread)


def ask(connection: Connection, letter: Letter, people: Iterable[tuple[MeetingView, Met]]) -> Letter:
    """Keep whom a letter asks about, in their order: the first is number 1. What it asks is never changed."""
    if letter.about:
        return letter
    asks = [[one.row, one.id, person.address_id, hash63(person.address)] for one, person in people]
    return outbox.remember(connection, letter, {"asks": asks, "answers": {}, "unread": None})


def people_asked(connection: Connection, letter: Letter) -> list[AskedView]:
    """Give those about whom a letter asks, in the order of their numbers."""
    asks = letter.about["asks"]
    names = select(address.c.id, address.c.address, func.coalesce(contact.c.name, address.c.name).label("called"))
    names = names.outerjoin(contact, contact.c.id == address.c.contact_id)
    called = {
        row.id: row.called or row.address
        for row in connection.execute(names.where(address.c.id.in_([address_row for *_, address_row, _ in asks])))
    }
    meetings = {one.row: one for one in agenda.views(connection, [meeting_row for meeting_row, *_ in asks])}
    return [
        AskedView(name=called.get(who, ""), title=meetings[where].title, start=meetings[where].start)
        if where in meetings
        else AskedView(name=called.get(who, ""), title="", start=letter.as_of)
        for where, _, who, _ in asks
    ]


def take(connection: Connection, answer: MessageSeen, keeping: Keeping) -> None:
    """Keep what the owner answered, as what they thought; what cannot be read is noted with the letter."""
    letter = _letter_of(connection, answer.references, keeping)
    if letter is None or answer.answer is None:
        return
    about = letter.about
    stamp = [answer.at.isoformat(), hash63(answer.dedupe_key)]
    read = understood(answer.answer, len(about["asks"]))
    answers = dict(about["answers"])
    for thought in read.thoughts:
        if answers.get(str(thought.number), ["", 0]) < stamp:
            answers[str(thought.number)] = stamp
            _keep(connection, about["asks"][thought.number - 1], thought, answer)
    newest = about.get("newest") or ["", 0]
    unread = about["unread"]
    if newest < stamp:
        newest, unread = stamp, {"at": stamp[0], "why": read.unread} if read.unread else None
    outbox.remember(connection, letter, {**about, "answers": answers, "newest": newest, "unread": unread})


def unread_answer(connection: Connection) -> tuple[str, str, str] | None:
    """Give the newest answer that could not be read, if no later one could: the letter's key, its time, and why."""
    for letter in outbox.newest(connection, KIND, _LETTERS):
        if letter.about.get("newest"):
            unread = letter.about["unread"]
            return (letter.key, unread["at"], unread["why"]) if unread else None
    return None


def _letter_of(connection: Connection, references: Sequence[str], keeping: Keeping) -> Letter | None:
    """Give the letter that is answered: the last that is named, if it was sent from here, and asked something."""
    for named in reversed(references):
        if is_ours(keeping.key, named, kind=KIND):
            for letter in outbox.newest(connection, KIND, _LETTERS):
                if letter.message_id == named and letter.about:
                    return letter
    return None


def _keep(connection: Connection, asked: list[Any], thought: Thought, answer: MessageSeen) -> None:
    meeting_row, meeting_named, address_row, address_named = asked
    where = connection.execute(select(meeting).where(meeting.c.id == meeting_row)).one_or_none()
    who = connection.execute(select(address.c.address).where(address.c.id == address_row)).scalar()
    if where is None or who is None:
        return
    if meeting_id(where.ical_uid, where.recurrence_id) != meeting_named or hash63(who) != address_named:
        return  # another one has the row now
    text = thought.text.replace("\0", "\ufffd").encode("utf-8", "replace").decode("utf-8")
    mine = (reflection.c.meeting_id == meeting_row) & (reflection.c.address_id == address_row)
    said = connection.execute(select(reflection.c.id, reflection.c.at).where(mine)).one_or_none()
    if said is None:
        REFLECTIONS.add(connection, address_row, meeting_id=meeting_row, at=answer.at, mood=thought.mood, text=text)
    elif said.at <= answer.at:
        REFLECTIONS.change(connection, said.id, mood=thought.mood, text=text)
