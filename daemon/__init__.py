"""The daemon: settings, schedule, supervision, command line."""
