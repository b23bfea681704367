"""Demographic prediction: which table lists a first name, and how right that can be."""
