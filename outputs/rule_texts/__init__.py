"""Rule texts: what the built-in rules say in languages other than English, one file a language."""
