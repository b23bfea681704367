"""The ladder: the ways to train one epoch, from a naive loop to the fastest known here."""

from __future__ import annotations

from dataclasses import dataclass

import torch


@dataclass(frozen=True)
class Rung:
    """One way to run an epoch.

    Attributes:
        name: Its name in a record.
        title: What changed from the rung before.
        devices: Where it can run.
        batch: Images a step.
        loading: Who prepares a batch: `image` augments one image at a time in this process;
            `workers` does so in other processes; `batch` keeps all pixels on the device and
            augments a batch there; `epoch` augments the whole epoch at once.
        precision: `fp32`, `tf32` or `bf16`.
        waits: Whether the loop asks for the loss's value after each step, as naive loops do.
        graph: Whether the step is replayed from a CUDA graph.
        compiled: Whether `torch.compile` fuses the forward and backward pass.
        channels_last: Whether the channels of a pixel lie side by side in memory.
        same: Whether this is the lecture's algorithm: batch 32, in float32.
    """

    name: str
    title: str
    devices: tuple[str, ...] = ("cuda",)
    batch: int = 32
    loading: str = "epoch"
    precision: str = "fp32"
    waits: bool = False
    graph: bool = False
    compiled: bool = False
    channels_last: bool = False

    @property
    def same(self) -> bool:  # noqa: D102 - described above
        return self.batch == 32 and self.precision == "fp32"


BOTH = ("cpu", "cuda")
RUNGS = (
    Rung("naive", "A naive loop: one image at a time", BOTH, loading="image", waits=True),
    Rung("workers", "Worker processes, pinned memory, no waiting", loading="workers"),
    Rung("batched", "Pixels on the device, a batch augmented at once", BOTH, loading="batch"),
    Rung("whole_epoch", "The whole epoch augmented at once", BOTH),
    Rung("graph", "The step replayed from a CUDA graph", graph=True),
    Rung("compiled", "The step fused by torch.compile, in a graph", graph=True, compiled=True),
    Rung("tf32", "TensorFloat-32 products", graph=True, compiled=True, precision="tf32"),
    Rung("batch_128", "Batch 128", batch=128, graph=True, compiled=True, precision="tf32"),
    Rung(
        "batch_1024",
        "Batch 1024, bfloat16, channels last",
        batch=1024,
        graph=True,
        compiled=True,
        precision="bf16",
        channels_last=True,
    ),
)

#: The largest difference from float64 that a step may have, relative to the largest entry.
TOLERANCE = {"fp32": 1e-5, "tf32": 1e-3, "bf16": 2e-2}


def set_precision(precision: str) -> None:
    """Say how float32 products are computed: exactly rounded, or in TensorFloat-32.

    Convolutions on CUDA take TensorFloat-32 unless told otherwise, matrix products do not.
    """
    mode = "tf32" if precision == "tf32" else "ieee"
    if hasattr(torch.backends.cudnn, "conv"):  # the names since PyTorch 2.9
        torch.backends.cuda.matmul.fp32_precision = mode
        torch.backends.cudnn.conv.fp32_precision = mode
    else:
        torch.backends.cuda.matmul.allow_tf32 = mode == "tf32"
        torch.backends.cudnn.allow_tf32 = mode == "tf32"
