"""Convolution: one small window of weights slides over a picture.

The same sums as a loop, as one matrix product, and backwards (transposed). As in the libraries of
deep learning the kernel is not flipped: strictly speaking, this is cross-correlation.
"""

from introdl.vision.convolution.loop import conv2d_naive, conv2d_naive_gradients
from introdl.vision.convolution.product import col2im, conv2d, conv2d_gradients, im2col
from introdl.vision.convolution.sizes import output_size
from introdl.vision.convolution.timing import Speed, time_convolutions
from introdl.vision.convolution.transposed import conv_transpose2d, conv_transpose2d_gradients

__all__ = [
    "Speed",
    "col2im",
    "conv2d",
    "conv2d_gradients",
    "conv2d_naive",
    "conv2d_naive_gradients",
    "conv_transpose2d",
    "conv_transpose2d_gradients",
    "im2col",
    "output_size",
    "time_convolutions",
]
