"""Time the operations of deep learning, and hold each against the roof of its machine."""
