"""Images to train on, synthetic or the reader's CIFAR-10, and their augmentation."""

from __future__ import annotations

import hashlib
import pickle
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

#: Keras shifted by up to a tenth of 32 pixels.
SHIFT = 3.2

#: The MD5 sums of the files of "CIFAR-10 python version".
CHECKSUMS = {
    "data_batch_1": "c99cafc152244af753f735de768cd75f",
    "data_batch_2": "d4bba439e000b95fd0a9bffe97cbabec",
    "data_batch_3": "54ebc095f3ab1f0389bbae665268c751",
    "data_batch_4": "634d18415352ddfa80567beed471001a",
    "data_batch_5": "482c414d41f54cd18b22e5b47cb7c3cb",
    "test_batch": "40351d587109b95175f43aff81a1287e",
}


class Images(NamedTuple):
    """Pixels (N, 3, 32, 32) uint8 and labels (N,) int64, for training and for validation."""

    train: np.ndarray
    train_labels: np.ndarray
    validation: np.ndarray
    validation_labels: np.ndarray


def synthetic(train: int = 50_000, validation: int = 10_000, seed: int = 0) -> Images:
    """Draw random pixels and labels in CIFAR-10's shapes: the time of a step ignores values.

    Examples:
        >>> synthetic(4, 2).train.shape
        (4, 3, 32, 32)
    """
    rng = np.random.default_rng(seed)
    parts: list[np.ndarray] = []
    for n in (train, validation):
        parts.append(rng.integers(0, 256, (n, 3, 32, 32), dtype=np.uint8))
        parts.append(rng.integers(0, 10, n))
    return Images(*parts)


def cifar10(folder: Path) -> Images:
    """Read the real CIFAR-10 from a folder with the six files of its Python version.

    Source: Krizhevsky (2009), *Learning Multiple Layers of Features from Tiny Images*.

    Raises:
        FileNotFoundError: If a file is missing.
        ValueError: If a file is not the published one.
    """
    pixels, labels = [], []
    for name, checksum in CHECKSUMS.items():
        path = folder / name
        if not path.is_file():
            raise FileNotFoundError(
                f"{path} is missing: name the folder with {', '.join(CHECKSUMS)}"
            )
        content = path.read_bytes()
        # A pickle can run code, so only the published bytes are unpickled.
        if hashlib.md5(content, usedforsecurity=False).hexdigest() != checksum:
            raise ValueError(f"{path} is not the published file: its MD5 sum differs")
        batch = pickle.loads(content, encoding="bytes")
        pixels.append(np.asarray(batch[b"data"], dtype=np.uint8).reshape(-1, 3, 32, 32))
        labels.append(np.asarray(batch[b"labels"], dtype=np.int64))
    return Images(np.concatenate(pixels[:5]), np.concatenate(labels[:5]), pixels[5], labels[5])


def augment_one(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Flip one image (3, 32, 32) with probability ½ and shift it, as Keras did, in Python.

    Shifts are uniform in ±3.2 pixels on each axis, rounded to a whole pixel; what comes in at an
    edge repeats the edge.

    Raises:
        ValueError: If the image has another shape.
    """
    if image.shape != (3, 32, 32):
        raise ValueError(f"augment_one(): image has shape {image.shape}, expected (3, 32, 32)")
    flip, (down, right) = rng.random() < 0.5, np.rint(rng.uniform(-SHIFT, SHIFT, 2)).astype(int)
    rows = np.clip(np.arange(32) - down, 0, 31)
    columns = np.clip(np.arange(32) - right, 0, 31)
    shifted = image[:, rows][:, :, columns]
    return shifted[:, :, ::-1] if flip else shifted


def augment(
    images: torch.Tensor,
    flip: torch.Tensor,
    down: torch.Tensor,
    right: torch.Tensor,
) -> torch.Tensor:
    """Augment a batch (N, 3, 32, 32) in one gather, on its device.

    Args:
        images: Pixels.
        flip: Which images to flip, (N,) bool.
        down: Pixels to shift each image down, (N,) int64.
        right: Pixels to shift each image to the right, (N,) int64.
    """
    n, channels = images.shape[:2]
    place = torch.arange(32, device=images.device)
    rows = (place - down[:, None]).clamp(0, 31)  # (N, 32)
    columns = (place - right[:, None]).clamp(0, 31)
    columns = torch.where(flip[:, None], columns.flip(1), columns)
    pixel = (rows[:, :, None] * 32 + columns[:, None, :]).view(n, 1, 1024)
    flat = images.reshape(n, channels, 1024)
    moved = flat.gather(2, pixel.expand(-1, channels, -1))
    return moved.view(n, channels, 32, 32)


def random_augment(images: torch.Tensor) -> torch.Tensor:
    """Augment with the device's own random numbers."""
    n, device = len(images), images.device
    flip = torch.rand(n, device=device) < 0.5
    down, right = (
        torch.empty(n, device=device).uniform_(-SHIFT, SHIFT).round().long() for _ in range(2)
    )
    return augment(images, flip, down, right)
