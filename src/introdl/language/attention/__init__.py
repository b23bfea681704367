"""Attention: the layers by hand, number words in two languages, and a small net between them."""
