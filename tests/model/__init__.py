"""A random world of meetings, played to the connectors, and what must be told of it."""
