"""The ladder: the ways to train one epoch, from a naive loop to the fastest known here."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch


@dataclass(frozen=True)
class Rung:
    """One way to run an epoch.

    Attributes:
        name: Its name in a record.
        title: What is particular to it.
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
LARGE = Rung(
    "batch_1024",
    "Batch 1024, bfloat16, channels last",
    batch=1024,
    graph=True,
    precision="bf16",
    channels_last=True,
)
RUNGS = (
    Rung("naive", "A naive loop: one image at a time", BOTH, loading="image", waits=True),
    Rung("workers", "Worker processes, pinned memory, no waiting", loading="workers"),
    Rung("batched", "Pixels on the device, a batch augmented at once", loading="batch"),
    Rung("whole_epoch", "The whole epoch augmented at once", BOTH),
    Rung("channels_last", "The channels of a pixel side by side", ("cpu",), channels_last=True),
    Rung(
        "bfloat16", "And the products in bfloat16", ("cpu",), precision="bf16", channels_last=True
    ),
    Rung("graph", "The step replayed from a CUDA graph", graph=True),
    Rung("tf32", "TensorFloat-32 products, in a graph", graph=True, precision="tf32"),
    Rung("batch_128", "Batch 128, in a graph", batch=128, graph=True, precision="tf32"),
    LARGE,
    # A machine may lack what compiles, so nothing above asks for it.
    Rung("compiled", "Batch 32 in float32, fused by torch.compile", graph=True, compiled=True),
    replace(
        LARGE,
        name="batch_1024_compiled",
        title="Batch 1024 in bfloat16, fused by torch.compile",
        compiled=True,
    ),
)

#: The largest difference from float64 that the loss and the gradient of the last layer may have,
#: relative to its largest entry: a few units in the last place of TensorFloat-32 and bfloat16.
TOLERANCE = {"fp32": 1e-5, "tf32": 1e-2, "bf16": 2e-2}

#: The same for the whole gradient, by length. A unit whose input rounds to the other side of zero,
#: or a pool whose largest entry changes, alters the gradient by more than rounding does: in
#: float32 about one batch in ten has one, and one of the dense layer's makes two percent; in
#: bfloat16 each batch has thousands.
SWITCHED = {"fp32": 5e-2, "tf32": 1e-1, "bf16": 2.5e-1}


def set_precision(precision: str) -> None:
    """Say how float32 products are computed: exactly rounded, or in TensorFloat-32.

    Convolutions on CUDA take TensorFloat-32 unless told otherwise, matrix products do not. PyTorch
    2.11 and 2.12 cannot compile after matrix products were set to TensorFloat-32 by these names
    (pytorch issue 166387), so no rung does both.
    """
    mode = "tf32" if precision == "tf32" else "ieee"
    torch.backends.cuda.matmul.fp32_precision = mode
    torch.backends.cudnn.conv.fp32_precision = mode
