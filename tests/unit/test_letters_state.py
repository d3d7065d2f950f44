"""Where answers to the question of the evening can be read, as doctor says it."""

from __future__ import annotations

from pathlib import Path

import pytest

from keepwarm.daemon.configuration import parse
from keepwarm.daemon.letters_state import answers_checked
from keepwarm.daemon.sending import NotSent

HERE = Path("/home/jo/.config/keepwarm/config.toml")
REFLECT = '[report]\nvia = "smtp"\n{more}[report.smtp]\nhost = "mail.example"\n[reflect]\nmail = true\n'
GOOGLE = '[[account]]\nname = "g"\nkind = "google"\naddress = "me@gmail.com"\nclient_file = "c.json"\n'
MICROSOFT = (
    '[[account]]\nname = "m"\nkind = "microsoft"\naddress = "me@outlook.com"\n'
    'client_id = "11111111-2222-3333-4444-555555555555"\n'
)
MAILDIR = '[[account]]\nname = "d"\nkind = "maildir"\npath = "mail"\naddress = "me@example.com"\n'
BODIES = "[privacy]\nread_own_sent_bodies = true\n"


def checked(text: str, more: str = "") -> str:
    return answers_checked(parse(text + REFLECT.format(more=more), HERE))


def test_they_are_found_where_a_text_may_be_read() -> None:
    assert checked(MAILDIR) == "answers are read in d"
    for account in (GOOGLE, MICROSOFT):
        assert checked(MAILDIR + account).startswith("answers are read in d; not in ")
        assert "read_own_sent_bodies = true" in checked(MAILDIR + account)
    assert checked(GOOGLE + BODIES) == "answers are read in g"
    assert checked(GOOGLE + "invitations = true\n") == "answers are read in g"
    assert checked(MICROSOFT + BODIES) == "answers are read in m"


@pytest.mark.parametrize(
    ("accounts", "cure"),
    [(GOOGLE, "read_own_sent_bodies = true"), (MICROSOFT, "read_own_sent_bodies = true")],
)
def test_where_none_is_found_the_cure_is_told(accounts: str, cure: str) -> None:
    with pytest.raises(NotSent, match="can be read in no account") as told:
        checked(accounts)
    assert cure in told.value.what_to_do


def test_an_address_that_is_not_known_as_the_owners_is_told() -> None:
    with pytest.raises(NotSent, match="not known as yours"):
        checked(MAILDIR, 'to = "else@where.example"\n')
