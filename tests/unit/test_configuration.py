"""The configuration file: what is read, what is refused, and how it is told."""

from __future__ import annotations

from datetime import time, timedelta
from pathlib import Path

import pytest

from keepwarm.daemon.accounts import CaldavAccount, IcsAccount, ImapAccount
from keepwarm.daemon.configuration import Configuration, ConfigurationError, load, parse
from keepwarm.daemon.secret import SecretSource
from keepwarm.daemon.values import Listen, Weekday, WeeklyTime, WorkingHours

HERE = Path("/home/jo/.config/keepwarm/config.toml")

WHOLE = """
[owner]
name = "Jo"
addresses = ["Jo@Example.com", "jo@old.example"]
timezone = "Europe/Berlin"
working_hours = "08:30-17:00"
working_days = ["fri", "mon", "mon"]
holidays = "DE-BY"
[database]
url = "sqlite:///warm.db"
[[account]]
name = "work"
kind = "imap"
address = "jo@example.com"
host = "imap.example.com"
tls = "starttls"
ca_file = "ca.pem"
password = { command = "pass show mail" }
history = "2y"
poll = "90s"
[account.folders]
include = ["INBOX"]
exclude = ["Lists/*"]
[[account]]
name = "g"
kind = "google"
client_file = "~/client.json"
[[account]]
name = "m"
kind = "microsoft"
client_id = "x"
[[account]]
name = "dav"
kind = "caldav"
url = "https://cal.example.com/"
user = "jo"
password = { keyring = true }
[[account]]
name = "calendar"
kind = "ics"
path = "calendar.ics"
[[account]]
name = "feed"
kind = "ics"
url = "https://cal.example.com/secret-token.ics"
[[account]]
name = "archive"
kind = "mbox"
path = "takeout.mbox"
address = "jo@gmail.com"
[[account]]
name = "dir"
kind = "maildir"
path = "/var/mail/jo"
address = "jo@example.com"
[[label]]
label = "client"
match = ["*@Acme.example", "jo@bloggs.example"]
[rules]
files = ["my-rules.toml"]
[privacy]
subjects = "none"
read_own_sent_bodies = true
[contacts]
max_meeting_size = 12
[bands]
cool = 10
happy_medium = 45.5
close = 90
[report]
language = "de"
to = "jo@example.com"
at = "tue 07:15"
via = "smtp"
[report.smtp]
host = "mail.example.com"
user = "jo"
password = { keyring = true }
[brief]
at = "07:30"
[reflect]
mail = true
[export]
dir = "out"
[web]
listen = "[::1]:0"
[webhook]
url = "https://example.com/hook"
secret = { keyring = true }
"""

IMAP = """
[[account]]
name = "work"
kind = "imap"
address = "jo@example.com"
host = "{host}"
tls = "{tls}"
password = {password}
"""


def imap(host: str = "imap.example.com", tls: str = "implicit", password: str = '{ env = "PW" }') -> str:
    return IMAP.format(host=host, tls=tls, password=password)


def problems(text: str) -> dict[str, str]:
    with pytest.raises(ConfigurationError) as refused:
        parse(text, HERE)
    return {problem.key: f"{problem.found}; {problem.allowed}" for problem in refused.value.problems}


@pytest.fixture
def whole() -> Configuration:
    return parse(WHOLE, HERE)


def test_every_table_of_the_contract_is_read(whole: Configuration) -> None:
    assert [account.kind for account in whole.accounts] == [
        "imap", "google", "microsoft", "caldav", "ics", "ics", "mbox", "maildir",
    ]  # fmt: skip
    assert whole.owner.working_hours == WorkingHours(time(8, 30), time(17))
    assert whole.owner.working_days == (Weekday.MON, Weekday.FRI)
    assert whole.owner.timezone.key == "Europe/Berlin"
    assert whole.labels[0].match == ("*@acme.example", "jo@bloggs.example")
    assert whole.report.at == WeeklyTime(Weekday.TUE, time(7, 15))
    assert whole.brief.at == time(7, 30)
    assert whole.web.listen == Listen("::1", 0)
    assert whole.bands.happy_medium == 45.5
    assert whole.privacy.subjects == "none"


