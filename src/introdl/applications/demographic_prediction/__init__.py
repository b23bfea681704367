"""Demographic prediction: which table a first name stands in, and how right that can be."""
