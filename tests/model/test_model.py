"""A random world of meetings is played to each connector; what is told of it is what the model tells."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings

from keepwarm.storage import schema
from keepwarm.storage.database import Database
from tests.model.judging import disagreeing, invented, misplaced, mistold
from tests.model.play import Player
from tests.model.sources import Collection, Feed, Folder, Maildir
from tests.model.stories import stories
from tests.servers.radicale import Radicale
from tests.servers.web import Web
from tests.servers.xandikos import Xandikos

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.model.operations import Operation
    from tests.model.play import Calendar

    Place = Callable[[str], Calendar]  # makes an empty calendar of this name


pytestmark = pytest.mark.timeout(900)  # where one fails, its story is made shorter for up to five minutes


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a database with the newest schema, to be copied."""
    file = tmp_path_factory.mktemp("model") / "empty.db"
    database = Database(f"sqlite:///{file}")
    schema.upgrade(database)
    database.close()
    return file


@contextmanager
def player(
    empty: Path, *, calendar: bool = False, mail: bool = False, each: bool = True, place: Place | None = None
) -> Iterator[Player]:
    """Give somebody who plays a story to two calendars (in folders if not in a ``place``), a Maildir, or all three."""
    with tempfile.TemporaryDirectory() as where:
        folder = Path(where)
        shutil.copy(empty, folder / "keepwarm.db")
        database = Database(f"sqlite:///{folder / 'keepwarm.db'}")
        make = place or (lambda name: Folder(folder / name))
        calendars = [make("own"), make("team")] if calendar else []
        yield Player(database, calendars, Maildir(folder / "mail") if mail else None, each=each)
        database.close()


@settings(max_examples=16, deadline=None)
@given(stories())
def test_a_folder_of_calendars_tells_what_happened(empty: Path, story: list[Operation]) -> None:
    with player(empty, calendar=True) as played:
        played.play(story)
        assert mistold(played) == []
        assert misplaced(played) == []


@settings(max_examples=15, deadline=None)
@given(stories(polls=True))
def test_what_was_not_read_in_between_is_not_made_up(empty: Path, story: list[Operation]) -> None:
    with player(empty, calendar=True, each=False) as played:
        played.play(story)
        assert invented(played) == []
        assert misplaced(played, sure=False) == []


@settings(max_examples=20, deadline=None)
@given(stories(polls=True))
def test_mails_tell_what_happened_whenever_they_are_read(empty: Path, story: list[Operation]) -> None:
    with player(empty, mail=True, each=False) as played:
        played.play(story)
        assert mistold(played) == []
        assert disagreeing(played) == []


@settings(max_examples=10, deadline=None)
@given(stories())
def test_mails_and_calendar_together_tell_everything_once(empty: Path, story: list[Operation]) -> None:
    with player(empty, calendar=True, mail=True) as played:
        played.play(story)
        assert mistold(played) == []
        assert misplaced(played) == []


@pytest.fixture(scope="module")
def web() -> Iterator[Web]:
    """Give a running web server."""
    server = Web()
    yield server
    server.stop()


@settings(max_examples=4, deadline=None)
@given(stories())
def test_a_feed_by_address_tells_what_happened(empty: Path, web: Web, story: list[Operation]) -> None:
    number = len(web.pages)
    with player(empty, calendar=True, place=lambda name: Feed(web, f"/{number}/{name}.ics")) as played:
        played.play(story)
        assert mistold(played) == []
        assert misplaced(played) == []


@pytest.fixture(scope="module", params=[Radicale, Xandikos])
def places(request: pytest.FixtureRequest) -> Iterator[Callable[[], Place]]:
    """Give what makes places for calendars on a CalDAV server, of each kind in turn."""
    server = request.param()
    yield lambda: _home(server)
    server.remove()


def _home(server: Radicale | Xandikos) -> Place:
    user = server.add_user()
    return lambda name: Collection(user, name)


@pytest.mark.server
@settings(max_examples=3, deadline=None)
@given(stories())
def test_a_calendar_server_tells_what_happened(
    empty: Path, places: Callable[[], Place], story: list[Operation]
) -> None:
    with player(empty, calendar=True, place=places()) as played:
        played.play(story)
        assert mistold(played) == []
        assert misplaced(played) == []
