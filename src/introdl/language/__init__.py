"""Part 7, Language: from words as numbers to the Transformer."""
