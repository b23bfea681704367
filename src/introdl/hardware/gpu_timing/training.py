"""Train the network as a rung says, and check a step of it against float64."""

from __future__ import annotations

import copy
import gc
import sys
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
import torch
from torch.nn import functional as F

from introdl.hardware.gpu_timing.images import Images, augment_one, random_augment
from introdl.hardware.gpu_timing.network import KEEP, DeckNetwork, NesterovSGD, mask_shapes
from introdl.hardware.gpu_timing.rungs import SWITCHED, TOLERANCE, Rung, set_precision

Batch = tuple[torch.Tensor, torch.Tensor]


class Check(NamedTuple):
    """How far one step was from float64.

    Attributes:
        loss: Of the loss, relative.
        last: Of the last layer's gradient, relative to its largest entry.
        gradient: Length of the difference of the whole gradients, relative to their length.
        tolerance: The largest `loss` and `last` allowed.
        switched: The largest `gradient` allowed, see `rungs.SWITCHED`.
    """

    loss: float
    last: float
    gradient: float
    tolerance: float
    switched: float

    @property
    def passed(self) -> bool:
        """Whether all are within what is allowed; NaN is not."""
        exact = self.loss <= self.tolerance and self.last <= self.tolerance
        return exact and self.gradient <= self.switched


