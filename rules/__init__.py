"""Rules: pure functions from histories to facts, signals and warmth."""
