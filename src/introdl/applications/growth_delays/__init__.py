"""Growth delays: read heights visit by visit, and raise a flag when a child stops following."""
