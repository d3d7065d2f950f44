"""A real browser, headless: pictures of a page at any width, light or dark, and what a script finds in it."""

from __future__ import annotations

import html
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.servers.processes import MissingServerError

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_SECONDS = 120.0
# What axe-core finds wrong. A mail has no landmarks: its programs put it into a page of their own.
FOUND = (
    "axe.run({rules: {region: {enabled: false}, 'landmark-one-main': {enabled: false}}}).then(found => JSON.stringify("
    "found.violations.map(one => [one.id, one.nodes.map(node => node.html.slice(0, 200))])))"
)
# What is loaded, and what is wider than the screen.
WRONG = (
    "JSON.stringify([...performance.getEntriesByType('resource').map(one => one.name), "
    "...[...document.body.querySelectorAll('*')].filter(one => one.offsetParent && "
    "one.getBoundingClientRect().right > innerWidth + 1).map(one => one.outerHTML.slice(0, 200))])"
)

_SAID = re.compile(r'<pre id="said"[^>]*>(.*?)</pre>', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Browser:
    """Chromium, started for each question anew."""

    program: str

    @classmethod
    def found(cls) -> Browser:
        """Find it; raises MissingServerError."""
        program = next(filter(None, map(shutil.which, _NAMES)), None)
        if program is None:
            raise MissingServerError("chromium is not installed: sudo apt-get install chromium")
        return cls(program)

    def picture(self, page: str, file: Path, *, width: int, dark: bool = False) -> None:
        """Write a picture (PNG) of a whole page, as it looks ``width`` pixels wide."""
        height = self.said(page, "document.documentElement.scrollHeight", width=width, dark=dark)
        with tempfile.TemporaryDirectory() as folder:
            shown = Path(folder) / "page.html"
            shown.write_text(page, "utf-8")
            self._run(shown, f"--screenshot={file.absolute()}", f"--window-size={width},{height}", dark=dark)

    def said(self, page: str, expression: str, *, width: int = 700, dark: bool = False, script: str = "") -> str:
        """Give what an expression, perhaps a promise, is on a page, in which ``script`` has run before."""
        asking = (
            f"<script>{script}</script><script>addEventListener('load', async () => {{"
            "const it = document.createElement('pre'); it.id = 'said'; it.hidden = true;"
            f"it.textContent = await ({expression}); document.body.append(it); }})</script>"
        )
        whole = page.replace("</body>", f"{asking}</body>")
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "page.html"
            file.write_text(whole, "utf-8")
            out = self._run(file, "--dump-dom", "--virtual-time-budget=60000", f"--window-size={width},900", dark=dark)
        said = _SAID.search(out)
        assert said, out[-2000:]
        return html.unescape(said[1])

    def _run(self, page: Path, *arguments: str, dark: bool) -> str:
        command = [self.program, "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
        command += ["--disable-dev-shm-usage", "--no-first-run", f"--user-data-dir={page.parent / 'profile'}"]
        command += [f"--blink-settings=preferredColorScheme={0 if dark else 1}", *arguments, page.as_uri()]
        done = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=_SECONDS, check=True)
        return done.stdout
