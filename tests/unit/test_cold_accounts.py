"""``going_cold_account``: several people of one organisation cool at once; the innocents are left alone."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from keepwarm.rules.organisations import Organisations
from keepwarm.rules.rule import Scope
from tests.unit.group_samples import day, firm, judged_firm, member, sign
from tests.unit.history_samples import BERLIN, CATALOGUE, rules_of

if TYPE_CHECKING:
    from pathlib import Path

    from keepwarm.storage.standings import Member, OrganisationHistory


def test_two_of_three_who_cool_within_two_months_are_the_account() -> None:
    history = firm(member("Ana", sign(200)), member("Bo", sign(255)), member("Cy"))
    ((who, found),) = judged_firm(history)
    assert (who, found.opened, found.cleared, found.strength) == ("c_bo", day(255), None, "medium")
    assert found.sentence == ("acme.example as a whole is cooling: Ana and Bo, the first of them since 26 July 2024.")
    assert [(one.kind, one.ref) for one in found.evidence] == [
        ("signal", "sig_gone_quiet_255_Bo"),
        ("signal", "sig_gone_quiet_200_Ana"),
    ]
    assert found.facts["share_cooling_60d"] == 0.6667


def test_three_of_them_are_a_strong_sign() -> None:
    together = [member(name, sign(200)) for name in ("Ana", "Bo", "Cy", "Di")]
    ((who, found),) = judged_firm(firm(*together))
    assert (who, found.strength) == ("c_di", "strong")
    assert "Ana, Bo, Cy and Di" in found.sentence


@pytest.mark.parametrize(
    "members",
    [
        (member("Ana", sign(200)),),
        (member("Ana", sign(200)), member("Bo", sign(261))),
        (member("Ana", sign(200)), member("Bo", sign(210, strength="weak"))),
        (member("Ana", sign(200)), member("Bo", sign(210)), *(member(f"Other{n}") for n in range(3))),
        (member("Ana", sign(200, 205)), member("Bo", sign(205))),
        (member("Ana", sign(200), sign(210, rule="slow_fade")), member("Bo")),
        (member("Ana", sign(200), judged=None), member("Bo", sign(201))),
        (member("Ana", sign(200), heard=[(-300, 10)]), member("Bo", sign(201))),
        (member("Ana", sign(200)), member("Bo", sign(201), heard=[(202, 400)])),
    ],
    ids=[
        "alone",
        "61 days apart",
        "a weak sign",
        "two of five",
        "one is back as the other falls silent",
        "twice the same person",
        "too few messages to judge one",
        "one was rare: not heard for half a year",
        "one was heard only later",
    ],
)
def test_the_innocent_are_left_alone(members: tuple[Member, ...]) -> None:
    assert judged_firm(firm(*members)) == []


def test_nobody_counts_who_was_not_in_touch_before() -> None:
    former = [member(f"Former{n}", heard=[(-300, -200)]) for n in range(8)]
    ((who, _),) = judged_firm(firm(member("Ana", sign(200)), member("Bo", sign(210)), *former))
    assert who == "c_bo"


def test_it_is_over_when_fewer_cool_and_opens_again_only_for_something_new() -> None:
    history = firm(
        member("Ana", sign(200, 230)), member("Bo", sign(210), sign(300, rule="one_sided")), member("Cy", sign(290))
    )
    (_, first), (who, second) = judged_firm(history)
    assert (first.opened, first.cleared) == (day(210), day(230))
    assert (who, second.opened, second.cleared) == ("c_bo", day(300), None)
    assert first.id != second.id


def test_it_stays_open_while_others_take_the_place_of_who_is_back() -> None:
    history = firm(member("Ana", sign(200, 230)), member("Bo", sign(210)), member("Cy", sign(220)))
    ((_, found),) = judged_firm(history)
    assert (found.opened, found.cleared) == (day(210), None)


def test_what_opens_within_the_rest_after_a_clearing_is_told_once_that_is_over() -> None:
    history = firm(member("Ana", sign(200, 230), sign(240)), member("Bo", sign(210)))
    _, (_, second) = judged_firm(history)
    assert second.opened == day(260)
    outcome = Organisations(CATALOGUE, BERLIN).judge(history, day(250))
    assert (len(outcome.findings), outcome.next_look) == (1, day(260))


def random_firm(seed: int) -> OrganisationHistory:
    chance = random.Random(seed)
    members = []
    for name in "ABCDE"[: chance.randint(2, 5)]:
        begun, signs = 0, []
        for rule in ("gone_quiet", "slow_fade", "put_off"):
            opened = begun + chance.randint(0, 200)
            cleared = opened + chance.randint(1, 90) if chance.random() < 0.7 else None
            signs.append(sign(opened, cleared, chance.choice(["weak", "medium", "strong"]), rule))
        heard = [(first, first + 20) for first in range(-200, 700, 30) if chance.random() < 0.6]
        members.append(member(name, *signs, judged=chance.randint(-100, 100), heard=heard))
    return firm(*members)


@pytest.mark.parametrize("seed", range(40))
def test_what_is_found_as_of_a_day_is_the_beginning_of_what_is_found_later(seed: int) -> None:
    history = random_firm(seed)
    whole = judged_firm(history)
    for as_of in range(0, 900, 37):
        found = judged_firm(history, as_of)
        assert [(who, one.id, one.sentence) for who, one in found] == [
            (who, one.id, one.sentence) for who, one in whole if one.opened <= day(as_of)
        ]
        for (_, early), (_, late) in zip(found, whole, strict=False):
            known = late.cleared if late.cleared is not None and late.cleared <= day(as_of) else None
            assert early.cleared == known


def test_some_of_the_firms_made_at_random_do_cool() -> None:
    assert sum(bool(judged_firm(random_firm(seed))) for seed in range(40)) >= 10


def test_an_owners_rule_closes_so_long_after_its_newest_evidence(tmp_path: Path) -> None:
    (rule,) = rules_of(
        tmp_path,
        '[[rule]]\nid = "mine"\nscope = "organisation"\nfamily = "care"\nwhen = ["people_cooling_60d >= 1"]\n'
        'sentence = "{name} of {organisation}"\nopen_for = "20d"\nclear = "people_cooling_60d == 0"\n',
    )
    assert rule.scope is Scope.ORGANISATION
    outcome = Organisations([rule], BERLIN).judge(firm(member("Ana", sign(200))), day(300))
    (found,) = (one.finding for one in outcome.findings)
    assert found.sentence == "Ana of acme.example"
    assert found.cleared == day(220) + timedelta(microseconds=1)
