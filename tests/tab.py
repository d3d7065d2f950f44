"""A tab of a real browser, headless: visited, asked, typed into and pictured, by DevTools over a pair of pipes.

https://chromedevtools.github.io/devtools-protocol/; with --remote-debugging-pipe each message is JSON, ended by a zero
byte, and no port is open.
"""

from __future__ import annotations

import base64
import json
import os
import select
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from axe_core_python.base import AXE_SCRIPT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.browser import Browser

_PATIENCE = 120.0  # seconds
_AXE = (
    "axe.run().then(found => found.violations.map(one => [one.id, one.nodes.map(node => node.html.slice(0, 200)"
    " + ' ' + node.failureSummary.slice(0, 200))]))"
)
_WIDER = (
    "[...document.body.querySelectorAll('*')]"
    ".filter(one => one.offsetParent && !one.closest('.scroll, .chart-scroll, svg')"
    " && one.getBoundingClientRect().right > document.documentElement.clientWidth + 1)"
    ".map(one => one.outerHTML.slice(0, 200))"
)
_WITH_PIPES = """\
import fcntl, os, sys
to, of = (fcntl.fcntl(int(number), fcntl.F_DUPFD, 20) for number in sys.argv[1:3])
os.dup2(to, 3)
os.dup2(of, 4)
os.execv(sys.argv[3], sys.argv[3:])
"""
_KEYS = {"Tab": 9, "Enter": 13, "Escape": 27, "Space": 32}


class PageError(Exception):
    """A script failed in the page."""


@dataclass
class Tab:
    """One tab. What goes wrong on its pages, a violated policy among it, is in ``complaints``."""

    _process: subprocess.Popen[bytes]
    _to: int
    _of: int
    _session: str = ""
    _number: int = 0
    _unread: bytes = b""
    _events: list[dict[str, Any]] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    asked_for: list[str] = field(default_factory=list)  # addresses of what was loaded

    def visit(self, address: str) -> int:
        """Go to an address, and wait until all is loaded; gives the status of the answer."""
        self._events.clear()
        self._call("Page.navigate", url=address)
        return self._loaded()

    def _loaded(self) -> int:
        self._until("Page.loadEventFired")
        answers = [
            one["params"]["response"]["status"]
            for one in self._events
            if one["method"] == "Network.responseReceived" and one["params"]["type"] == "Document"
        ]
        return int(answers[-1]) if answers else 0

    def do(self, script: str) -> None:
        """Run a script that leads to another page, and wait until that is loaded."""
        self._events.clear()
        self.ask(f"void ({script})")
        self._loaded()

    def ask(self, script: str) -> Any:
        """Give what an expression, perhaps a promise, is on the page. Raises PageError."""
        found = self._call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in found:
            raise PageError(json.dumps(found["exceptionDetails"])[:2000])
        return found["result"].get("value")

    def comes_true(self, script: str) -> None:
        """Wait until an expression is true."""
        deadline = time.monotonic() + _PATIENCE
        while not self.ask(script):
            assert time.monotonic() < deadline, f"it did not come about: {script}"
            time.sleep(0.05)

    def press(self, key: str, *, shift: bool = False, leads_on: bool = False) -> None:
        """Press a key: "Tab", "Enter", or a letter; one that ``leads_on`` loads another page."""
        self._events.clear()
        modifiers = 8 if shift else 0
        code = _KEYS.get(key)
        text = {"Enter": "\r", "Space": " "}.get(key, "" if code else key)
        named = {"key": " " if key == "Space" else key, "modifiers": modifiers}
        if code:
            named |= {"windowsVirtualKeyCode": code, "code": key}
        self._call("Input.dispatchKeyEvent", type="keyDown" if text else "rawKeyDown", text=text, **named)
        self._call("Input.dispatchKeyEvent", type="keyUp", **named)
        if leads_on:
            self._loaded()

    def type(self, text: str) -> None:
        """Type into what has the focus."""
        self._call("Input.insertText", text=text)

    def looks(self, *, width: int = 1280, height: int = 900, dark: bool = False, scale: float = 1) -> None:
        """Make the tab so wide, and light or dark."""
        self._call(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=scale, mobile=False
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        still = {"name": "prefers-reduced-motion", "value": "reduce"}
        self._call("Emulation.setEmulatedMedia", features=[scheme, still])

    def picture(self, file: Path, *, whole: bool = False) -> None:
        """Write a picture (PNG) of what is seen, or of the ``whole`` page."""
        found = self._call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        file.write_bytes(base64.b64decode(found["data"]))

    def axe(self) -> Any:
        """Give what axe-core finds."""
        self.ask(f"{AXE_SCRIPT}; 1")
        return self.ask(_AXE)

    def wider(self) -> Any:
        """Give what is wider than the screen."""
        return self.ask(_WIDER)

    def _call(self, method: str, **values: Any) -> dict[str, Any]:
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": values}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._to, json.dumps(message).encode() + b"\0")
        while True:
            found = self._next()
            if found.get("id") == self._number:
                assert "error" not in found, (method, found["error"])
                return dict(found["result"])
            self._note(found)

    def _until(self, event: str) -> None:
        while not any(one["method"] == event for one in self._events):
            self._note(self._next())

    def _note(self, found: dict[str, Any]) -> None:
        method, values = found.get("method", ""), found.get("params", {})
        if method:
            self._events.append({"method": method, "params": values})
        if method == "Log.entryAdded" and values["entry"]["level"] in ("error", "warning"):
            self.complaints.append(f"{values['entry']['text']} {values['entry'].get('url', '')}")
        elif method == "Runtime.exceptionThrown":
            self.complaints.append(json.dumps(values["exceptionDetails"])[:500])
        elif method == "Runtime.consoleAPICalled" and values["type"] in ("error", "warning"):
            self.complaints.append(json.dumps(values["args"])[:500])
        elif method == "Network.requestWillBeSent":
            self.asked_for.append(values["request"]["url"])

    def _next(self) -> dict[str, Any]:
        deadline = time.monotonic() + _PATIENCE
        while b"\0" not in self._unread:
            ready, _, _ = select.select([self._of], [], [], max(0.0, deadline - time.monotonic()))
            assert ready, "the browser says nothing"
            chunk = os.read(self._of, 1 << 20)
            assert chunk, "the browser has ended"
            self._unread += chunk
        message, self._unread = self._unread.split(b"\0", 1)
        return dict(json.loads(message))

    def begin(self) -> None:
        """Open the tab."""
        target = self._call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self._call(f"{domain}.enable")
        self.looks()


@contextmanager
def tab(browser: Browser) -> Iterator[Tab]:
    """Open a tab in a browser of its own, with an empty profile."""
    there, to = os.pipe()  # what we write comes to the browser as file 3
    of, here = os.pipe()  # what it writes as file 4 comes to us
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        command = [browser.program, "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
        command += ["--disable-dev-shm-usage", "--no-first-run", f"--user-data-dir={profile}"]
        command += ["--remote-debugging-pipe", "about:blank"]
        wrapped = [sys.executable, "-c", _WITH_PIPES, str(there), str(here), *command]
        process = subprocess.Popen(
            wrapped, pass_fds=(there, here), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        os.close(there)
        os.close(here)
        one = Tab(process, to, of)
        try:
            one.begin()
            yield one
        finally:
            process.terminate()
            process.wait(_PATIENCE)
            os.close(to)
            os.close(of)
