"""How far back can a net remember? Two tasks that ask once, at the end, and what nudges leave."""
