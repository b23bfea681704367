"""Publish typed arrays, such as the weights of a net that runs in a page."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from safetensors.numpy import save

from introdl.show._file import file

#: What a browser reads without a conversion.
TYPES = ("float32", "float16", "uint8", "int32")


def arrays(name: str, **named: ArrayLike) -> None:
    """Publish arrays as `name.safetensors`, for what the page lets its reader move.

    A statement.

    Args:
        name: The file's name without its ending.
        **named: Arrays of float32, float16, uint8 or int32, each by its name.

    Raises:
        ValueError: If there is none, one has another type or a value that is not finite, or all
            take more than 1 MB.

    Examples:
        >>> arrays("net", W=np.zeros((2, 3), np.float32), b=np.zeros(2, np.float32))
    """
    if not named:
        raise ValueError(f"arrays({name!r}): no array is given; pass each by its name: W=W")
    checked = {}
    for key, given in named.items():
        array = np.asarray(given)
        if array.dtype.name not in TYPES:
            near = "np.float32" if np.issubdtype(array.dtype, np.floating) else "np.int32"
            message = f"{key} is {array.dtype}, a page reads {', '.join(TYPES)}"
            raise ValueError(f"arrays({name!r}): {message}; convert it: {key}.astype({near})")
        if not np.isfinite(array).all():
            raise ValueError(f"arrays({name!r}): {key} has a value that is not finite")
        checked[key] = np.ascontiguousarray(array).reshape(array.shape)
    try:
        file(f"{name}.safetensors", save(checked), "application/octet-stream")
    except ValueError as error:
        raise ValueError(f"arrays(): {error}") from None
