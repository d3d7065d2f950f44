"""The commands, one group of them a file."""
