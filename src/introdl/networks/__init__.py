"""Neural networks: what a neuron computes, how it learns, and what goes wrong when many do."""
