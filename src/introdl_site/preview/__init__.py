"""Preview: what `mkdocs serve` does otherwise."""
