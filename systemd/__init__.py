"""The systemd units that ship with the package."""
