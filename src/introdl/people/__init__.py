"""People: one idea of each, run live."""
