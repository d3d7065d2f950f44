"""Outputs: report and feed, read from what storage holds."""
