from __future__ import annotations

import re
from html.parser import HTMLParser
from importlib.resources import files

import pytest

from keepwarm.outputs.report import render_html
from tests.unit import views_samples as samples

CSS = files("keepwarm.outputs.templates").joinpath("report.css").read_text("utf-8")
DARK = files("keepwarm.outputs.templates").joinpath("screens.css").read_text("utf-8").partition("scheme: dark)")[2]


class Page(HTMLParser):
    """What a page is made of."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.words: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        if self.lasttag not in {"style", "title"}:
            self.words.append(data)

    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


@pytest.mark.parametrize("name", ["full_week", "quiet_week", "hostile_week", "crowded_week"])
def test_nothing_runs_and_nothing_is_loaded_from_elsewhere(name: str) -> None:
    html = render_html(getattr(samples, name)())
    page = Page(html)
    allowed = {"html", "head", "meta", "title", "style", "body", "table", "tbody", "tr", "td", "th", "div"}
    allowed |= {"h1", "h2", "p", "b", "br", "span", "bdi", "a"}
    assert {tag for tag, _ in page.tags} <= allowed
    assert not [name for _, attributes in page.tags for name in attributes if name.startswith("on")]
    assert all(attributes["href"].startswith("mailto:") for tag, attributes in page.tags if tag == "a")
    assert "url(" not in html
    assert "@import" not in html


def test_names_and_subjects_of_a_mailbox_are_text_and_nothing_else() -> None:
    html = render_html(samples.hostile_week())
    assert "Eve &lt;script&gt;alert(1)&lt;/script&gt; Bcc: all@x.example red txt.exe" in html
    assert "<i>x" not in html
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", html)


def test_a_mail_link_holds_one_recipient_and_no_header() -> None:
    links = [attributes["href"] for tag, attributes in Page(render_html(samples.hostile_week())).tags if tag == "a"]
    assert links == ["mailto:eve%2Bo%27k%3F%26a@x.example"]


def test_the_page_stays_below_what_mail_programs_clip() -> None:
    assert len(render_html(samples.crowded_week(2000)).encode()) < 100_000


def test_the_sections_come_in_their_order() -> None:
    titles = re.findall(r"<h2[^>]*>([^<]+)", render_html(samples.full_week()))
    assert titles == [
        "Look at yourself first",
        "Just not that into you",
        "Warming",
        "Pings that are due",
        "This week\u2019s meetings",
        "Remember and ask",
        "Consider moving on",
        "Your attention",
        "How we know",
    ]


def test_the_sonar_counts_every_contact_and_can_be_heard() -> None:
    week = samples.busy_week()
    rows = [a["aria-label"] for tag, a in Page(render_html(week)).tags if tag == "tr" and "aria-label" in a]
    assert rows[1] == "Happy medium: 31 in all; 12 cooling, 8 steady, 11 warming."
    assert sum(int(found) for row in rows for found in re.findall(r"(\d+) in all", row)) == len(week.contacts)


def test_a_line_of_warmth_is_told_in_words() -> None:
    labels = [a["aria-label"] for tag, a in Page(render_html(samples.busy_week())).tags if a.get("role") == "img"]
    assert "Warmth 38 of 100 (cool), down 6 points this week." in {label.partition(" Over")[0] for label in labels}


def test_direction_is_shown_by_shape_and_number_and_not_by_colour_alone() -> None:
    text = Page(render_html(samples.busy_week())).text()
    assert "▲ 4" in text
    assert "▼ 6" in text
    assert "Cooling Steady Warming" in text


def test_styles_are_inlined_and_only_the_screens_stay_in_the_head() -> None:
    html = render_html(samples.quiet_week())
    (kept,) = re.findall(r"<style[^>]*data-css-inline[^>]*>(.*?)</style>", html, re.DOTALL)
    assert "prefers-color-scheme: dark" in kept
    assert ".headline { margin: 0" not in html
    assert re.search(r'<h1 class="headline" style="[^"]*font-size: ?29px', html)


LIGHT_PAIRS = [
    *((f".{name}", ".page") for name in ("brand", "dates", "headline", "lead", "seen", "since", "footer", "trouble")),
    *((f".{name}", ".panel") for name in ("direction", "legend", "small-title")),
    *((f".{band}", f".ring-{band}") for band in ("close", "happy_medium", "cool", "cold")),
    *((".ring", f".ring-{band}") for band in ("close", "happy_medium", "cool", "cold")),
]
DARK_PAIRS = [pair for pair in LIGHT_PAIRS if pair[0] != ".small-title"]


@pytest.mark.parametrize(("css", "pairs"), [(CSS, LIGHT_PAIRS), (DARK, DARK_PAIRS)], ids=["light", "dark"])
def test_text_has_the_contrast_of_wcag_aa(css: str, pairs: list[tuple[str, str]]) -> None:
    for text, ground in pairs:
        assert contrast(declared(css, text, "color"), declared(css, ground, "background")) >= 4.5, (
            text,
            ground,
        )


def declared(css: str, selector: str, name: str) -> str:
    for selectors, body in re.findall(r"([^{}]+)\{([^{}]*)\}", css):
        found = re.search(rf"(?:^|;|\s){name}: (#\w{{6}})", body)
        if found and selector in [part.strip() for part in selectors.split(",")]:
            return found[1]
    raise AssertionError(f"{selector} has no {name}")


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_every_name_leads_to_the_local_page_if_there_is_one_and_to_nowhere_if_not() -> None:
    week = samples.full_week()
    page = render_html(week, page_url="http://127.0.0.1:8642/")
    names = re.findall(r'<a class="who" href="([^"]*)"[^>]*><bdi>([^<]*)</bdi></a>', page)
    assert {name for _, name in names} == set(re.findall(r"<bdi>([^<]*)</bdi>", page))
    by_name = {one.name: f"http://127.0.0.1:8642/contacts/{one.id}" for one in week.contacts}
    assert all(by_name[name] == link for link, name in names if name in by_name)
    assert "/contacts/" not in render_html(week)
