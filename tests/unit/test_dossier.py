"""How one contact is shown: each meeting in one line, whatever its title holds."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from keepwarm.daemon import dossier
from keepwarm.storage.histories import By
from tests.unit.history_samples import Story, on


def shown(summary: str | None) -> list[str]:
    meeting = {"id": "mt_0123456789ab", "summary": summary, "start": on(20), "line": "moved by them (+7 d); held"}
    found = {
        "contact": {"name": "Ana"},
        "terms_as_of": on(20),
        "terms": [],
        "signals": [],
        "warmth": [],
        "facts": {},
        "meetings": [meeting],
    }
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
