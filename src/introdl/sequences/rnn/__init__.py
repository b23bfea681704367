"""A net that reads one thing at a time: by hand, and in PyTorch on the letters of real names."""
