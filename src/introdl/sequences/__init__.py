"""Sequences: nets that read one thing at a time and carry a memory."""
