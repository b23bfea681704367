"""Orientation: a first model, before anything is explained."""
