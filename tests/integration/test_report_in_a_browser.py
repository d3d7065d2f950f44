"""The report in a real browser: what axe-core finds on it, whether it fits the screen, and what it loads."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from axe_core_python.base import AXE_SCRIPT

from keepwarm.outputs.report import render_html
from tests.unit import views_samples as samples

if TYPE_CHECKING:
    from keepwarm.storage.views import WeekView
    from tests.browser import Browser

WEEKS = [samples.full_week, samples.quiet_week, samples.hostile_week]
# A mail has no landmarks: its programs put it into a page of their own.
_FOUND = (
    "axe.run({rules: {region: {enabled: false}, 'landmark-one-main': {enabled: false}}}).then(found => JSON.stringify("
    "found.violations.map(one => [one.id, one.nodes.map(node => node.html.slice(0, 200))])))"
)
_LOADED = "JSON.stringify(performance.getEntriesByType('resource').map(one => one.name))"
_TOO_WIDE = (
    "JSON.stringify([...document.body.querySelectorAll('*')].filter(one => one.offsetParent && "
    "one.getBoundingClientRect().right > innerWidth + 1).map(one => one.outerHTML.slice(0, 200)))"
)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("week", WEEKS)
def test_axe_finds_nothing(browser: Browser, week: type[WeekView], language: str, dark: bool) -> None:
    page = render_html(week(), language)
    assert json.loads(browser.said(page, _FOUND, dark=dark, script=AXE_SCRIPT)) == []


@pytest.mark.parametrize("width", [375, 700])
@pytest.mark.parametrize("week", WEEKS)
def test_it_fits_the_screen_and_loads_nothing(browser: Browser, week: type[WeekView], width: int) -> None:
    page = render_html(week())
    assert json.loads(browser.said(page, _TOO_WIDE, width=width)) == []
    assert json.loads(browser.said(page, _LOADED, width=width)) == []


def test_the_checker_can_find_something(browser: Browser) -> None:
    page = '<!DOCTYPE html><html><head><title>x</title></head><body><p style="color:#ddd">pale</p></body></html>'
    found = dict(json.loads(browser.said(page, _FOUND, script=AXE_SCRIPT)))
    assert {"color-contrast", "html-has-lang"} <= found.keys()