def test_a_table_under_an_account_belongs_to_that_account(whole: Configuration) -> None:
    work = whole.accounts[0]
    assert isinstance(work, ImapAccount)
    assert work.folders.exclude == ("Lists/*",)


def test_durations_are_read_with_their_unit(whole: Configuration) -> None:
    assert (whole.accounts[0].history, whole.accounts[0].poll) == (timedelta(days=730), timedelta(seconds=90))
    assert (whole.accounts[1].history, whole.accounts[1].poll) == (timedelta(days=1825), timedelta(minutes=5))


def test_relative_paths_are_meant_from_the_configuration_folder(whole: Configuration) -> None:
    calendar = whole.accounts[4]
    assert isinstance(calendar, IcsAccount)
    assert calendar.path == HERE.parent / "calendar.ics"
    assert whole.rules.files == (HERE.parent / "my-rules.toml",)
    assert whole.export.dir == HERE.parent / "out"
    assert whole.database.url == f"sqlite:///{HERE.parent}/warm.db"


def test_the_home_folder_is_expanded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/jo")
    read = parse('[export]\ndir = "~/out"\n[database]\nurl = "sqlite:///~/warm.db"', HERE)
    assert read.export.dir == Path("/home/jo/out")
    assert read.database.url == "sqlite:////home/jo/warm.db"


def test_an_absolute_database_path_and_postgresql_stay_as_they_are() -> None:
    assert parse('[database]\nurl = "sqlite:////var/x.db"', HERE).database.url == "sqlite:////var/x.db"
    url = "postgresql://jo@localhost/warm"
    assert parse(f'[database]\nurl = "{url}"', HERE).database.url == "postgresql+psycopg://jo@localhost/warm"


def test_an_empty_file_is_all_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", "/home/jo/data")
    read = parse("", HERE)
    assert read.accounts == ()
    assert read.owner.timezone.key == "UTC"
    assert read.database.url == "sqlite:////home/jo/data/keepwarm/keepwarm.db"
    assert read.webhook is None


@pytest.mark.parametrize(("tls", "port"), [("implicit", 993), ("starttls", 143)])
def test_an_unset_port_is_the_usual_one(tls: str, port: int) -> None:
    account = parse(imap(tls=tls), HERE).accounts[0]
    assert isinstance(account, ImapAccount)
    assert (account.port, account.user) == (port, "jo@example.com")


def test_the_owners_addresses_are_the_accounts_and_the_aliases_each_once(whole: Configuration) -> None:
    assert whole.owner_addresses == ("jo@example.com", "jo@gmail.com", "jo@old.example")


def test_a_keyring_secret_is_filed_under_what_it_is_for(whole: Configuration) -> None:
    dav = whole.accounts[3]
    assert isinstance(dav, CaldavAccount)
    assert whole.report.smtp is not None
    assert whole.report.smtp.password is not None
    assert whole.webhook is not None
    assert whole.webhook.secret is not None
    assert (dav.password.source, dav.password.name) == (SecretSource.KEYRING, "dav")
    assert whole.report.smtp.password.name == "report.smtp"
    assert whole.webhook.secret.name == "webhook"


def test_a_webhook_is_for_signals_and_for_who_is_who_unless_it_names_other_types() -> None:
    plain = parse('[webhook]\nurl = "https://hooks.example/in"\n', HERE).webhook
    assert plain is not None
    assert plain.events == ("signal.opened", "signal.cleared", "contact.merged", "contact.forgotten")
    told = problems('[webhook]\nurl = "https://hooks.example/in"\nevents = ["signal.opend"]\n')
    assert all("signal.opened, signal.cleared" in allowed for allowed in told.values())


def test_repr_shows_no_secret(whole: Configuration) -> None:
    shown = repr(whole)
    assert "pass show" not in shown
    assert "secret-token" not in shown
    assert "warm.db" not in shown  # a database URL may hold a password


def test_all_problems_are_told_at_once_with_file_and_key() -> None:
    text = '[owner]\ntimezon = "x"\n[web]\nlisten = "0.0.0.0:80"\n[bands]\ncool = 90\n[[account]]\nkind = "imp"'
    with pytest.raises(ConfigurationError) as refused:
        parse(text, HERE)
    assert str(HERE) in str(refused.value)
    assert {problem.key for problem in refused.value.problems} == {
        "owner.timezon", "web.listen", "bands", "account[1].kind",
    }  # fmt: skip
    assert refused.value.exit_code == 2


