"""What every connector owes to the daemon."""
