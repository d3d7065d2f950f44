"""Tests of what the database keeps, on SQLite and on PostgreSQL alike."""
