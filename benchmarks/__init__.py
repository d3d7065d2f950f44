"""Benchmarks: how fast mail is read and judged, and how much memory that takes."""
