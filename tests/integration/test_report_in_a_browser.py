"""The report in a real browser: what axe-core finds on it, whether it fits the screen, and what it loads."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from axe_core_python.base import AXE_SCRIPT

from keepwarm.outputs.report import render_html
from tests.browser import FOUND, WRONG
from tests.unit import views_samples as samples

if TYPE_CHECKING:
    from collections.abc import Callable

    from keepwarm.storage.views import WeekView
    from tests.browser import Browser


@pytest.mark.parametrize(
    ("week", "language", "dark"),
    [
        (samples.full_week, "en", False),
        (samples.full_week, "de", True),
        (samples.quiet_week, "en", True),
        (samples.hostile_week, "en", False),
    ],
)
def test_axe_finds_nothing(browser: Browser, week: Callable[[], WeekView], language: str, dark: bool) -> None:
    page = render_html(week(), language)
    assert json.loads(browser.said(page, FOUND, dark=dark, script=AXE_SCRIPT)) == []


@pytest.mark.parametrize(
    ("week", "width"), [(samples.full_week, 375), (samples.full_week, 700), (samples.hostile_week, 375)]
)
def test_it_fits_the_screen_and_loads_nothing(browser: Browser, week: Callable[[], WeekView], width: int) -> None:
    assert json.loads(browser.said(render_html(week()), WRONG, width=width)) == []


def test_the_checker_can_find_something(browser: Browser) -> None:
    page = '<!DOCTYPE html><html><head><title>x</title></head><body><p style="color:#ddd">pale</p></body></html>'
    found = dict(json.loads(browser.said(page, FOUND, script=AXE_SCRIPT)))
    assert {"color-contrast", "html-has-lang"} <= found.keys()
