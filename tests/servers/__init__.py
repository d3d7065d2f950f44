"""Real servers, started as child processes for the tests."""
