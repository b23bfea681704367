"""Recommendation: predict a missing rating, by averages and by learned taste vectors."""
