"""The network of the lecture's timing, trained in every way that makes it faster, and timed.

Run `python -m introdl.hardware.gpu_timing --help` to measure a machine; NumPy and PyTorch are
enough.
"""
