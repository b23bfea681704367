"""Automatic differentiation: each operation notes what it was made of, and how slopes go back."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

#: What is operated on, and how a slope of the answer becomes one of it.
Way = tuple["Tensor", Callable[[np.ndarray], np.ndarray]]


class Tensor:
    """An array that knows what it was computed from.

    Source: Linnainmaa (1976), "Taylor expansion of the accumulated
    rounding error".

    Args:
        data: Numbers of any shape; they become float64.

    Attributes:
        data: The numbers.
        grad: The slope, by each of them, of what `backward` was called
            on. In what was not computed, calls add up: `zero_grad`.

    Examples:
        >>> a, b, c = Tensor(2), Tensor(-1), Tensor(4)
        >>> e = (a * b + c) ** 2
        >>> e.backward()
        >>> float(e.data), float(a.grad), float(b.grad), float(c.grad)
        (4.0, -4.0, 8.0, 4.0)
    """

    __array_ufunc__ = None  # NumPy leaves array + tensor to the tensor

    def __init__(self, data: object, ways: Sequence[Way] = ()) -> None:
        array = np.asarray(data)
        if array.dtype.kind not in "biuf":
            got = f"{array.dtype} entries"
            raise TypeError(f"a Tensor holds real numbers, got {got}")
        self.data = array.astype(float)
        self.grad = np.zeros_like(self.data)
        self.ways = tuple(ways)

    shape = property(lambda self: self.data.shape)

    def __add__(self, other: object) -> Tensor:
        """Add; the slope of the sum goes to both as it is."""
        other = tensor(other)
        ways = [(self, lambda g: g), (other, lambda g: g)]
        return Tensor(self.data + other.data, ways)

    def __mul__(self, other: object) -> Tensor:
        """Multiply; each factor gets the slope times the other factor."""
        other = tensor(other)
        x, y = self.data, other.data
        ways = [(self, lambda g: g * y), (other, lambda g: g * x)]
        return Tensor(x * y, ways)

    def __matmul__(self, other: object) -> Tensor:
        """Multiply matrices, (..., N, D) and (..., D, H)."""
        other = tensor(other)
        if min(self.data.ndim, other.data.ndim) < 2:
            got = f"{self.shape} and {other.shape}"
            raise ValueError(f"@ wants two axes or more, got shapes {got}")
        x, y = self.data, other.data
        ways = [(self, lambda g: g @ y.mT), (other, lambda g: x.mT @ g)]
        return Tensor(x @ y, ways)

    def __pow__(self, n: float) -> Tensor:
        """Raise to the fixed power `n`."""
        if not isinstance(n, int | float | np.number):
            got = type(n).__name__
            raise TypeError(f"the power must be a number, got {got}")
        slope = n * self.data ** (n - 1) if n else np.zeros_like(self.data)
        return Tensor(self.data**n, [(self, lambda g: g * slope)])

    def exp(self) -> Tensor:
        """Take e to the power of each entry."""
        e = np.exp(self.data)
        return Tensor(e, [(self, lambda g: g * e)])

    def log(self) -> Tensor:
        """Take the natural logarithm of each entry."""
        return Tensor(np.log(self.data), [(self, lambda g: g / self.data)])

    def tanh(self) -> Tensor:
        """Squash each entry between -1 and 1."""
        t = np.tanh(self.data)
        return Tensor(t, [(self, lambda g: g * (1 - t**2))])

    def relu(self) -> Tensor:
        """Set what is negative to 0; at 0 the slope is taken to be 0."""
        on = self.data > 0
        return Tensor(self.data.clip(0), [(self, lambda g: g * on)])

    def sum(self, axis: int | tuple[int, ...] | None = None) -> Tensor:
        """Add up all entries, or along `axis`, which keeps length 1."""
        total = self.data.sum(axis=axis, keepdims=axis is not None)
        ones = np.ones_like(self.data)
        return Tensor(total, [(self, lambda g: g * ones)])

    def mean(self) -> Tensor:
        """Take the mean of all entries."""
        return self.sum() * (1 / self.data.size)

    def __getitem__(self, index: object) -> Tensor:
        """Take entries; an entry that is taken twice gets both slopes."""

        def back(g: np.ndarray) -> np.ndarray:
            slope = np.zeros_like(self.data)
            np.add.at(slope, index, g)
            return slope

        return Tensor(self.data[index], [(self, back)])

    def __neg__(self) -> Tensor:
        """Change the sign."""
        return self * -1

    def __sub__(self, other: object) -> Tensor:
        """Subtract."""
        return self + -tensor(other)

    def __rsub__(self, other: object) -> Tensor:
        """Subtract from a number."""
        return -self + other

    def __truediv__(self, other: object) -> Tensor:
        """Divide."""
        return self * tensor(other) ** -1

    def __rtruediv__(self, other: object) -> Tensor:
        """Divide a number."""
        return tensor(other) * self**-1

    def __rmatmul__(self, other: object) -> Tensor:
        """Multiply an array by this."""
        return tensor(other) @ self

    __radd__, __rmul__ = __add__, __mul__

    def graph(self) -> list[Tensor]:
        """List all that went into this, before what it went into."""
        order, seen = [], set()
        waiting = [(self, False)]
        while waiting:
            node, ready = waiting.pop()
            if ready:
                order.append(node)
            elif id(node) not in seen:
                seen.add(id(node))
                waiting.append((node, True))
                waiting += [(parent, False) for parent, _ in node.ways]
        return order

    def backward(self) -> None:
        """Add to the `grad` of what went into this its slope by it.

        Raises:
            ValueError: If this is not one number.
        """
        if self.data.size != 1:
            got = f"got shape {self.shape}: sum it first"
            raise ValueError(f"backward starts at one number, {got}")
        order = self.graph()
        for node in order:
            if node.ways:
                node.grad = np.zeros_like(node.data)
        self.grad = self.grad + 1
        for node in reversed(order):
            for parent, back in node.ways:
                slope = summed_to(back(node.grad), parent.shape)
                parent.grad = parent.grad + slope

    def zero_grad(self) -> None:
        """Forget the slopes."""
        self.grad = np.zeros_like(self.data)


def tensor(value: object) -> Tensor:
    """Take a number or an array as a Tensor that nothing needs the slope of."""
    return value if isinstance(value, Tensor) else Tensor(value)


def summed_to(grad: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Give a number that was used in many places the sum of slopes.

    Args:
        grad: Slopes, of any shape that `shape` stretches to.
        shape: The shape before it was stretched.

    Examples:
        >>> summed_to(np.ones((3, 2)), (1, 2))
        array([[3., 3.]])
    """
    grad = grad.sum(axis=tuple(range(grad.ndim - len(shape))))
    once = tuple(i for i, n in enumerate(shape) if n == 1)
    return grad.sum(axis=once, keepdims=True)