def test_a_key_is_told_with_the_number_and_name_of_its_account() -> None:
    text = WHOLE.replace('path = "takeout.mbox"', 'path = "takeout.mbox"\npoll = "5 minutes"')
    told = problems(text)
    assert list(told) == ['account[7] "archive".poll']
    assert 'found "5 minutes"' in told['account[7] "archive".poll']
    assert '"5m", "36h", "14d", "5y"' in told['account[7] "archive".poll']


@pytest.mark.parametrize(
    ("text", "key", "guess"),
    [
        ('[owner]\ntimezon = "x"', "owner.timezon", "timezone"),
        ("[acount]", "acount", "account"),
        (imap() + '[account.folders]\nexlude = ["x"]', 'account[1] "work".folders.exlude', "exclude"),
        ('[[account]]\nkind = "mbx"', "account[1].kind", "mbox"),
        (imap(tls="startls"), 'account[1] "work".tls', "starttls"),
        ('[report]\nvia = "stmp"', "report.via", "smtp"),
    ],
)
def test_a_misspelt_word_is_told_with_the_nearest_and_all_allowed(text: str, key: str, guess: str) -> None:
    told = problems(text)[key]
    assert f"did you mean {guess}?" in told
    assert "allowed is one of " in told


@pytest.mark.parametrize(
    ("table", "line", "allowed"),
    [
        ("owner", 'timezone = "Mars/Base"', "IANA"),
        ("owner", 'timezone = "localtime"', "IANA"),
        ("owner", 'timezone = "../../etc/passwd"', "IANA"),
        ("owner", 'working_hours = "18:00-09:00"', "the earlier first"),
        ("owner", 'working_hours = "9-17"', '"09:00-18:00"'),
        ("owner", "working_days = []", "at least one day"),
        ("owner", 'holidays = "Germany"', '"DE"'),
        ("owner", 'holidays = "XX"', "for which holidays are known"),
        ("owner", 'holidays = "DE-XX"', "for which holidays are known"),
        ("owner", "name = 3", "a text"),
        ("brief", 'at = "7:30"', "from"),
        ("brief", 'at = "24:00"', "from"),
        ("report", 'at = "monday"', '"mon 08:00"'),
        ("report", 'at = "mon 25:00"', '"mon 08:00"'),
        ("contacts", 'max_meeting_size = "20"', "a whole number"),
        ("contacts", "max_meeting_size = 1", "2 or more"),
        ("reflect", 'mail = "no"', "true or false"),
        ("bands", "close = 101", "100 or less"),
        ("bands", "close = nan", "a number"),
        ("export", 'dir = ""', "path"),
        ("export", 'dir = "~nobody-of-that-name/x"', "no such user"),
        ("web", 'listen = "127.0.0.1"', "a port"),
        ("web", 'listen = "127.0.0.1:70000"', "a port"),
        ("rules", 'files = "x.toml"', "a list"),
    ],
)
def test_a_wrong_value_is_told_with_what_is_allowed(table: str, line: str, allowed: str) -> None:
    ((key, told),) = problems(f"[{table}]\n{line}").items()
    assert key.startswith(f"{table}.{line.partition(' ')[0]}")
    assert told.startswith("found ")
    assert allowed in told


@pytest.mark.parametrize("poll", ["0s", "8d", "999999999y", "-5m", "5", "5M"])
def test_a_poll_that_no_server_or_owner_would_want_is_refused(poll: str) -> None:
    assert list(problems(imap() + f'poll = "{poll}"')) == ['account[1] "work".poll']


def test_each_missing_key_is_told_with_what_is_needed() -> None:
    told = problems('[[account]]\nkind = "imap"\n[[account]]\nkind = "maildir"\n[[account]]\nname = "x"')
    for key in ("name", "address", "host", "password"):
        assert "missing; needed is " in told[f"account[1].{key}"]
    assert "needed is your address" in told["account[2].address"]
    assert "needed is one of imap" in told['account[3] "x".kind']


