"""A German report says in German what rules and the storage tell in English: sentences, advice, evidence, and facts."""

from __future__ import annotations

import ast
import inspect
import re
import tomllib
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files
from itertools import product
from typing import TYPE_CHECKING, Any

import pytest

from keepwarm.outputs.desk import desk
from keepwarm.outputs.report import render_text
from keepwarm.outputs.rule_wording import seen, told
from keepwarm.rules import rule_file, series, sources
from keepwarm.rules.facts import courtship, handovers, organisation, practice, referrals, small_talk
from keepwarm.rules.touches import told as touch_told
from keepwarm.storage import attribution, hindsight, revisions
from keepwarm.storage.histories import MUTUAL_TOUCHES, TOUCHES_BY_OWNER, By, MeetingFact, ReflectionFact, RevisionFact
from keepwarm.storage.observations import Answer, MeetingStatus
from keepwarm.storage.sightings import Change
from tests.unit import views_samples as samples

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

    from keepwarm.storage.views import EvidenceView, SignalView

ENGLISH = re.compile(
    r"\b(?:the|a|of|you|your|they|their|them|to|with|were|by|for|not|had|have|has|is|are|"
    r"and|or|from|until|on|at|that|it|its|who|what|when|which|wrote|meeting|meetings|days|"
    r"day|times|hours|yes|no|some|something|within|after|before|since|all|none|never|once|"
    r"twice|mail|update|organiser|calendar|shows|accepted|declined|cancelled|moved|missed|"
    r"unknown|somebody|promised|noted|thought|kept|called|call|lunch|coffee|people|more)\b"
)
TEXTS = tomllib.loads(files("keepwarm.outputs.rule_texts").joinpath("de.toml").read_text("utf-8"))
QUOTED = re.compile(r"„.*?“|`[^`]*`|\S+@\S+|\S+\.example")
RULES = rule_file.read().everything
PHRASES = {
    "all_business_shown": (
        "no lunch, coffee or the like since 8 July 2026",
        "business in the title of 3 of 7 catch-ups within 180 days",
        "no lunch, coffee or the like since 8 July 2026, and business in the title of 3 of 7 catch-ups within 180 days",
    ),
    "unknown_about": (
        "beliefs, interests, hobbies, plans, likes and dislikes",
        "plans, likes and dislikes",
        "plans and likes",
        "likes",
    ),
    "cooling_names": ("Ana", "Ana and Bo", "Ana, Bo, Cy, Di, Ed and 3 more"),
    "kept_promise_by": ("you", "they"),
    "kept_promise": ("“x”",),
    "overdue_promise": ("something", "“Angebot”"),
    "notes_to_raise_text": ("“x”; “y”",),
}


MODULES = (
    *(revisions, attribution, hindsight, series, sources),
    *(courtship, handovers, organisation, practice, referrals, small_talk),
)
JULY = datetime(2026, 7, 3, 10, tzinfo=UTC)


def meeting_with(summary: str | None, change: Change, by: By = By.THEM) -> MeetingFact:
    """A meeting that one thing was done to."""
    done = RevisionFact(
        ref="r",
        at=JULY,
        change=change,
        by=by,
        why="you said so",
        start=JULY,
        end=JULY,
        previous_start=None,
        previous_end=None,
        status=MeetingStatus.CONFIRMED,
        their_answer=Answer.NONE,
        owner_answer=Answer.NONE,
        people=2,
    )
    return MeetingFact(
        ref="mt_1", ical_uid="u", recurrence_id="", series=False, summary=summary, stream=1, revisions=(done,)
    )


def english_in(text: str) -> set[str]:
    return set(ENGLISH.findall(QUOTED.sub("", text)))


def signals() -> Iterator[SignalView]:
    """Each rule, with each way in which its facts can be said."""
    for rule in RULES:
        forms = dict(re.findall(r"\{(\w+)(?::(\w+))?\}", rule.sentence.text))
        choices = {name: PHRASES.get(name, values_of(form)) for name, form in forms.items() if name != "name"}
        for values in product(*choices.values()):
            facts = dict(zip(choices, values, strict=True))
            yield samples.signal(samples.ANA, rule.id, rule.family, rule.sentence.text, advice=rule.advice, facts=facts)


