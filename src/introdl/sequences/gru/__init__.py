"""A cell with two gates and one number: by hand, in its two published forms, and trained."""
