"""Facts: what can be said about one contact as of a moment."""
