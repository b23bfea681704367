"""A GPT grown in five stages, from a table of letters to blocks of attention, and its training."""
