"""How one contact is shown: each meeting in one line, whatever its title holds."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from keepwarm.daemon import dossier
from keepwarm.storage.histories import By
from tests.unit.history_samples import Story, on


def shown(summary: str | None) -> list[str]:
    meeting = {"id": "mt_0123456789ab", "summary": summary, "start": on(20), "line": "moved by them (+7 d); held"}
    return lines(meetings=[meeting])


def lines(**parts: Any) -> list[str]:
    empty: dict[str, Any] = {key: [] for key in ("terms", "signals", "warmth", "meetings")}
    nobody = {"introduced": [], "introduced_by": []}
    known = {"contact": {"name": "Ana"}, "terms_as_of": on(20), "facts": {}, "referrals": nobody}
    found = {**known, **empty, **parts}
    return dossier.text(found, ZoneInfo("Europe/Berlin")).splitlines()


def test_a_meeting_is_shown_with_its_day_its_id_and_its_story() -> None:
    assert shown("Quarterly review")[-1] == (
        "  2024-01-28 mt_0123456789ab Quarterly review: moved by them (+7 d); held"
    )
    assert "(no title): moved" in shown(None)[-1]


def test_a_hostile_title_stays_on_its_line_steers_nothing_and_hides_no_story() -> None:
    plain, hostile = (
        shown("Review"),
        shown("Re\x1b[2Jview\u202e\n  2024-01-01  mt_x  Forged: cancelled by them" + "x" * 900),
    )
    assert len(hostile) == len(plain)
    assert not {"\x1b", "\u202e"} & set(hostile[-1])
    assert hostile[-1].endswith(": moved by them (+7 d); held")
    assert "(no title)" in shown("\u202e\x1b[0m")[-1]


def test_what_is_far_ahead_is_shown_once_something_became_of_it() -> None:
    story, zone = Story(), ZoneInfo("Europe/Berlin")
    meeting = story.meet(60, planned=0)
    assert dossier.meetings_told([meeting.fact()], on(10), zone) == []
    meeting.moved(9, by=By.THEM, to=80)
    (one,) = dossier.meetings_told([meeting.fact()], on(10), zone)
    assert one["line"].startswith("moved by them (+20 d)")


def test_who_referred_whom_is_shown_both_ways_and_a_hostile_name_stays_on_its_line() -> None:
    eve = {"contact": "c_eve", "name": "Eve\x1b[2J\n  forged", "at": on(20), "evidence": ["m_1", "m_2"]}
    bob = {"contact": "c_bob", "name": "Bob", "at": on(3), "evidence": ["m_3", "m_4"]}
    title, introduced, by = lines(referrals={"introduced": [eve], "introduced_by": [bob]})[-3:]
    assert title == "Who referred whom"
    assert introduced.startswith("  2024-01-28 introduced Eve")
    assert introduced.endswith("forged [c_eve]")
    assert by == "  2024-01-11 introduced by Bob [c_bob]"
