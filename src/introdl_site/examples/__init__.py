"""Examples: the page of each executed example, and the files that readers take."""