def values_of(form: str) -> tuple[Any, ...]:
    return ("2026-07-03",) if form == "date" else (0, 1, 3, 27.0) if form else ("Zoltan",)


def test_every_rule_speaks_german_whatever_its_facts_are() -> None:
    this = desk(samples.week((samples.ANA,)), "de")
    for one in signals():
        said = told(this, one)
        assert "{" not in said.sentence
        assert said.sentence != one.sentence
        assert not english_in(f"{said.sentence} {said.advice}"), said


def test_what_a_list_leaves_out_is_counted_in_german_and_a_fact_keeps_what_it_says() -> None:
    this = desk(samples.week((samples.ANA,)), "de")
    cold = {"organisation": "acme.example", "cooling_names": "Ana, Bo and 3 more", "cooling_since": "2026-09-07"}
    [sentence] = [told(this, samples.signal(samples.ANA, "going_cold_account", "", "", facts=cold)).sentence]
    assert sentence == "acme.example als Ganzes wird kühler: Ana, Bo und 3 weitere, das erste Zeichen vom 7. September."
    lunches = {"all_business_shown": PHRASES["all_business_shown"][2]}
    said = told(this, samples.signal(samples.ANA, "all_business", "", "", facts=lunches)).sentence
    assert "seit dem 8. Juli, und Geschäft im Titel von 3 der 7 Gespräche in 180 Tagen" in said


WHYS = (
    "the organiser sent an invitation",
    "the organiser's assistant sent the update",
    "the organiser cancelled it",
    "the organiser changed it in the calendar",
    "the organiser took it out of its series",
    "the organiser took ana@acme.example, bo@acme.example off the list",
    "the meeting names no organiser",
    *revisions._FIRST_SEEN.values(),
    "its series was changed or ended",
    "it goes on under another UID",
    "it was deleted from your calendar, and you are its organiser",
    "it vanished from the calendar, and nobody said why",
    hindsight.YOU_SAID_SO,
    "the attendance record does not list them",
    "the series was ended, and goes on at another time",
    *(
        f"{shows}{away}"
        for said in ("accepted", "accepted with reservations", "declined")
        for shows in (
            f"ana@acme.example {said} by mail",
            f"the calendar shows that ana@acme.example {said}",
            f"the organiser's update shows that ana@acme.example {said}",
        )
        for away in ("", ", being out of the office")
    ),
    "ana@acme.example proposed a new time",
    *(
        f"ana@acme.example {did} {before} before{away}"
        for did in (
            "proposed a new time",
            "proposed a new time for its series",
            "wrote in its thread",
            "declined",
            "accepted with reservations",
        )
        for before in ("50 min", "2 h")
        for away in ("", ", being out of the office")
    ),
)


def evidence() -> Iterator[str]:
    """Each thing that may be told of an observation."""
    titled = meeting_with("Q3 of the board", Change.CREATED)
    for summary, change, by in product(("Q3 of the board", None), Change, By):
        meeting = meeting_with(summary, change, by)
        yield sources.of_revision(meeting, meeting.revisions[-1]).what
        yield sources.of_passing(meeting, meeting.revisions[-1]).what
    for why in WHYS:
        told_so = replace(titled.revisions[-1], why=why, prompt="s_1")
        yield sources.of_revision(titled, told_so).what
        prompt = sources.of_prompt(titled, told_so)
        assert prompt is not None
        yield prompt.what
    for text in ("", ": “The minutes of the day”"):
        yield f"you wrote{text}"
        yield f"they wrote{text}"
        yield f"bo@acme.example wrote in their place{text}"
        yield f"bo@acme.example wrote in their place, with them on Cc{text}"
        yield f"brought Zoltan to you{text}"
        yield from (f"you {touch_told(kind)}{text}" for kind in (*MUTUAL_TOUCHES, *TOUCHES_BY_OWNER, "else"))
    yield from ("you and Zoltan had written to each other", "you answered within the hour")
    yield from ("you answered after 27 working hours", "you noted: “to him”", "you noted (for 2026-07-03): “to him”")
    for who in ("you", "they"):
        yield f"{who} promised by 2026-07-03: “the offer”"
        yield f"{who} kept what was due on 2026-07-03: “the offer”"
    yield from reflections()


