"""Behaviours: what people do to each other in the simulated practice, by name.

Each is played on a ``Pair`` and says what is true from when to when, in the script's own terms (truths.py). What
it leaves open, because people could argue about it, is disputed: it counts neither for nor against a rule.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks import innocents, lesser_signs, owner_conduct, owners_word, their_conduct
from tests.practice import healthy

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.truths import Behaviour, Said, Truth
    from tests.practice.conversation import Pair

HEALTHY: dict[str, Callable[[Pair], list[Truth | Said] | None]] = {
    "weekly": healthy.weekly,
    "fortnightly": healthy.fortnightly,
    "fortnightly with meetings": healthy.fortnightly_with_meetings,
    "monthly": healthy.monthly,
    "monthly with a meeting": healthy.monthly_with_meeting,
    "four times a year": healthy.quarterly,
    "a mother": healthy.mother,
    "a writer of newsletters": healthy.writes_a_newsletter,
    "a busy quarter a year": innocents.seasonal,
    "away in August": innocents.away_in_august,
    "three weeks of leave": innocents.on_long_leaves,
    "a project that ended well": innocents.ended_well,
    "an assistant who schedules": innocents.has_an_assistant,
    "a group thread": innocents.in_a_group_thread,
}

TROUBLED: dict[str, Behaviour] = {
    "goes quiet": their_conduct.goes_quiet,
    "comes back": their_conduct.comes_back,
    "fades": their_conduct.fades,
    "leaves it to the owner": their_conduct.leaves_it_to_the_owner,
    "moves again and again": their_conduct.moves_again_and_again,
    "asks for later": their_conduct.asks_for_later,
    "cancels late": their_conduct.cancels_late,
    "leaves an invitation": their_conduct.leaves_an_invitation,
    "apologises for a meeting": their_conduct.apologises_for_a_meeting,
    "meets less": their_conduct.meets_less,
    "hands down": their_conduct.hands_down,
    "warms": their_conduct.warms,
    "introduces somebody": their_conduct.introduces_somebody,
    "writes briefer": lesser_signs.writes_briefer,
    "writes fuller": lesser_signs.writes_fuller,
    "answers faster": lesser_signs.answers_faster,
    "writes to a group": lesser_signs.writes_to_a_group,
    "meets in a group": lesser_signs.meets_in_a_group,
    "lets the owner begin": lesser_signs.lets_the_owner_begin,
    "never answers again": lesser_signs.never_answers_again,
    "is too close": lesser_signs.is_too_close,
    "is let down": lesser_signs.is_let_down,
    "keeps a promise": owners_word.keeps_a_promise,
    "is promised in vain": owners_word.is_promised_in_vain,
    "leaves in a good mood": owners_word.leaves_in_a_good_mood,
    "leaves in a bad mood": owners_word.leaves_in_a_bad_mood,
    "does not come": owners_word.does_not_come,
    "has a wedding": owners_word.has_a_wedding,
    "tells of a child": owners_word.tells_of_a_child,
    "waits for the owner": owner_conduct.waits_for_the_owner,
    "asks again within a thread": owner_conduct.asks_again,
    "was forgotten": owner_conduct.was_forgotten,
    "is put off by the owner": owner_conduct.is_put_off_by_the_owner,
    "is served worse": owner_conduct.is_served_worse,
    "gets invoices only": owner_conduct.gets_invoices_only,
    "loses the lunches": owner_conduct.loses_the_lunches,
    "meets a slow owner": owner_conduct.meets_a_slow_owner,
    "is promised something": owner_conduct.is_promised_something,
    "gets what was promised": owner_conduct.gets_what_was_promised,
    "waits longer than the big ones": owner_conduct.waits_longer_than_the_big_ones,
}

CLIENTS_ONLY = frozenset({"never answers again", "is too close", "waits longer than the big ones"})
"""What is a matter of business: of somebody who is not a client nobody says so."""
