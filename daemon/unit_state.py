"""How the unit of this user is, for ``doctor``."""

from __future__ import annotations

import platformdirs

from keepwarm.daemon.failure import Failure
from keepwarm.daemon.systemctl import Systemctl
from keepwarm.daemon.unit import USER_UNIT, UnitFile

_WORKS = {"active", "activating", "reloading"}


def user_unit_file() -> UnitFile:
    """Give the place of this user's unit."""
    return UnitFile(platformdirs.user_config_path() / "systemd" / "user" / USER_UNIT)


def checked() -> str:
    """Say how it is, "" if it is not installed. Raises Failure, with the cure."""
    file = user_unit_file()
    if file.text is None:
        return ""
    state = Systemctl().state(USER_UNIT).get("ActiveState", "unknown")
    if state not in _WORKS:
        raise Failure(
            f"{file.path} is in place, and the daemon does not run: {state}.",
            "See: journalctl --user -u keepwarm -n 20; then: systemctl --user restart keepwarm",
        )
    return f"{file.path}: the daemon runs" + ("" if file.is_ours else "; the unit was changed by hand")
