"""The coding exercises, one module for each: `history/perceptron.py` belongs to that lesson."""
