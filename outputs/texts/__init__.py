"""Texts: every word of the report, one catalogue a language."""
