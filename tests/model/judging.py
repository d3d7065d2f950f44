"""Holding what a database says against what the model says; each difference is a line of text."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from tests.model import model, reading
from tests.model.operations import ME

if TYPE_CHECKING:
    from tests.model.model import Key, Standing, Told
    from tests.model.play import Player

_MOVES = ("rescheduled", "restored", "resized")


def mistold(played: Player) -> list[str]:
    """Tell which meetings were told otherwise than they happened, as far as the sources show it."""
    found, expected = reading.told(played.database), _expected(played)
    return [
        f"{uid}/{rid} was told as {found.get((uid, rid), [])}, and is {expected.get((uid, rid), [])}"
        for uid, rid in sorted({*found, *expected})
        if found.get((uid, rid)) != expected.get((uid, rid))
    ]


def invented(played: Player) -> list[str]:
    """Tell what was told and never happened, where not each state was read: then less is told, never more.

    Several moves between two reads are one. Whose they are may be told by what was read of the attendees' answers,
    whatever became of these in between.
    """
    found, expected = reading.told(played.database), _expected(played)
    wrong = []
    for uid in {key.uid for key in found}:
        did = {_kind(line) for key, lines in expected.items() if key.uid == uid for line in lines}
        told = {_kind(line) for key, lines in found.items() if key.uid == uid for line in lines}
        wrong += [f"{uid} was told as {kind}, which nobody did" for kind in sorted(told - did)]
    for key, lines in found.items():
        if not key.rid:
            often, at_most = (Counter(_kind(line) for line in one) for one in (lines, expected.get(key, [])))
            wrong += [f"{key} was told as {kind} {often[kind]} times" for kind in often if often[kind] > at_most[kind]]
    return wrong


def _kind(line: str) -> str:
    word, _, rest = line.partition(" by ")
    if word in _MOVES:
        return "moved"
    if word in ("cancelled", "superseded"):
        return "off"
    return word if word == "reinstated" else f"{word} by {rest}"


def _expected(played: Player) -> Told:
    return model.told(played.world.deeds, calendar=bool(played.calendars), mail=played.mailbox is not None)


def misplaced(played: Player, *, sure: bool = True) -> list[str]:
    """Tell which meetings do not stand as the calendar shows them; what went from it is over, or was declined.

    Unless it is ``sure``, an answer may be unknown: if both a meeting and the answer to it changed between two reads,
    it is not seen which came first.
    """
    found, expected = reading.standings(played.database), model.standings(played.world.everything())
    wrong = []
    for key, one in expected.items():
        got = found.get(key, model.OFF)
        if got != one and (sure or _with_unknown(one, got) != got):
            wrong.append(f"{key} stands as {got}, and is {one}")
    return wrong + _left(found, expected)


def _with_unknown(one: Standing, got: Standing) -> Standing:
    unknown = {who for who, said in (got.answers or {}).items() if said == "needs-action"}
    answers = {who: "needs-action" if who in unknown else said for who, said in (one.answers or {}).items()}
    return one._replace(answers=answers) if one.on else one


def _left(found: dict[Key, Standing], expected: dict[Key, Standing]) -> list[str]:
    gone = [(key, one) for key, one in found.items() if key not in expected and one.on]
    return [f"{key} still stands, and is over" for key, one in gone if (one.answers or {}).get(ME) != "declined"]


def disagreeing(played: Player) -> list[str]:
    """Tell where the mails' view of the meetings disagrees with the calendar's on what mail can show.

    Mail names only those occurrences that differ from their series, and not every answer of theirs; of the answers of
    others, those that came to the owner.
    """
    found, expected = reading.standings(played.database), model.standings(played.world.everything())
    organizers = {one.uid: one.organizer for one in played.world.everything()}
    wrong = []
    for key, one in expected.items():
        if key.rid and key not in found:
            continue
        wanted, got = (_as_mailed(two, key, organizers[key.uid]) for two in (one, found.get(key, model.OFF)))
        if got != wanted:
            wrong.append(f"{key} stands as {got}, and is {wanted}")
    return wrong + _left(found, expected)


def _as_mailed(one: Standing, key: Key, organizer: str) -> Standing:
    if key.rid or not one.on:
        return one._replace(answers=None)
    known = {who: said for who, said in (one.answers or {}).items() if ME in (organizer, who)}
    return one._replace(answers=known)
