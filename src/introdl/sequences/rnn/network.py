"""A recurrent network by hand: each backward step undoes the forward step beside it.

The state after step t is `h_t = tanh(x_t U + h_{t-1} W + b)`: Elman (1990), "Finding structure in
time", Cognitive Science 14, 179-211. The gradient is backpropagation through time: Werbos (1990),
"Backpropagation through time: what it does and how to do it", Proc. IEEE 78, 1550-1560.
"""

import numpy as np
import torch

from introdl.arguments import takes


class Cell:
    """One layer that reads in one direction.

    Args:
        U: Weights of the input, (D, H), float64.
        W: Weights of the state before, (H, H).
        b: Biases, (H,).
    """

    def __init__(self, U: np.ndarray, W: np.ndarray, b: np.ndarray) -> None:
        self.U, self.W, self.b = U, W, b

    def forward(
        self,
        X: np.ndarray,
        h: np.ndarray,
        reads: np.ndarray,
    ) -> np.ndarray:
        """Read N sequences side by side, and keep every state.

        Args:
            X: Inputs, (T, N, D): step by step.
            h: States before the first step, (N, H).
            reads: Where there is something to read, (T, N) of Booleans; elsewhere the state stays.

        Returns:
            The states after each step, (T, N, H).
        """
        self.X, self.reads, states = X, reads[..., None], [h]
        for x, on in zip(X, self.reads, strict=True):
            h = np.where(on, np.tanh(x @ self.U + h @ self.W + self.b), h)
            states.append(h)
        self.states = np.array(states)  # (T + 1, N, H)
        return self.states[1:]

    def backward(self, dstates: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Go back through the steps, and add up the shares of each.

        The slopes of E for the weights are kept as `dU`, `dW` and `db`.

        Args:
            dstates: The slope of E for each state by itself, (T, N, H): what does not come through
                later states.

        Returns:
            dE/dX, (T, N, D), and the slope for the states before the first step, (N, H).
        """
        weights = self.U, self.W, self.b
        self.dU, self.dW, self.db = (np.zeros_like(p) for p in weights)
        dX, dh = np.zeros_like(self.X), np.zeros_like(self.states[0])
        for t in reversed(range(len(self.X))):
            dh = dh + dstates[t]
            slope = 1 - self.states[t + 1] ** 2  # of tanh
            dz = np.where(self.reads[t], dh * slope, 0)  # (N, H)
            self.dU += self.X[t].T @ dz
            self.dW += self.states[t].T @ dz
            self.db += dz.sum(axis=0)
            dX[t] = dz @ self.U.T
            dh = np.where(self.reads[t], dz @ self.W.T, dh)
        return dX, dh


class RNN:
    """Layers of cells, in one direction or both, as `torch.nn.RNN` has them.

    Args:
        sizes: D and H: how many inputs, and how many units each layer has in a direction.
        rng: Source of the weights, uniform in ±1/√H.
        layers: How many layers; each reads the outputs of the one below.
        both: Read backwards, too: a second cell in each layer, whose outputs stand behind.

    Examples:
        >>> net = RNN((3, 5), np.random.default_rng(0), both=True)
        >>> outputs, last = net.forward(np.zeros((7, 2, 3)))
        >>> outputs.shape, last.shape
        ((7, 2, 10), (2, 2, 5))
    """

    def __init__(
        self, sizes: tuple[int, int], rng: np.random.Generator, layers: int = 1, both: bool = False
    ) -> None:
        D, H = sizes
        self.H, self.ways = H, 2 if both else 1
        bound = H**-0.5
        self.cells = []
        for layer in range(layers):
            inputs = D if layer == 0 else H * self.ways
            for _ in range(self.ways):
                shapes = [(inputs, H), (H, H), (H,)]
                self.cells.append(Cell(*(rng.uniform(-bound, bound, shape) for shape in shapes)))

    def parameters(self) -> list[np.ndarray]:
        """Return the arrays themselves, `[U, W, b, ...]`, cell by cell."""
        return [p for cell in self.cells for p in (cell.U, cell.W, cell.b)]

    def forward(
        self, X: np.ndarray, start: np.ndarray | None = None, lengths: np.ndarray | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Read N sequences side by side.

        Args:
            X: Inputs, (T, N, D).
            start: States before the first step, (cells, N, H); zeros where not given.
            lengths: How many steps of each sequence count, (N,); all T where not given.

        Returns:
            Outputs of the last layer, (T, N, H) or (T, N, 2H), zero behind the end of a sequence;
            and each cell's state at the end of its reading, (cells, N, H).
        """
        T, N, _ = X.shape
        start = np.zeros((len(self.cells), N, self.H)) if start is None else start
        lengths = np.full(N, T) if lengths is None else lengths
        step = np.arange(T)[:, None]
        self.reads = step < lengths  # (T, N)
        # Place t of a sequence read backwards: its own end comes first, and what follows it stays.
        self.turned = np.where(self.reads, lengths - 1 - step, step)[..., None]  # (T, N, 1)
        last = []
        for layer in range(0, len(self.cells), self.ways):
            outputs = []
            for way, cell in enumerate(self.cells[layer : layer + self.ways]):
                states = cell.forward(self._turn(X) if way else X, start[layer + way], self.reads)
                last.append(states[-1])
                output = np.where(self.reads[..., None], states, 0)
                outputs.append(self._turn(output) if way else output)
            X = np.concatenate(outputs, axis=-1)
        return X, np.array(last)

    def backward(self, doutputs: np.ndarray, dlast: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Send the slopes of E back through all layers and steps; see `gradients`.

        Args:
            doutputs: dE/d(outputs), in the shape of `forward`'s outputs.
            dlast: dE/d(last states), (cells, N, H).

        Returns:
            dE/dX, (T, N, D), and the slope for `start`, (cells, N, H).
        """
        dstart = np.zeros_like(dlast)
        dX = doutputs
        for layer in reversed(range(0, len(self.cells), self.ways)):
            parts = np.split(dX, self.ways, axis=-1)
            dX = 0
            for way, part in enumerate(parts):
                i = layer + way
                part = np.where(self.reads[..., None], self._turn(part) if way else part, 0)
                part[-1] += dlast[i]  # the state stays behind the end, so its last is the end's
                dinput, dstart[i] = self.cells[i].backward(part)
                dX = dX + (self._turn(dinput) if way else dinput)
        return dX, dstart

    def gradients(self) -> list[np.ndarray]:
        """Return the gradients of the last `backward`, in the order of `parameters`."""
        return [g for cell in self.cells for g in (cell.dU, cell.dW, cell.db)]

    def _turn(self, X: np.ndarray) -> np.ndarray:
        """Reverse each sequence within its length; a second time undoes it."""
        return np.take_along_axis(X, self.turned, axis=0)


def torch_twin(net: RNN) -> torch.nn.RNN:
    """Build the same net in PyTorch, float64, with copies of its weights."""
    twin = torch.nn.RNN(
        net.cells[0].U.shape[0],
        net.H,
        num_layers=len(net.cells) // net.ways,
        bidirectional=net.ways == 2,
        dtype=torch.float64,
    )
    names = [(layer, way) for layer in range(twin.num_layers) for way in ("", "_reverse")]
    state = {}
    for cell, (layer, way) in zip(net.cells, names[:: 3 - net.ways], strict=True):
        state[f"weight_ih_l{layer}{way}"] = torch.from_numpy(cell.U.T)
        state[f"weight_hh_l{layer}{way}"] = torch.from_numpy(cell.W.T)
        state[f"bias_ih_l{layer}{way}"] = torch.from_numpy(cell.b)
        state[f"bias_hh_l{layer}{way}"] = torch.zeros(net.H, dtype=torch.float64)
    twin.load_state_dict(state)
    return twin


def from_torch(twin: torch.nn.RNN) -> RNN:
    """Copy the weights of a net of PyTorch, tanh, into ours: the reverse of `torch_twin`."""
    if twin.nonlinearity != "tanh":
        raise ValueError(f"from_torch(): nonlinearity is {twin.nonlinearity!r}, expected 'tanh'")
    sizes = twin.input_size, twin.hidden_size
    net = RNN(sizes, np.random.default_rng(0), twin.num_layers, twin.bidirectional)
    state = {name: p.detach().numpy().astype(float) for name, p in twin.named_parameters()}
    for name, cell in zip([n for n in state if n.startswith("weight_ih")], net.cells, strict=True):
        place = name.removeprefix("weight_ih")
        cell.U[:], cell.W[:] = state[name].T, state[f"weight_hh{place}"].T
        cell.b[:] = state[f"bias_ih{place}"] + state[f"bias_hh{place}"]
    return net


def _fit_reading(
    self: RNN, X: np.ndarray, start: np.ndarray | None, lengths: np.ndarray | None
) -> None:
    T, N, _ = X.shape
    expected = (len(self.cells), N, self.H)
    if start is not None and np.shape(start) != expected:
        raise ValueError(f"RNN.forward(): start has shape {np.shape(start)}, expected {expected}")
    if lengths is None:
        return
    whole = np.asarray(lengths).dtype.kind in "iu" and np.shape(lengths) == (N,)
    if not whole or not np.all((lengths >= 1) & (lengths <= T)):
        raise ValueError(f"RNN.forward(): lengths must be {N} whole numbers from 1 to T = {T}")


def _fit_slopes(self: RNN, doutputs: np.ndarray, dlast: np.ndarray) -> None:
    sizes = (*self.reads.shape, self.H * self.ways), (len(self.cells), len(self.reads[0]), self.H)
    for name, array, expected in zip(("doutputs", "dlast"), (doutputs, dlast), sizes, strict=True):
        if array.shape != expected:
            raise ValueError(f"RNN.backward(): {name} has shape {array.shape}, expected {expected}")


takes(Cell.__init__, {"U": "(D, H)", "W": "(H, H)", "b": "(H,)"})
takes(
    Cell.forward,
    {"self.U": "(D, H)", "X": "(T, N, D)", "h": "(N, H)", "reads": "(T, N) of Booleans"},
)
takes(Cell.backward, {"self.X": "(T, N, D)", "self.U": "(D, H)", "dstates": "(T, N, H)"})
takes(RNN.forward, {"X": "(T, N, D), not empty"}, also=_fit_reading)
takes(RNN.backward, {"doutputs": "(T, N, K)", "dlast": "(C, N, H)"}, also=_fit_slopes)
