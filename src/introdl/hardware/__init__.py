"""Hardware: what the machine does with the arithmetic, and how to measure it."""