def test_an_ics_account_has_either_a_path_or_an_address() -> None:
    neither = '[[account]]\nname = "c"\nkind = "ics"\n'
    both = neither + 'path = "x"\nurl = "https://example.com/x"'
    assert "neither path nor url is set" in problems(neither)['account[1] "c".url']
    assert "both set" in problems(both)['account[1] "c".url']


@pytest.mark.parametrize("written", ["webcal://cal.example.com/x", "WEBCALS://cal.example.com/x"])
def test_webcal_is_another_way_to_write_https(written: str) -> None:
    account = parse(f'[[account]]\nname = "c"\nkind = "ics"\nurl = "{written}"', HERE).accounts[0]
    assert isinstance(account, IcsAccount)
    assert (account.url, account.allow_private) == ("https://cal.example.com/x", False)
    assert "cal.example.com" not in repr(account)


@pytest.mark.parametrize("written", ["http://cal.example.com/x", "webcal:///x", "webcal", "ftp://x/y"])
def test_a_feed_has_an_encrypted_address(written: str) -> None:
    told = problems(f'[[account]]\nname = "c"\nkind = "ics"\nurl = "{written}"')['account[1] "c".url']
    assert "allowed is an https:// or webcal:// address" in told


def test_two_accounts_of_one_name_are_told_beside_all_else() -> None:
    told = problems(imap() + imap() + "[oner]")
    assert "account[1] has this one" in told["account[2].name"]
    assert "oner" in told


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "::1"])
def test_no_encryption_is_allowed_on_this_machine(host: str) -> None:
    account = parse(imap(host=host, tls="none"), HERE).accounts[0]
    assert isinstance(account, ImapAccount)
    assert account.port == 143


@pytest.mark.parametrize("host", ["imap.example.com", "192.168.1.1", "localhost.example.com"])
def test_no_encryption_is_refused_anywhere_else(host: str) -> None:
    assert "loopback" in problems(imap(host=host, tls="none"))['account[1] "work".tls']


def test_a_password_in_plain_text_is_refused_with_the_cure_and_never_shown() -> None:
    told = problems(imap(password='"hunter2"'))['account[1] "work".password']
    assert '{ command = "pass show mail" }' in told
    assert "hunter2" not in told


@pytest.mark.parametrize(
    "text",
    [
        imap(password='"hunter2"'),
        imap(password='["hunter2"]'),
        imap(password='{ password = "hunter2" }'),
        imap(password='{ env = "A", file = "hunter2" }'),
        imap(password='{ keyring = "hunter2" }'),
        imap(password='{ env = "A=hunter2" }'),
        imap() + 'pasword = "hunter2"',
        '[database]\nurl = "mysql://jo:hunter2@db.example/warm"',
        '[webhook]\nurl = "http://example.com/hunter2"',
        '[[account]]\nname = "c"\nkind = "ics"\nurl = "ftp://example.com/hunter2"',
        'password = "hunter2"',
    ],
)
def test_no_problem_shows_what_may_be_a_secret(text: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        parse(text, HERE)
    assert refused.value.problems
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize(
    "password",
    ['{ env = "A", keyring = true }', "{}", '{ vault = "x" }', "{ keyring = false }", '{ env = "" }'],
)
def test_a_secret_has_exactly_one_known_source(password: str) -> None:
    assert list(problems(imap(password=password))) == ['account[1] "work".password']


def test_a_secret_file_is_meant_from_the_configuration_folder() -> None:
    account = parse(imap(password='{ file = "pw" }'), HERE).accounts[0]
    assert isinstance(account, ImapAccount)
    assert account.password.name == str(HERE.parent / "pw")


def test_a_question_that_could_not_be_answered_is_refused() -> None:
    assert "a file cannot be answered" in problems("[reflect]\nmail = true")["reflect"]


def test_a_report_by_smtp_needs_a_server() -> None:
    assert "[report.smtp]" in problems('[report]\nvia = "smtp"')["report.smtp"]


@pytest.mark.parametrize("via", ["google", "microsoft"])
def test_a_report_by_a_provider_needs_an_account_there(via: str) -> None:
    assert f'an account of kind "{via}"' in problems(f'[report]\nto = "me@x.example"\nvia = "{via}"')["report"]


def test_a_report_by_mail_needs_an_address_to_go_to() -> None:
    by_smtp = '[report]\nvia = "smtp"\n[report.smtp]\nhost = "localhost"'
    assert "an address in report.to" in problems(by_smtp)["report"]
    assert parse(f'[owner]\naddresses = ["me@x.example"]\n{by_smtp}', HERE).report.via == "smtp"


def test_a_week_may_begin_on_sunday_and_tasks_be_attached() -> None:
    report = parse('[report]\nweek_starts = "sun"\ntasks = true', HERE).report
    assert (report.week_starts, report.tasks) == (Weekday.SUN, True)
    assert '"' not in problems('[report]\nweek_starts = "sun"\ntasks = "yes"')["report.tasks"].partition(";")[2]


def test_single_brackets_where_double_are_needed_are_told() -> None:
    assert "[[account]]" in problems('[account]\nname = "x"')["account"]


@pytest.mark.parametrize("text", ["account = 3", "account = [3]", "owner = 3", "[[account]]\nkind = 3\nname = []"])
def test_values_where_tables_belong_are_problems_not_crashes(text: str) -> None:
    assert problems(text)


def test_control_sequences_in_the_file_do_not_reach_the_terminal() -> None:
    with pytest.raises(ConfigurationError) as refused:
        parse('"\\u001b[2J" = 1\n[owner]\ntimezone = "\\u001b[2J\\u202e"', HERE)
    assert "\x1b" not in str(refused.value)
    assert "\u202e" not in str(refused.value)


@pytest.mark.parametrize(("text", "where"), [("[owner]\nname = = 3", "line 2, column 8"), ("a = [\n1,", "line 2")])
def test_broken_toml_is_told_with_line_and_column(text: str, where: str) -> None:
    with pytest.raises(ConfigurationError, match=where):
        parse(text, HERE)


def test_toml_nested_without_end_is_told() -> None:
    with pytest.raises(ConfigurationError, match="TOML"):
        parse("a = " + "[" * 100_000, HERE)


def test_no_file_is_told_with_the_command_that_writes_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="`keepwarm init` writes one"):
        load(tmp_path / "config.toml")