def reflections() -> Iterator[str]:
    for needs, helped, mood in product((True, False, None), (True, False, None), (None, 4)):
        one = ReflectionFact(ref="r", at=JULY, meeting="mt_1", needs_answered=needs, help_answered=helped, mood=mood)
        yield sources.of_reflection(one).what


def test_all_that_is_told_of_an_observation_is_german_but_what_was_quoted() -> None:
    this = desk(samples.week((samples.ANA,)), "de")
    for what in evidence():
        said = seen(this, samples.evidence(what))
        assert not english_in(said), (what, said)
        assert "2026-" not in said


def test_evidence_keeps_its_words_in_the_language_it_was_told_in() -> None:
    this = desk(samples.week((samples.ANA,)), "en")
    assert all(seen(this, samples.evidence(what)) == what for what in evidence())


@pytest.mark.parametrize(
    "title", ["“X” cancelled (by them; you said so)", "a {brace} and a } and a {0}", "\\1 .* (", "“", "x\ny", ""]
)
def test_a_title_that_looks_like_a_phrase_stays_a_title(title: str) -> None:
    meeting = meeting_with(title or None, Change.CANCELLED)
    what = sources.of_revision(meeting, meeting.revisions[-1]).what
    said = seen(desk(samples.week((samples.ANA,)), "de"), samples.evidence(what))
    assert said.endswith("abgesagt (von ihnen; Ihr eigenes Wort)")
    assert title in said


def test_a_finding_that_is_evidence_is_said_in_german_and_left_out_where_it_is_not_of_the_week() -> None:
    quiet = samples.signal(samples.JO, "you_owe_reply", "mirror", "You owe.", facts={"owed_since": "2026-11-13"})
    cites = (proof("signal", quiet.id, "You owe.", 1), proof("message", "m_1", "they wrote", 9))
    facts = {"organisation": "acme.example", "cooling_names": "Ana", "cooling_since": "2026-09-07"}
    cold = samples.signal(samples.ANA, "going_cold_account", "not_into_you", "As a whole.", facts=facts, evidence=cites)
    people = (samples.ANA, samples.JO)
    assert "Gesehen am Sa, 21. Nov.: Sie schulden" in " ".join(
        render_text(samples.week(people, (cold, quiet)), "de").split()
    )
    assert "Gesehen am Fr, 13. Nov.: von ihnen" in render_text(samples.week(people, (cold,)), "de")


def proof(kind: str, ref: str, what: str, days_ago: float) -> EvidenceView:
    return replace(samples.evidence(what, days_ago=days_ago, kind=kind), ref=ref)


@pytest.mark.parametrize(
    "module",
    MODULES,
    ids=lambda module: module.__name__,
)
def test_no_phrase_was_added_in_english_alone(module: ModuleType) -> None:
    known = " | ".join(
        [*TEXTS["phrases"]["said"], *(word for one in TEXTS["phrases"]["words"].values() for word in one)]
    )
    for fragment in fragments(module):
        assert fragment in known, f"{fragment!r} is told by {module.__name__}; say it in outputs/rule_texts/*.toml too"


def fragments(module: ModuleType) -> Iterator[str]:
    """Give what stands between the slots of a module's phrases: its texts with a blank, docstrings left out."""
    tree = ast.parse(inspect.getsource(module))
    docs = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    calls = {
        id(part)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "fact"
        for part in ast.walk(node)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs | calls:
            for text in re.split(r"\{\}|[“”:;()]", node.value):
                if re.fullmatch(r"[a-z' ,]*[a-z'] [a-z' ,]*", text.strip(" ,.")) and len(text.split()) > 1:
                    yield text.strip(" ,.")


def test_a_german_report_of_every_rule_has_no_english_in_it() -> None:
    day = samples.AS_OF - timedelta(days=2)
    seen_then = samples.evidence(f"you promised by {date(2026, 7, 3).isoformat()}: “x”")
    found = {one.rule: replace(one, opened=day, evidence=(seen_then,)) for one in signals()}
    week = samples.week((samples.ANA,), accounts=())
    for one in found.values():
        text = render_text(replace(week, signals=(one,)), "de")
        assert not english_in(text.replace("keepwarm signals", "").replace("keepwarm why", "")), text