class Trainer:
    """One network in training; every batch goes through the same buffers on the device.

    Args:
        rung: How to train.
        images: What to train on.
        device: Where.
        seed: Of the weights, the masks and the augmentation.
    """

    def __init__(self, rung: Rung, images: Images, device: torch.device, seed: int = 0) -> None:
        self.rung, self.images, self.device = rung, images, device
        torch.manual_seed(seed)
        self.rng = np.random.default_rng(seed)
        set_precision(rung.precision)
        self.layout = torch.channels_last if rung.channels_last else torch.contiguous_format
        self.network = DeckNetwork().to(device)
        self.optimizer = NesterovSGD(self.network)
        n = rung.batch
        self.pixels = torch.zeros(n, 3, 32, 32, device=device).to(memory_format=self.layout)
        self.labels = torch.zeros(n, dtype=torch.int64, device=device)
        self.masks = [torch.zeros(shape, device=device) for shape in mask_shapes(n)]
        self.value = torch.zeros((), device=device)
        self.forward = torch.compile(self.network) if rung.compiled else self.network
        self.resident = {
            name: torch.from_numpy(array).to(device)
            for name, array in images._asdict().items()
            if rung.loading in ("batch", "epoch") or name.startswith("validation")
        }
        self.compute = self._compute
        if rung.graph:
            self._capture()

    def loss(self) -> torch.Tensor:
        """Cross-entropy of the batch in the buffers."""
        with self._arithmetic():
            logits = self.forward(self.pixels, self.masks)
        return F.cross_entropy(logits.float(), self.labels)

    def _arithmetic(self) -> torch.autocast:
        half = self.rung.precision == "bf16"
        return torch.autocast(self.device.type, torch.bfloat16, enabled=half)

    def _compute(self) -> None:
        """Draw masks, then forward, backward and update, on what the buffers hold."""
        for mask, keep in zip(self.masks, KEEP, strict=True):
            mask.bernoulli_(keep)
        self.optimizer.gradient.zero_()
        loss = self.loss()
        loss.backward()
        self.value.copy_(loss.detach())
        self.optimizer.step()

    def _capture(self) -> None:
        """Record the step once, so that a replay launches all its kernels as one."""
        side = torch.cuda.Stream()
        side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(side):  # a graph needs its warm-up beside the main stream
            for _ in range(3):
                self._compute()
        torch.cuda.current_stream().wait_stream(side)
        gc.collect()  # what is freed while a graph is recorded can spoil it
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph, stream=side):
            self._compute()
        self.compute = graph.replay

    def batches(self, steps: int) -> Iterator[Batch]:
        """Augmented pixels (N, 3, 32, 32) uint8 and labels (N,), for `steps` steps."""
        n, loading = self.rung.batch, self.rung.loading
        if loading in ("image", "workers"):
            yield from self._from_images(steps)
            return
        order = torch.randperm(len(self.images.train), device=self.device)[: steps * n]
        labels = self.resident["train_labels"][order]
        pixels = None
        if loading == "epoch":
            pixels = random_augment(self.resident["train"][order])
        for start in range(0, steps * n, n):
            place = slice(start, start + n)
            if pixels is None:
                yield random_augment(self.resident["train"][order[place]]), labels[place]
            else:
                yield pixels[place], labels[place]

    def _from_images(self, steps: int) -> Iterator[Batch]:
        count = steps * self.rung.batch
        order = self.rng.permutation(len(self.images.train))[:count]
        workers = 4 if self.rung.loading == "workers" else 0
        yield from torch.utils.data.DataLoader(
            _Augmented(self.images, order, int(self.rng.integers(2**31))),
            batch_size=self.rung.batch,
            num_workers=workers,
            pin_memory=workers > 0,
            # Forked, they share the images; otherwise each would get a copy, in each epoch.
            multiprocessing_context="fork" if workers and sys.platform == "linux" else None,
        )

    def epoch(self, steps: int) -> None:
        """Train for `steps` steps."""
        for pixels, labels in self.batches(steps):
            self.load(pixels, labels)
            self.compute()
            if self.rung.waits:
                self.value.item()

    def load(self, pixels: torch.Tensor, labels: torch.Tensor) -> None:
        """Put a batch into the buffers, as numbers in [0, 1]."""
        # Pinned memory is copied while the loop goes on.
        self.pixels.copy_(pixels.to(self.device, non_blocking=True)).div_(255)
        self.labels.copy_(labels, non_blocking=True)

    @torch.no_grad()
    def validate(self, count: int) -> float:
        """Score `count` validation images, and return their mean loss."""
        n = 32 if self.device.type == "cpu" or self.rung.waits else 1000
        total = torch.zeros((), device=self.device)
        for start in range(0, count, n):
            pixels = self.resident["validation"][start : start + n].float() / 255
            pixels = pixels.contiguous(memory_format=self.layout)
            labels = self.resident["validation_labels"][start : start + n]
            with self._arithmetic():
                logits = self.network(pixels)
            total += F.cross_entropy(logits.float(), labels, reduction="sum")
        return total.item() / count

    def check(self) -> Check:
        """Run one step, and repeat it in float64 on the CPU with the same units dropped."""
        self.load(*next(self.batches(1)))
        twin = copy.deepcopy(self.network).double().cpu()
        weights = self.optimizer.weights.double().cpu()
        start = 0
        for p in twin.parameters():
            p.data, p.grad = weights[start : start + p.numel()].view(p.shape), None
            start += p.numel()
        self.compute()
        masks = [mask.double().cpu() for mask in self.masks]
        loss = F.cross_entropy(twin(self.pixels.double().cpu(), masks), self.labels.cpu())
        loss.backward()
        gradient = torch.cat([p.grad.flatten() for p in twin.parameters()])
        difference = self.optimizer.gradient.double().cpu() - gradient
        last = slice(-sum(p.numel() for p in twin.dense2.parameters()), None)
        return Check(
            abs(self.value.item() / loss.item() - 1),
            float(difference[last].abs().max() / gradient[last].abs().max()),
            float(difference.norm() / gradient.norm()),
            TOLERANCE[self.rung.precision],
            SWITCHED[self.rung.precision],
        )


class _Augmented(torch.utils.data.Dataset):
    """Images in a given order, each augmented when it is asked for."""

    def __init__(self, images: Images, order: np.ndarray, seed: int) -> None:
        self.images, self.order, self.seed = images, order, seed

    def __len__(self) -> int:
        return len(self.order)

    def __getitem__(self, index: int) -> tuple[torch.Tensor, int]:
        place = self.order[index]
        rng = np.random.default_rng([self.seed, index])
        image = augment_one(self.images.train[place], rng)
        return torch.from_numpy(image.copy()), int(self.images.train_labels[place])


def seconds(call: Callable[[], object], device: torch.device) -> float:
    """How long a call takes, the device's work included."""
    if device.type == "cuda":
        torch.cuda.synchronize()
    began = time.perf_counter()
    call()
    if device.type == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter() - began
