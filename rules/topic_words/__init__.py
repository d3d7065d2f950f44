"""Words by which a note is known to tell of a topic, by language."""
