"""Words by which a touch is known in titles and subjects, by language."""
