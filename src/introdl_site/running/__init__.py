"""Running: examples are executed, several at once, and what came of each run is kept."""
