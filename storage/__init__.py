"""Storage: observations in, histories and results out; the only room that knows the database."""
