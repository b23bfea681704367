"""The Transformer's encoder: places, layers by hand, and small encoders that guess a word."""
