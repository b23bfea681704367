"""Convolution and vision: nets that look at pictures."""