def test_a_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_bytes(b'[owner]\nname = "J\xf6rg"')
    with pytest.raises(ConfigurationError, match="UTF-8"):
        load(file)


def test_a_folder_in_place_of_the_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read"):
        load(tmp_path)


def test_the_usual_place_is_named_by_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    named = tmp_path / "named.toml"
    named.write_text('[owner]\nname = "named"')
    usual = tmp_path / "keepwarm" / "config.toml"
    usual.parent.mkdir()
    usual.write_text('[owner]\nname = "usual"')
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.delenv("KEEPWARM_CONFIG", raising=False)
    assert load().owner.name == "usual"
    monkeypatch.setenv("KEEPWARM_CONFIG", str(named))
    assert load().owner.name == "named"


def test_a_calendar_server_is_signed_in_to_in_any_way_unless_one_is_set() -> None:
    text = WHOLE.replace('kind = "caldav"\n', 'kind = "caldav"\nauth = "digest"\n')
    given = [parse(one, HERE).accounts[3] for one in (WHOLE, text)]
    assert [account.auth for account in given if isinstance(account, CaldavAccount)] == ["any", "digest"]
    with pytest.raises(ConfigurationError, match="basic"):
        parse(text.replace('"digest"', '"ntlm"'), HERE)


def test_a_mailbox_is_signed_in_to_by_password_unless_another_way_is_set() -> None:
    text = WHOLE.replace('kind = "imap"\n', 'kind = "imap"\nauth = "oauthbearer"\n')
    given = [parse(one, HERE).accounts[0] for one in (WHOLE, text)]
    assert [account.auth for account in given if isinstance(account, ImapAccount)] == ["any", "oauthbearer"]
    with pytest.raises(ConfigurationError, match="xoauth2"):
        parse(text.replace('"oauthbearer"', '"oauth"'), HERE)


@pytest.mark.parametrize("key", ["verify = false", "insecure = true", "tls_verify = false", 'tls = "unverified"'])
def test_no_setting_leaves_a_certificate_unchecked(key: str) -> None:
    with pytest.raises(ConfigurationError):
        parse(WHOLE.replace('kind = "imap"\n', f'kind = "imap"\n{key}\n').replace('tls = "starttls"\n', ""), HERE)
