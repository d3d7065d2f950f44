"""The mails around a meeting in a real browser: what axe-core finds on them, whether they fit, and what they load."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from axe_core_python.base import AXE_SCRIPT

from keepwarm.outputs.brief import brief
from keepwarm.outputs.html_brief import html_brief
from keepwarm.outputs.html_question import html_question
from keepwarm.outputs.question import question
from tests.browser import FOUND, WRONG
from tests.unit.card_samples import full_brief, full_question, hostile_brief, hostile_question

if TYPE_CHECKING:
    from tests.browser import Browser

PAGES = {
    "brief": html_brief(brief(full_brief())),
    "question": html_question(question(full_question(), "de")),
    "hostile brief": html_brief(brief(hostile_brief())),
    "hostile question": html_question(question(hostile_question())),
}


@pytest.mark.parametrize(("page", "dark"), [(page, dark) for page in PAGES for dark in (False, True)][:5])
def test_axe_finds_nothing(browser: Browser, page: str, dark: bool) -> None:
    assert json.loads(browser.said(PAGES[page], FOUND, dark=dark, script=AXE_SCRIPT)) == []


@pytest.mark.parametrize("page", PAGES)
def test_it_fits_a_phone_and_loads_nothing(browser: Browser, page: str) -> None:
    assert json.loads(browser.said(PAGES[page], WRONG, width=375)) == []
