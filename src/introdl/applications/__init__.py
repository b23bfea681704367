"""Applications: a small honest version of each, beside the simple rule it has to beat."""
