"""A receiver that believes only what is signed, and somebody who posts to it, with a feed and a clock of their own."""

from __future__ import annotations

import json
from base64 import b64encode
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from standardwebhooks import Webhook

from keepwarm.daemon import webhook_state
from keepwarm.daemon.configuration import load
from keepwarm.daemon.webhook_delivery import Delivered, deliver_due
from keepwarm.daemon.workshop import Workshop
from keepwarm.storage import feed
from tests.daemon import write_secret
from tests.servers.web import Asked, Page, Web
from tests.storage.world import SAM, Store, mail

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SECRET = "whsec_" + b64encode(bytes(range(32))).decode()
PATH = "/hook-0123"
QUERY = "?token=4567"
TAKEN = Page(status=204)
BEGAN = datetime.now(UTC)

SETTINGS = """\
[owner]
addresses = ["{me}"]
[database]
url = "{database}"
[webhook]
url = "{url}"
secret = {{ file = "secret" }}
{extra}
"""


def verified(asked: Asked) -> dict[str, Any]:
    """Give what was posted; raises if its signature does not hold, or the library would not believe it."""
    signed, sent_at = Webhook(SECRET), datetime.fromtimestamp(int(asked.headers["webhook-timestamp"]), UTC)
    expected = signed.sign(asked.headers["webhook-id"], sent_at, asked.body.decode())
    assert expected in asked.headers["webhook-signature"].split()
    if abs(sent_at - datetime.now(UTC)) < timedelta(minutes=4):  # else the clock of the test has gone on
        assert signed.verify(asked.body, dict(asked.headers))
    line: dict[str, Any] = json.loads(asked.body)
    assert asked.headers["webhook-id"] == line["id"].replace(".", "-")
    return line


@dataclass(slots=True)
class Receiver:
    """Takes what ``answer`` takes; what is badly signed is refused."""

    answer: Callable[[dict[str, Any]], Page] = lambda _line: TAKEN
    seen: list[dict[str, Any]] = field(default_factory=list)
    taken: list[dict[str, Any]] = field(default_factory=list)
    faults: list[Exception] = field(default_factory=list)
    web: Web = field(init=False)

    def __post_init__(self) -> None:
        self.web = Web({PATH: self._take})

    @property
    def url(self) -> str:
        return self.web.url(PATH) + QUERY

    @property
    def ids(self) -> list[str]:
        """The ids of what was taken, in their order."""
        return [line["id"] for line in self.taken]

    @property
    def first_taken(self) -> dict[str, list[str]]:
        """The ids of each contact, in the order in which they were taken first."""
        found: dict[str, list[str]] = {}
        for line in self.taken:
            theirs = found.setdefault(line["contact"]["id"], [])
            if line["id"] not in theirs:
                theirs.append(line["id"])
        return found

    def _take(self, asked: Asked) -> Page:
        try:
            line = verified(asked)
        except Exception as fault:  # noqa: BLE001 - told to the test, which runs in another thread
            self.faults.append(fault)
            return Page(status=401)
        self.seen.append(line)
        page = self.answer(line)
        if page.status < 300:
            self.taken.append(line)
        return page


def signal(
    name: str, *, at: datetime = BEGAN, historical: bool = False, sentence: str = "Gone quiet."
) -> dict[str, Any]:
    """Give a line about a signal; a name is its id."""
    data = {"rule": "gone_quiet", "strength": "strong", "sentence": sentence, "historical": historical}
    return {"id": name, "type": "signal.opened", "time": at, "data": {**data, "facts": {"days": 3}, "evidence": []}}


def warmth(name: str, *, at: datetime = BEGAN) -> dict[str, Any]:
    """Give a line about warmth."""
    data = {"before": 50.0, "after": 40.0, "band": "cool", "cause": "time", "signal": None}
    return {"id": name, "type": "warmth.changed", "time": at, "data": data}


@dataclass(slots=True)
class Posting:
    """Somebody who posts; ``now`` is their clock."""

    folder: Path
    url: str
    extra: str = ""
    secret: str = SECRET
    people: tuple[str, ...] = ("ana@acme.test", "bob@acme.test", "cy@acme.test")
    database: str = "sqlite:///data/keepwarm.db"
    now: datetime = BEGAN
    workshop: Workshop = field(init=False)
    _contacts: dict[str, str] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        write_secret(self.folder / "secret", self.secret)
        self.configure(self.url, self.extra)
        store = Store(self.workshop.database)
        store.pull(mail(SAM, *self.people))
        self._contacts = {who: ref.id for who, ref in store.sort().items()}

    @property
    def config(self) -> Path:
        return self.folder / "config.toml"

    def configure(self, url: str, extra: str = "") -> None:
        """Go on with other settings, as a process that is started anew."""
        self.config.write_text(SETTINGS.format(me=SAM, database=self.database, url=url, extra=extra))
        self.workshop = Workshop(load(self.config))

    def tell(self, *lines: dict[str, Any], who: str = "ana@acme.test") -> None:
        """Have the feed tell lines of somebody, in this order."""
        for line in lines:
            with self.workshop.database.writing() as connection:
                feed.stage_more(connection, [{**line, "contact_id": self._contacts[who], "scope": "contact"}])
                feed.publish(connection)

    def post(self, holder: str = "me") -> Delivered:
        """Post what is due."""
        hook = self.workshop.configuration.webhook
        assert hook is not None
        return deliver_due(self.workshop, hook, holder, lambda: self.now, lambda: False)

    def until_all_is_posted(self, rounds: int = 1000) -> None:
        """Post, and let the time pass until something is due again, until nothing waits."""
        for _ in range(rounds):
            done = self.post()
            if not self.waiting:
                return
            self.now = max(done.again, self.now + timedelta(milliseconds=1))
        raise AssertionError(f"{self.waiting} lines still wait")

    @property
    def state(self) -> dict[str, Any]:
        """How ``status`` shows it."""
        with self.workshop.database.reading() as connection:
            return webhook_state.of(connection, self.workshop.configuration.webhook) or {}

    @property
    def waiting(self) -> int:
        return int(self.state["waiting"])
