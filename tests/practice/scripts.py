"""Which script shows what: the findings that must be open at the end, and those that would be wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.practice import attendance, fading, growing, healthy, mirror, service

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.practice.conversation import Pair

RULES = frozenset(
    {
        "gone_quiet",
        "slow_fade",
        "one_sided",
        "put_off",
        "cancelled",
        "warming",
        "rekindled",
        "you_owe_reply",
        "you_went_quiet",
        "you_moved_it",
        "stood_up",
        "unanswered_invitation",
        "ask_no_show",
        "service_slipped",
        "service_slipped_meetings",
        "invoice_only",
        "all_business",
        "bad_first_impression",
        "courtship",
        "move_on",
        "too_hot",
    }
)
UNSEEN = frozenset({"stood_up", "service_slipped_meetings", "move_on", "too_hot"})
"""Rules that nobody in the practice shows, as they rest on the owner's word, or take more than its year."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """A way to behave. A rule that is in neither set may be argued about, and is not judged."""

    play: Callable[[Pair], None]
    expected: frozenset[str] = frozenset()  # rules whose signal must be open at the end
    innocent: frozenset[str] = RULES  # rules whose signal must not be
    since: int | None = None  # days before the end when it began


def _healthy(play: Callable[[Pair], None], disputed: str = "") -> Script:
    return Script(play=play, innocent=RULES - set(disputed.split()))


def _shows(play: Callable[[Pair], None], rules: str, since: int, disputed: str = "") -> Script:
    expected = frozenset(rules.split())
    return Script(play=play, expected=expected, innocent=RULES - expected - set(disputed.split()), since=since)


SCRIPTS: dict[str, Script] = {
    "weekly": _healthy(healthy.weekly),
    "weekly_with_series": _healthy(healthy.weekly_with_series),
    "fortnightly": _healthy(healthy.fortnightly),
    "fortnightly_with_meetings": _healthy(healthy.fortnightly_with_meetings),
    "monthly": _healthy(healthy.monthly),
    "monthly_with_meeting": _healthy(healthy.monthly_with_meeting),
    "quarterly": _healthy(healthy.quarterly),
    "mother": _healthy(healthy.mother),
    "on_leave": _healthy(healthy.on_leave),
    "in_copy": _healthy(healthy.in_copy),
    "writes_a_newsletter": _healthy(healthy.writes_a_newsletter),
    # By the numbers alone it looks like a silence; that it ended well is known to the owner.
    "ended_well": _healthy(healthy.ended_well, "gone_quiet you_went_quiet"),
    # Whoever is silent leaves messages unanswered, and has also become slower at last.
    "goes_quiet": _shows(fading.goes_quiet, "gone_quiet", fading.QUIET_SINCE, "one_sided slow_fade"),
    "fades": _shows(fading.fades, "slow_fade", fading.FADING_SINCE, "one_sided gone_quiet you_owe_reply"),
    "leaves_it_to_the_owner": _shows(
        fading.leaves_it_to_the_owner, "one_sided", fading.ALONE_SINCE, "gone_quiet slow_fade"
    ),
    "counters_three_times": _shows(fading.counters_three_times, "put_off", fading.PUT_OFF[0][0]),
    "moves_three_times": _shows(fading.moves_three_times, "put_off", fading.PUT_OFF[0][0]),
    "cancels_late": _shows(fading.cancels_late, "cancelled", fading.LATE[0]),
    "declines_late": _shows(fading.declines_late, "cancelled", fading.LATE[0]),
    "stands_up": _shows(attendance.stands_up, "ask_no_show", attendance.STOOD_UP),
    "leaves_an_invitation": _shows(
        attendance.leaves_an_invitation, "unanswered_invitation", attendance.UNANSWERED[1], "you_went_quiet"
    ),
    "declines_while_away": _healthy(attendance.declines_while_away),
    "changes_a_series": _healthy(attendance.changes_a_series),
    "warms": _shows(growing.warms, "warming", growing.WARM_SINCE),
    # Back for a week: whether the old pace will come back too, nobody knows yet.
    "comes_back": _shows(growing.comes_back, "rekindled", growing.BACK_SINCE, "gone_quiet warming one_sided slow_fade"),
    # A question that nobody answered is also a silence of the owner's.
    "waits_for_the_owner": _shows(mirror.waits_for_the_owner, "you_owe_reply", mirror.OWED_SINCE, "you_went_quiet"),
    # They are silent as well: whether they had a rhythm that broke with it is a matter of a few days.
    "was_forgotten": _shows(mirror.was_forgotten, "you_went_quiet", mirror.FORGOTTEN_SINCE, "you_owe_reply gone_quiet"),
    "is_put_off_by_the_owner": _shows(mirror.is_put_off_by_the_owner, "you_moved_it", mirror.MOVED_SINCE),
    # Whoever gets nothing but invoices is not written to, and does not write.
    "gets_only_invoices": _shows(
        service.gets_only_invoices, "invoice_only", service.BILLED_SINCE, "gone_quiet you_went_quiet"
    ),
    "is_served_worse": _shows(service.is_served_worse, "service_slipped", service.SLOWER_SINCE, "you_owe_reply"),
    "has_lunch_no_more": _shows(service.has_lunch_no_more, "all_business", service.LAST_LUNCH),
    "is_told_business": _shows(service.is_told_business, "all_business", service.STRICTLY_SINCE),
    "waits_at_first": _shows(service.waits_at_first, "bad_first_impression courtship", service.NEW_SINCE),
}
