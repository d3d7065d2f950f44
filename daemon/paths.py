"""Where Keepwarm's own files lie, by the XDG Base Directory Specification."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs


def config_file() -> Path:
    """Give the configuration's path: ``$KEEPWARM_CONFIG``, else ``$XDG_CONFIG_HOME/keepwarm/config.toml``."""
    if named := os.environ.get("KEEPWARM_CONFIG"):
        return Path(named).expanduser().absolute()
    return platformdirs.user_config_path("keepwarm", appauthor=False) / "config.toml"


def data_folder() -> Path:
    """Give the folder of the database and the written reports: ``$XDG_DATA_HOME/keepwarm``."""
    return platformdirs.user_data_path("keepwarm", appauthor=False)


def default_database_url() -> str:
    """Give the SQLite URL that stands when ``database.url`` is not set."""
    return f"sqlite:///{data_folder() / 'keepwarm.db'}"


def absolute(path: str, folder: Path) -> Path:
    """Give ``path`` with ``~`` expanded; a relative one is meant from ``folder``.

    Raises RuntimeError for the home of a user who does not exist (``~nobody-here/x``).
    """
    return Path(os.path.normpath(folder / Path(path).expanduser()))
