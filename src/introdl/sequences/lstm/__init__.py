"""A cell whose gates say what it keeps, takes in and shows: by hand, and trained to remember."""
