"""Templates of the outputs."""
