"""Connectors: one file a source; they read, and never write to it."""
