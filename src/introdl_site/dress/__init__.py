"""Dress: styles, cards, shorter HTML, the search, and the theme."""
