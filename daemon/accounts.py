"""The accounts of the configuration: one model for each kind of source."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, ValidationInfo, field_validator

from keepwarm.daemon.fields import (
    AccountName,
    Address,
    FeedUrl,
    FilePath,
    History,
    Host,
    Poll,
    Port,
    SecretField,
    Switch,
    Table,
    WebUrl,
)
from keepwarm.daemon.values import NotAllowedError, is_loopback

if TYPE_CHECKING:
    from keepwarm.daemon.secret import Secret

Tls = Literal["implicit", "starttls", "none"]
HttpSignIn = Literal["any", "basic", "digest", "bearer"]
ImapSignIn = Literal["any", "plain", "login", "xoauth2", "oauthbearer"]


def checked_tls(tls: Tls, info: ValidationInfo) -> Tls:
    """Refuse an unencrypted connection to another machine; ``host`` stands before ``tls`` in the model."""
    if tls == "none" and not is_loopback(info.data.get("host", "localhost")):
        raise NotAllowedError(
            '"implicit" or "starttls"; "none" is for loopback hosts only: a password would go in the clear'
        )
    return tls


class Folders(Table):
    """Which folders of an account are read; names may hold ``*``."""

    include: tuple[str, ...] = ("*",)
    exclude: tuple[str, ...] = ()


class BaseAccount(Table):
    """What every account has. ``address`` is the owner's own there; "" where it is not needed."""

    name: AccountName = Field(description='a name of your choice, such as "work"')
    address: Address = ""
    history: History = timedelta(days=5 * 365)
    poll: Poll = timedelta(minutes=5)


class MailAccount(BaseAccount):
    """An account whose mail is read: the owner's address tells what they wrote from what they got."""

    address: Address = Field(description='your address in this account, such as "me@example.com"')


class PasswordAccount(BaseAccount):
    """An account with a password; in the keyring it is filed under the account's name."""

    @field_validator("password", check_fields=False)
    @classmethod
    def _file_password(cls, password: Secret, info: ValidationInfo) -> Secret:
        return password.filed_under(info.data.get("name", ""))


class ImapAccount(MailAccount, PasswordAccount):
    """A mailbox on an IMAP server. ``port`` and ``user`` are always filled.

    ``auth`` names the one way to sign in; "any" is by password. With "xoauth2" and "oauthbearer", the password is an
    access token.
    """

    kind: Literal["imap"]
    host: Host = Field(description='the server\'s name, such as "imap.example.com"')
    tls: Tls = "implicit"
    port: Port = Field(default=0, validate_default=True)
    ca_file: FilePath | None = None
    user: str = Field(default="", validate_default=True)
    password: SecretField = Field(
        description='where the password is: { command = "pass show mail" }, or env, file, ...'
    )
    auth: ImapSignIn = "any"
    folders: Folders = Folders()

    _tls = field_validator("tls")(checked_tls)

    @field_validator("port", mode="before")
    @classmethod
    def _usual_port(cls, port: Any, info: ValidationInfo) -> Any:
        return port or (993 if info.data.get("tls") == "implicit" else 143)

    @field_validator("user")
    @classmethod
    def _address_as_user(cls, user: str, info: ValidationInfo) -> str:
        return user or str(info.data.get("address", ""))


class GoogleAccount(BaseAccount):
    """Mail and calendars at Google; ``client_file`` is the OAuth client's JSON file.

    ``invitations``: mails that carry one are read whole, for meetings that stand in no calendar. ``attendance``: who
    came to calls of Google Meet is read. Each has Google asked for more, so that the user signs in anew. ``folders``
    chooses among the calendars, by title. ``endpoint`` stands for Google's own addresses, if it is set.
    """

    kind: Literal["google"]
    client_file: FilePath = Field(description="the path of the OAuth client's JSON file")
    invitations: Switch = False
    attendance: Switch = False
    endpoint: WebUrl | None = None
    folders: Folders = Folders()


class MicrosoftAccount(BaseAccount):
    """Mail and calendars at Microsoft 365 or outlook.com, by an application that the user registered.

    ``authority`` and ``endpoint`` are others in national clouds. In ``folders``, names that begin with "calendar:"
    choose among the calendars. With ``attendance``, who came to the owner's meetings by Teams is read.
    """

    kind: Literal["microsoft"]
    client_id: str = Field(description="the application (client) id of your registration")
    authority: WebUrl = "https://login.microsoftonline.com/common"
    endpoint: WebUrl = "https://graph.microsoft.com/v1.0"
    attendance: Switch = False
    ca_file: FilePath | None = None
    folders: Folders = Folders()


class CaldavAccount(PasswordAccount):
    """Calendars on a CalDAV server. ``folders`` chooses among them, by display name or path.

    ``auth`` names the one way to sign in; "any" is Basic, or whichever of the others the server asks for. With
    "bearer", the password is the token.
    """

    kind: Literal["caldav"]
    url: WebUrl = Field(description='the server\'s address, such as "https://cal.example.com/"', repr=False)
    ca_file: FilePath | None = None
    user: str = Field(description="your user name there")
    password: SecretField = Field(
        description='where the password is: { command = "pass show mail" }, or env, file, ...'
    )
    auth: HttpSignIn = "any"
    folders: Folders = Folders()


class IcsAccount(BaseAccount):
    """A calendar as an .ics file, a folder of them, or a feed; exactly one of ``path`` and ``url`` is set.

    ``allow_private`` and ``ca_file`` are for a feed: a server of the user's own may stand in a network of their own.
    """

    kind: Literal["ics"]
    path: FilePath | None = None
    url: FeedUrl | None = Field(default=None, validate_default=True, repr=False)
    allow_private: Switch = False
    ca_file: FilePath | None = None

    @field_validator("url")
    @classmethod
    def _one_source(cls, url: str | None, info: ValidationInfo) -> str | None:
        if "path" in info.data and (url is None) == (info.data["path"] is None):
            raise NotAllowedError(
                'exactly one of path = "FILE or FOLDER" and url = "https://..."',
                "neither path nor url is set" if url is None else "path and url are both set",
            )
        return url


class MaildirAccount(MailAccount):
    """A Maildir with its Maildir++ subfolders."""

    kind: Literal["maildir"]
    path: FilePath = Field(description="the path of the Maildir: the folder that has cur, new and tmp")
    folders: Folders = Folders()


class MboxAccount(MailAccount):
    """An mbox file, such as one of Google Takeout."""

    kind: Literal["mbox"]
    path: FilePath = Field(description="the path of the mbox file")


Account = Annotated[
    ImapAccount | GoogleAccount | MicrosoftAccount | CaldavAccount | IcsAccount | MaildirAccount | MboxAccount,
    Field(discriminator="kind"),
]
